/** A copy of the root from real servers by AXFR, and from a file: then no root server is needed. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { rcodeToText } from "@lethe/wire/codes-text.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { fullRcode } from "@lethe/wire/message.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { type Running, isInstalled, start, stop, until } from "../../bench/processes.ts";
import { sandboxRootZone } from "../../sim/sandbox-root.ts";
import { sandboxTrustAnchors } from "../../sim/sandbox-signing.ts";
import { zoneText } from "../../sim/signer-text.ts";
import { main } from "../served.ts";
import { name } from "../small-world.ts";
import { type TransferServer, transferServer } from "../transfer-server.ts";
import { freePort } from "../free-port.ts";
import { askAt } from "../asking.ts";

const IP = "127.0.0.1";
/** Nobody listens there. */
const NOBODY = "127.0.0.99";
const DELEGATIONS = 1400;

/** A root with as many delegations as the real one has. */
function delegations(): ResourceRecord[] {
  return Array.from({ length: DELEGATIONS }, (_, i) => {
    const zone = name(`tld${i}`);
    return ["a", "b", "c", "d"].flatMap((label, at): ResourceRecord[] => {
      const server = name(`${label}.nic.tld${i}`);
      const shared = { class: 1, ttl: 172_800 };
      const address = Uint8Array.of(192, 0, 2, at + 1);
      const glue = i % 3 === 0 ? [{ ...shared, name: server, type: rrType.A, rdata: address }] : [];
      return [{ ...shared, name: zone, type: rrType.NS, rdata: server }, ...glue];
    });
  }).flat();
}

const nowS = Math.floor(Date.now() / 1000);
const zone = sandboxRootZone({ nowS, more: delegations() });

interface Peer {
  readonly program: string;
  configure(directory: string, port: number): string;
  command(file: string): readonly string[];
  isReady(said: string): boolean;
}

const PEERS: readonly Peer[] = [
  {
    program: "named",
    configure: (at, port) => `options {
  directory "${at}";
  listen-on port ${port} { ${IP}; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  dnssec-validation no;
  allow-transfer { any; };
};
controls { };
zone "." { type primary; file "${at}/root.zone"; };
`,
    command: (file) => ["named", "-g", "-n", "1", "-c", file],
    isReady: (said) => /running$/m.test(said),
  },
  {
    program: "knotd",
    configure: (at, port) => `server:
  rundir: "${at}"
  listen: "${IP}@${port}"
database:
  storage: "${at}"
acl:
  - id: all
    address: 127.0.0.0/8
    action: transfer
zone:
  - domain: .
    file: "${at}/root.zone"
    zonefile-sync: -1
    journal-content: none
    acl: all
`,
    command: (file) => ["knotd", "-c", file],
    isReady: (said) => said.includes("server started") && said.includes("loaded"),
  },
  {
    program: "nsd",
    configure: (at, port) => `server:
  server-count: 1
  ip-address: ${IP}@${port}
  username: ""
  chroot: ""
  zonesdir: "${at}"
  database: ""
  pidfile: "${at}/nsd.pid"
  zonelistfile: "${at}/zone.list"
  xfrdfile: "${at}/xfrd.state"
  xfrdir: "${at}"
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "${at}/root.zone"
  provide-xfr: 127.0.0.0/8 NOKEY
`,
    command: (file) => ["nsd", "-d", "-c", file],
    isReady: (said) => said.includes("nsd started"),
  },
];

interface Served {
  readonly child: ChildProcess;
  readonly port: number;
  /** The first line about the root. */
  readonly news: string;
}

/** `lethe serve` whose only way to the root is a copy of it. */
async function serveWithout(directory: string, sources: readonly string[]): Promise<Served> {
  const sets = [
    'listen.dns=["127.0.0.1:0"]',
    "resolve.workers=2",
    "resolve.ipv6=false",
    "resolve.loopback-servers=true",
    `resolve.outgoing=["${IP}"]`,
    `resolve.root-hints="${directory}/hints"`,
    `resolve.trust-anchors="${directory}/anchors"`,
    `resolve.local-root=${JSON.stringify(sources)}`,
  ];
  const args = sets.flatMap((set) => ["--set", set]);
  const child = spawn(process.execPath, [main, "serve", ...args]);
  let port = 0;
  let news = "";
  for await (const line of createInterface({ input: child.stdout })) {
    port ||= Number(/:(\d+), UDP/.exec(line)?.[1] ?? 0);
    if (line.startsWith("root: ")) {
      news = line;
      if (port > 0) break;
    }
  }
  return { child, port, news };
}

/** Asks for names that only the root can deny, of both workers. */
async function isDenied(port: number): Promise<void> {
  for (let i = 0; i < 8; i++) {
    const message = await askAt(port, `nowhere${i}`, "A", "+dnssec");
    assert.equal(rcodeToText(fullRcode(message)), "NXDOMAIN");
    assert.ok((message.header.flags & flag.ad) !== 0, "the denial is proven");
  }
}

describe("a copy of the root", () => {
  const directory = mkdtempSync(join(tmpdir(), "lethe-root-"));
  const children: ChildProcess[] = [];
  const running: Running[] = [];
  let small: TransferServer;

  before(async () => {
    writeFileSync(join(directory, "root.zone"), zoneText(zone));
    writeFileSync(join(directory, "hints"), `. 60 NS a.root.\na.root. 60 A ${NOBODY}\n`);
    writeFileSync(join(directory, "anchors"), sandboxTrustAnchors());
    small = await transferServer(() => zone);
  });

  after(async () => {
    for (const child of children) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    for (const one of running) await stop(one);
    await small.close();
    rmSync(directory, { recursive: true });
  });

  async function serve(sources: readonly string[]): Promise<Served> {
    const served = await serveWithout(directory, sources);
    children.push(served.child);
    return served;
  }

  for (const peer of PEERS) {
    const skip = isInstalled(peer.program) ? false : `${peer.program} is not installed`;
    test(`comes from ${peer.program} by transfer`, { skip }, async () => {
      const port = await freePort(IP);
      const file = join(directory, `${peer.program}.conf`);
      writeFileSync(file, peer.configure(directory, port));
      const authority = start(peer.program, 0, peer.command(file));
      running.push(authority);
      await until(authority, () => peer.isReady(authority.said()));
      const { port: own, news } = await serve([`${IP}:${port}`]);
      assert.equal(news, `root: serial 1 from ${IP}:${port}`);
      await isDenied(own);
    });
  }

  test("comes from a file", async () => {
    const path = join(directory, "root.zone");
    const { port, news } = await serve([path]);
    assert.equal(news, `root: serial 1 from ${path}`);
    await isDenied(port);
  });

  test("is not there where it was changed on its way", async () => {
    const server = await transferServer(() => zone, {
      change: (records) => records.filter((record) => record.type !== rrType.A),
    });
    const source = `${IP}:${server.address.port}`;
    const { port, news } = await serve([source]);
    await server.close();
    assert.equal(news, `root: no copy from ${source}: its digest is another's`);
    assert.equal(rcodeToText(fullRcode(await askAt(port, "nowhere", "A", "+dnssec"))), "SERVFAIL");
  });
});
