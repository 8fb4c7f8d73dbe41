/** Cookies towards BIND, Knot and nsd, which are told to give them, or to insist on them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { type Running, isInstalled, start, stop, until } from "../../bench/processes.ts";
import { Mesh } from "../../src/recursor/mesh.ts";
import { newMemory } from "../../src/recursor/memory.ts";
import type { TraceStep } from "../../src/recursor/options.ts";
import type { Outcome } from "../../src/recursor/outcome.ts";
import { Driver } from "../../src/upstream/driver.ts";
import { name } from "../small-world.ts";
import { freePort } from "../free-port.ts";

/** BIND serves no other loopback address than that of the interface. */
const IP = "127.0.0.1";
const ZONE = `$ORIGIN cookie.example.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A ${IP}
a A 192.0.2.1
b A 192.0.2.2
c A 192.0.2.3
`;

interface Peer {
  readonly program: string;
  /** It answers nobody without its own cookie. */
  readonly insists: boolean;
  configure(directory: string, port: number): string;
  command(file: string): readonly string[];
  /** Says whether what it has printed means that it serves. */
  isReady(said: string): boolean;
}

const knotOrBind = (program: string, insists: boolean): Peer =>
  program === "knotd"
    ? {
        program,
        insists,
        configure: (at, port) => `server:
  rundir: "${at}"
  listen: "${IP}@${port}"
database:
  storage: "${at}"
mod-cookies:
  - id: default
    badcookie-slip: 1
template:
  - id: default
    global-module: mod-cookies/default
zone:
  - domain: cookie.example
    file: "${at}/zone"
    zonefile-sync: -1
    journal-content: none
`,
        command: (file) => ["knotd", "-c", file],
        isReady: (said) => said.includes("server started") && said.includes("loaded"),
      }
    : {
        program,
        insists,
        configure: (at, port) => `options {
  directory "${at}";
  listen-on port ${port} { ${IP}; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  dnssec-validation no;
  require-server-cookie ${insists ? "yes" : "no"};
};
controls { };
zone "cookie.example" { type primary; file "${at}/zone"; };
`,
        command: (file) => ["named", "-g", "-n", "1", "-c", file],
        isReady: (said) => /running$/m.test(said),
      };

const nsd: Peer = {
  program: "nsd",
  insists: false,
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
  answer-cookie: yes
remote-control:
  control-enable: no
zone:
  name: "cookie.example"
  zonefile: "${at}/zone"
`,
  command: (file) => ["nsd", "-d", "-c", file],
  isReady: (said) => said.includes("nsd started"),
};

const PEERS: readonly Peer[] = [
  knotOrBind("named", false),
  knotOrBind("named", true),
  knotOrBind("knotd", true),
  nsd,
];

/** A recursor on the real network that has the zone as a stub zone. */
class Asker {
  readonly #driver = new Driver({ outgoing: [], listening: [] });
  readonly #memory = newMemory(
    {
      rrsets: { sizeBytes: 1 << 20, ttlMinS: 0, ttlMaxS: 60, negativeTtlMaxS: 60 },
      servers: 64,
      failures: 64,
      chains: 64,
    },
    this.#driver.random,
  );
  readonly #server: { readonly ip: Uint8Array; readonly port: number };
  readonly #mesh: Mesh;
  /** The transports of what was asked, and how each ended. */
  readonly asked: string[] = [];

  constructor(port: number) {
    this.#server = { ip: Uint8Array.from(IP.split("."), Number), port };
    const zone = { zone: name("cookie.example"), servers: [this.#server], recursive: false };
    const options = {
      rootHints: [],
      configuredZones: [zone],
      upstreamPort: 53,
      minimise: false,
      caseRandomisation: true,
      cookies: true,
      ipv4: true,
      ipv6: false,
      mayAskLoopback: true,
      fetchAhead: false,
      negativeTtlMaxS: 60,
      trace: (step: TraceStep) => {
        if (step.kind === "asked") this.asked.push(`${step.transport} ${step.result}`);
      },
    };
    this.#mesh = new Mesh(options, this.#driver, this.#memory);
  }

  async resolve(of: string): Promise<Outcome> {
    const question = { name: name(of), type: rrType.A, class: 1 };
    return await new Promise((done) => this.#mesh.request(question, done, true));
  }

  /** Bytes of the cookie that the server gets next. */
  get cookieBytes(): number | undefined {
    return this.#memory.servers.cookie(this.#server, this.#driver.nowMs())?.length;
  }

  close(): void {
    this.#mesh.close();
    this.#driver.close();
  }
}

for (const peer of PEERS) {
  const skip = isInstalled(peer.program) ? false : `${peer.program} is not installed`;
  const title = `${peer.program}${peer.insists ? ", which insists on its cookie" : ""}`;
  describe(title, { skip }, () => {
    test("gives a cookie, gets it back, and answers", async () => {
      const directory = mkdtempSync(join(tmpdir(), "lethe-cookies-"));
      const port = await freePort(IP);
      const file = join(directory, "conf");
      writeFileSync(join(directory, "zone"), ZONE);
      writeFileSync(file, peer.configure(directory, port));
      const running: Running = start(peer.program, 0, peer.command(file));
      const asker = new Asker(port);
      try {
        await until(running, () => peer.isReady(running.said()));
        assert.equal((await asker.resolve("c.cookie.example")).kind, "answered");
        const first = peer.insists ? ["udp renewed", "udp rcode 0"] : ["udp rcode 0"];
        assert.deepEqual(asker.asked.splice(0), first);
        for (const label of ["a", "b"]) {
          const outcome = await asker.resolve(`${label}.cookie.example`);
          assert.equal(outcome.kind, "answered", running.said());
        }
        assert.deepEqual(asker.asked, ["udp rcode 0", "udp rcode 0"]);
        assert.equal(asker.cookieBytes, 24);
      } finally {
        asker.close();
        await stop(running);
        rmSync(directory, { recursive: true });
      }
    });
  });
}
