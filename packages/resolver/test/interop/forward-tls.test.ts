/**
 * Zones forwarded over TLS and HTTPS to Unbound and Knot Resolver, end to end.
 *
 * The root that Lethe knows notes what it is asked, and a capture of the loopback interface, where
 * one may be made, holds every packet: no name below the zone is in either.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { rcodeToText } from "@lethe/wire/codes-text.ts";
import { optionCode } from "@lethe/wire/edns.ts";
import { type Message, fullRcode } from "@lethe/wire/message.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import { type Running, isInstalled, stop } from "../../bench/processes.ts";
import { askAt } from "../asking.ts";
import { certificateFile, keyPin, serverName } from "../certificates.ts";
import { freePort } from "../free-port.ts";
import { type LoopbackServer, listen } from "../loopback-server.ts";
import { type Served, serve } from "../served.ts";
import { type TlsProgramName, startTlsProgram, tlsPrograms } from "./tls-programs.ts";

const ZONE = "corp.test";
const ADDRESS = "192.0.2.80";
/** A label that stands in the names of this test and in nothing else. */
const LABEL = "hushhushhush";

/** RCODE, addresses and Extended DNS Errors, in text. */
function told(message: Message): string[] {
  const errors = (message.opt?.options ?? []).filter(({ code }) => {
    return code === optionCode.extendedError;
  });
  return [
    rcodeToText(fullRcode(message)),
    ...message.answer.map(({ type, rdata }) => rdataToText(type, rdata)),
    ...errors.map(({ data }) => `${data[1]} ${new TextDecoder().decode(data.subarray(2))}`),
  ];
}

/** Prints the ports of each packet on the loopback interface that holds a label. */
const CAPTURE = `
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
s.bind(("lo", 0))
print("ready", flush=True)
while True:
  p = s.recv(65535)
  if sys.argv[1].encode() not in p.lower(): continue
  n = (p[0] & 15) * 4
  print(int.from_bytes(p[n:n+2], "big"), int.from_bytes(p[n+2:n+4], "big"), flush=True)
`;

class Capture {
  readonly #child: ChildProcess;
  readonly ports: number[][] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Begins a capture; undefined where this process may not. */
  static async begin(): Promise<Capture | undefined> {
    const child = spawn("python3", ["-c", CAPTURE, LABEL], { stdio: ["ignore", "pipe", "ignore"] });
    const capture = new Capture(child);
    const lines = createInterface({ input: child.stdout });
    const isReady = await new Promise<boolean>((resolve) => {
      lines.on("line", (line) => {
        if (line === "ready") resolve(true);
        else capture.ports.push(line.split(" ").map(Number));
      });
      child.once("exit", () => resolve(false));
    });
    return isReady ? capture : undefined;
  }

  end(): void {
    this.#child.kill();
  }
}

