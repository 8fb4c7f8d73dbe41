/** The sandbox on real loopback sockets, at ports that are free. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { after, before, describe, test } from "node:test";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, readMessage } from "@lethe/wire/message.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { ipFromText } from "../src/base/address.ts";
import { askServer, writeClientQuery } from "../src/cli/dns-client.ts";
import type { QueryPlan } from "../src/cli/query-arguments.ts";
import { SystemRandom } from "../src/system/random.ts";
import { type Sandbox, startSandbox } from "./sandbox-server.ts";
import { startSandboxThread } from "./sandbox-thread.ts";

let sandbox: Sandbox;

before(async () => {
  const started = await startSandbox({ port: 0 });
  assert.ok(started.kind === "sandbox", "line" in started ? started.line : "");
  sandbox = started;
});

after(() => sandbox.stop());

async function ask(
  port: number,
  ip: string,
  name: string,
  type: number,
  transport: QueryPlan["transport"] = "any",
): Promise<{ readonly message: Message; readonly transport: string }> {
  const plan: QueryPlan = {
    place: { kind: "address", ip: ipFromText(ip)!, port },
    secure: undefined,
    name: nameFromText(name, ROOT)!,
    type,
    class: 1,
    transport,
    output: "text",
    dnssec: false,
    checkingDisabled: false,
    recursionDesired: false,
    nsid: false,
    bufferBytes: 1232,
    timeoutMs: 2000,
  };
  const asked = await askServer(plan, writeClientQuery(plan, new SystemRandom()));
  assert.ok(asked.kind === "reply", "the server replies");
  const message = readMessage(asked.message);
  assert.ok(message.kind === "message");
  return { message, transport: asked.transport };
}

describe("the sandbox", () => {
  test("refers from its root over UDP", async () => {
    const { message } = await ask(sandbox.port, "127.53.0.1", "com", rrType.NS);
    assert.equal(message.answer.length, 0);
    assert.equal(message.authority[0]!.type, rrType.NS);
    assert.equal(message.additional[0]!.type, rrType.A);
  });

  test("answers whole over TCP what it truncates over UDP", async () => {
    const cut = await ask(sandbox.port, "127.53.3.29", "many.big.lethe", rrType.A, "udp");
    assert.notEqual(cut.message.header.flags & flag.tc, 0);
    const whole = await ask(sandbox.port, "127.53.3.29", "many.big.lethe", rrType.A);
    assert.equal(whole.transport, "tcp");
    assert.equal(whole.message.answer.length, 120);
  });

  test("gives hints that name its root servers", () => {
    assert.equal(sandbox.rootHints.length, 3);
    assert.match(sandbox.hintsText, /^\. 3600000 NS a\.root-servers\.net\.$/m);
  });

  test("says which address is taken, in one line", async () => {
    const second = await startSandbox({ port: sandbox.port });
    assert.ok(second.kind === "sandbox-problem");
    assert.match(second.line, /^127\.53\.0\.1:\d+: already in use/);
  });

  test("runs in a thread of its own, and frees its port when it stops", async () => {
    const threaded = await startSandboxThread({ port: 0 });
    assert.ok(threaded.kind === "sandbox");
    const { message } = await ask(threaded.port, "127.53.2.2", "no.plain.lethe", rrType.A);
    assert.equal(message.header.rcode, rcode.NXDOMAIN);
    await threaded.stop();
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => {
      socket.bind(threaded.port, "127.53.0.1", () => resolve());
    });
    socket.close();
  });

  test("says in a thread too which address is taken", async () => {
    const second = await startSandboxThread({ port: sandbox.port });
    assert.ok(second.kind === "sandbox-problem");
  });
});
