/** Jiggle: malformed questions that come back as they were, so that two servers play tennis. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode } from "@lethe/wire/codes.ts";
import { HEADER_BYTES, flag } from "@lethe/wire/header.ts";
import { seeded } from "../small-world.ts";
import { SmallResolver, question } from "../small-resolver.ts";
import { assertTold, costOf } from "./attacked.ts";

const whole = question({ name: "www.example.", udpSize: 1232 });
/** A name of 256 bytes: four labels of 63. */
const longName = [...[1, 2, 3, 4].flatMap(() => [63, ...Array.from({ length: 63 }, () => 97)]), 0];

function withHeader(counts: readonly number[], ...body: readonly number[]): Uint8Array {
  return Uint8Array.of(0, 7, 1, 0, ...counts.flatMap((count) => [0, count]), ...body);
}

const malformed: readonly (readonly [string, Uint8Array])[] = [
  ["no question", withHeader([0, 0, 0, 0])],
  ["a name that is too long", withHeader([1, 0, 0, 0], ...longName, 0, 1, 0, 1)],
  ["a question that is cut off", whole.slice(0, 20)],
  ["a name that points to itself", withHeader([1, 0, 0, 0], 0xc0, 12, 0, 1, 0, 1)],
  ["a label of a kind that is none", withHeader([1, 0, 0, 0], 0x80, 1, 0, 0, 1, 0, 1)],
  ["two questions", withHeader([2, 0, 0, 0], 0, 0, 1, 0, 1, 0, 0, 1, 0, 1)],
  ["records that are missing", withHeader([1, 1, 1, 1], 0, 0, 1, 0, 1)],
  ["bytes behind the end", Uint8Array.of(...whole, 1, 2, 3)],
];

for (const [title, asked] of malformed) {
  test(`${title} gets a short error, not itself`, () => {
    const small = new SmallResolver({});
    let answer: Uint8Array | undefined;
    const cost = costOf(small.world, () => {
      answer = small.ask(asked);
    });
    assertTold("Jiggle", cost);
    assert.ok(answer !== undefined);
    assert.notDeepEqual(answer, asked);
    assert.ok((answer[2]! & (flag.qr >> 8)) !== 0);
    assert.equal(answer[3]! & 0xf, rcode.FORMERR);
    assert.ok(answer.length <= asked.length);
    // The answer sent back is not answered: there is no game.
    assert.equal(small.ask(answer), undefined);
    assert.equal(small.world.asked.length, 0);
  });
}

test("whatever is asked, no answer is the question, and none is answered again", () => {
  const small = new SmallResolver({});
  const random = seeded(7);
  for (let run = 0; run < 2000; run++) {
    const asked = whole.slice();
    for (let i = 0; i < 3; i++) asked[random.uint32() % asked.length] = random.uint32() & 0xff;
    const answer = small.ask(asked);
    if (answer === undefined) continue;
    assert.ok(answer.length >= HEADER_BYTES && (answer[2]! & 0x80) !== 0);
    assert.notDeepEqual(answer, asked);
    assert.equal(small.ask(answer), undefined);
  }
});
