/** EDNS option floods: OPT records with thousands of options, from clients and from servers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setU16 } from "@lethe/wire/bytes.ts";
import { rcode } from "@lethe/wire/codes.ts";
import { wireLimits } from "@lethe/wire/limits.ts";
import { fullRcode } from "@lethe/wire/message.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { SmallResolver, question, read } from "../small-resolver.ts";
import type { Server } from "../small-world.ts";
import { assertTold, costOf, many, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const EVIL = "10.0.0.2";
const OPTIONS_MAX = wireLimits.ednsOptionsMax.value;
const root = refersTo({ "evil.": EVIL });

/** A plain question with so many empty options of unassigned codes. */
function flooded(options: number): Uint8Array {
  const bare = question({ name: "www.evil.", udpSize: 1232 });
  const bytes = new Uint8Array(bare.length + 4 * options);
  bytes.set(bare);
  setU16(bytes, bare.length - 2, 4 * options);
  for (let i = 0; i < options; i++) setU16(bytes, bare.length + 4 * i, 50_000 + i);
  return bytes;
}

const good: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] });
const stream = { idleTimeoutS: 10 };

for (const [options, code] of [
  [OPTIONS_MAX, rcode.NOERROR],
  [OPTIONS_MAX + 1, rcode.FORMERR],
  [15_000, rcode.FORMERR],
] as const) {
  test(`a question with ${options} options gets RCODE ${code}, and none of them back`, () => {
    const small = new SmallResolver({ [ROOT]: root, [EVIL]: good });
    let answer: Uint8Array | undefined;
    const cost = costOf(small.world, () => {
      answer = small.ask(flooded(options), stream);
    });
    if (code === rcode.FORMERR) assertTold("EDNS option flood, from a client", cost);
    assert.equal(fullRcode(read(answer)), code);
    assert.ok(answer!.length < 100, `${answer!.length} bytes`);
  });
}

test("a server that floods its replies with options is as one that sends junk", () => {
  const floods: Server = (_qname, _type, { message }) => {
    const bytes = new Uint8Array(65_535);
    const writer = new MessageWriter(bytes);
    writer.question(message.questions[0]!);
    const options = many(15_000, String).map((_, index) => ({
      code: 50_000 + (index & 1023),
      data: new Uint8Array(0),
    }));
    writer.opt({ udpSize: 1232, extendedRcode: 0, version: 0, dnssecOk: false, options });
    const size = writer.finish(message.header.id, 0x8400);
    return { kind: "reply", message: bytes.slice(0, size), rttMs: 10 };
  };
  const small = new SmallResolver({ [ROOT]: root, [EVIL]: floods });
  const cost = costOf(small.world, () => {
    assert.equal(fullRcode(small.answer({ name: "www.evil." })), rcode.SERVFAIL);
  });
  assertTold("EDNS option flood, from a server", cost);
  assert.ok(small.world.asked.length <= 8, `${small.world.asked.length} questions`);
});
