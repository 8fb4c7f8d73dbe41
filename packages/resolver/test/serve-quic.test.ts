/** `lethe serve` over QUIC: what its end means for who waits. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import { flag } from "@lethe/wire/header.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { loadQuic } from "../src/transports/quic/native.ts";
import { type Asked, type LoopbackServer, listen } from "./loopback-server.ts";
import { NO_QUIC, QuicClient } from "./quic-client.ts";
import { plainQuery } from "./quic-messages.ts";
import { portOf, serve } from "./served.ts";
import { until } from "./until.ts";

const skip = loadQuic() === undefined || systemLibc() === undefined ? NO_QUIC : false;
const ASKED = Buffer.from(plainQuery("late.test", 0).subarray(12));
let authority: LoopbackServer | undefined;
after(() => authority?.close());

test("who waits over QUIC is answered before the server ends", { skip }, async () => {
  const heard: Asked[] = [];
  authority = await listen("127.0.0.1", (asked) => heard.push(asked));
  const servers = `servers=["127.0.0.1:${authority.address.port}"]`;
  const served = await serve([
    'listen.quic=["127.0.0.1:0"]',
    "resolve.workers=1",
    'resolve.outgoing=["127.0.0.1"]',
    "resolve.loopback-servers=true",
    "resolve.case-randomisation=false",
    "resolve.validate=false",
    `resolve.forward=[{zone="test.",${servers}}]`,
  ]);
  const client = await QuicClient.connect(portOf(served, "DNS over QUIC"), "doq");
  const question = plainQuery("late.test", 0);
  const length = Buffer.of(0, question.length);
  const asking = client.exchange(Buffer.concat([length, question]), true);
  await until(() => heard.length > 0);
  const ended = once(served.child, "exit");
  served.child.kill("SIGTERM");
  setTimeout(() => {
    for (const { query, reply } of heard) reply(answerTo(query));
  }, 200);
  const end = await asking;
  assert.ok(end.kind === "answer", JSON.stringify(end));
  assert.ok(end.octets.includes(Buffer.of(192, 0, 2, 1)));
  await client.close();
  assert.deepEqual(await ended, [0, null]);
});

/** The question with one A record, 192.0.2.1. */
function answerTo(query: Uint8Array): Buffer {
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(flag.qr | flag.rd | flag.ra, 2);
  head.writeUInt16BE(1, 6);
  head.writeUInt16BE(0, 10);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
  return Buffer.concat([head, ASKED, record]);
}