for (const name of Object.keys(tlsPrograms) as TlsProgramName[]) {
  const { command } = tlsPrograms[name];
  const skip = isInstalled(command) ? false : `${command} is not installed`;
  describe(`a zone forwarded to ${name}`, { skip }, () => {
    const directory = mkdtempSync(join(tmpdir(), "lethe-tls-"));
    const rootAsked: string[] = [];
    const served: Served[] = [];
    let running: Running;
    let root: LoopbackServer;
    let capture: Capture | undefined;
    let tls = "";
    let https = "";

    before(async () => {
      root = await listen("127.0.0.1", ({ query, reply }) => {
        rootAsked.push(Buffer.from(query).toString("latin1").toLowerCase());
        const refusal = Uint8Array.from(query);
        refusal[2]! |= 0x80;
        refusal[3] = 5;
        reply(refusal);
      });
      const [tlsPort, httpsPort] = [await freePort("127.0.0.1"), await freePort("127.0.0.1")];
      const serving = { zone: ZONE, address: ADDRESS, tlsPort, httpsPort };
      running = await startTlsProgram(
        name,
        { ...serving, directory: join(directory, name) },
        "server",
      );
      tls = `tls://127.0.0.1:${tlsPort}`;
      https = `https://127.0.0.1:${httpsPort}/dns-query`;
      writeFileSync(join(directory, "root.hints"), ". 60 NS a.root.\na.root. 60 A 127.0.0.1\n");
      capture = await Capture.begin();
    });

    after(async () => {
      for (const { child } of served) child.kill("SIGTERM");
      capture?.end();
      await stop(running);
      await root.close();
      rmSync(directory, { recursive: true });
    });

    /** A Lethe that forwards the zone to a server. */
    const forwardingTo = async (
      server: string,
      more = "",
      roots = "authority",
    ): Promise<Served> => {
      const lethe = await serve([
        "resolve.workers=1",
        `resolve.root-hints=${join(directory, "root.hints")}`,
        `resolve.upstream-port=${root.address.port}`,
        "resolve.loopback-servers=true",
        "resolve.validate=false",
        `resolve.tls-roots=${certificateFile(roots as "authority")}`,
        `resolve.forward=[{ zone = "${ZONE}", servers = ["${server}"]${more} }]`,
      ]);
      served.push(lethe);
      return lethe;
    };

    const asked = async (lethe: Served, i: number): Promise<string[]> => {
      return told(await askAt(lethe.port, `${LABEL}${i}.${ZONE}`, "A"));
    };

    test("is answered over TLS, question after question", async () => {
      const lethe = await forwardingTo(`${tls}#${serverName}`);
      for (const i of [1, 2]) assert.deepEqual(await asked(lethe, i), ["NOERROR", ADDRESS]);
      const many = await Promise.all(Array.from({ length: 20 }, (_, i) => asked(lethe, 10 + i)));
      for (const one of many) assert.deepEqual(one, ["NOERROR", ADDRESS]);
    });

    test("is answered over HTTPS, question after question", async () => {
      const lethe = await forwardingTo(`${https}#${serverName}`);
      for (const i of [1, 2]) assert.deepEqual(await asked(lethe, i), ["NOERROR", ADDRESS]);
      const many = await Promise.all(Array.from({ length: 20 }, (_, i) => asked(lethe, 10 + i)));
      for (const one of many) assert.deepEqual(one, ["NOERROR", ADDRESS]);
    });

    test("is answered where its key is pinned, whoever signed it", async () => {
      const pins = `, tls-pins = ["${keyPin}"]`;
      const lethe = await forwardingTo(tls, pins, "stranger");
      assert.deepEqual(await asked(lethe, 1), ["NOERROR", ADDRESS]);
    });

    const strict: readonly (readonly [string, () => Promise<Served>, RegExp])[] = [
      [
        "over TLS to another name",
        () => forwardingTo(`${tls}#dns.other.example`),
        /^23 127\.0\.0\.1:\d+ its certificate is for another name$/,
      ],
      [
        "over HTTPS to another name",
        () => forwardingTo(`${https}#dns.other.example`),
        /^23 127\.0\.0\.1:\d+ its certificate is for another name$/,
      ],
      [
        "to one whom nobody trusted vouches for",
        () => forwardingTo(`${tls}#${serverName}`, "", "stranger"),
        /^23 127\.0\.0\.1:\d+ its certificate is of an authority that is not trusted$/,
      ],
      [
        "to one whose key is not the pinned one",
        () => forwardingTo(tls, `, tls-pins = ["${"A".repeat(43)}="]`),
        /^23 127\.0\.0\.1:\d+ its key is not one that is pinned$/,
      ],
    ];
    for (const [title, start, why] of strict) {
      test(`is not answered ${title}, and the client learns why`, async () => {
        const [code, ...errors] = await asked(await start(), 1);
        assert.equal(code, "SERVFAIL");
        assert.ok(
          errors.some((error) => why.test(error)),
          errors.join(", "),
        );
      });
    }

    test("leaves no name of it in plain, neither at the root nor on the wire", async (context) => {
      assert.ok(!rootAsked.some((query) => query.includes(LABEL)));
      if (capture === undefined) return context.skip("no packets may be captured here");
      const lethe = await forwardingTo(`${tls}#${serverName}`);
      const clients = new Set(served.map(({ port }) => port));
      await asked(lethe, 99);
      assert.ok(capture.ports.length > 0, "the capture holds what clients ask");
      const others = capture.ports.filter((ports) => !ports.some((one) => clients.has(one)));
      assert.deepEqual(others, []);
    });
  });
}
