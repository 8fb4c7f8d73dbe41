/** RebirthDay: many equal questions upstream at once, each a chance for a spoofed reply. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { optionCode } from "@lethe/wire/edns.ts";
import { SmallResolver, question, read } from "../small-resolver.ts";
import type { Server } from "../small-world.ts";
import { assertTold, asksTo, costOf, many, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const GOOD = "10.0.0.2";

test("clients with different subnets share one upstream question, which has no subnet", () => {
  const codes: number[] = [];
  const good: Server = (qname, _, { message }) => {
    for (const option of message.opt?.options ?? []) codes.push(option.code);
    return { aa: true, answer: [`${qname} A 192.0.2.1`] };
  };
  const small = new SmallResolver({ [ROOT]: refersTo({ "good.": GOOD }), [GOOD]: good });
  for (const [id] of many(500, String).entries()) {
    // FAMILY 1, 24 bits, scope 0, then three bytes of an address (RFC 7871 §6).
    const data = Uint8Array.of(0, 1, 24, 0, 198, 51, id & 255);
    const options = [{ code: optionCode.clientSubnet, data }];
    const asked = question({ name: "www.good.", id, udpSize: 1232, options });
    assert.equal(small.put(asked), "taken");
  }
  assertTold(
    "RebirthDay, 500 clients",
    costOf(small.world, () => {}),
  );
  assert.equal(asksTo(small.world, GOOD), 1);
  assert.equal(small.later.length, 500);
  assert.ok(small.later.every((answer) => read(answer).answer.length === 1));
  assert.ok(!codes.includes(optionCode.clientSubnet));
});

test("letter case does not split a question either", () => {
  const good: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] });
  const small = new SmallResolver({ [ROOT]: refersTo({ "good.": GOOD }), [GOOD]: good });
  for (const spelt of ["www.good.", "WWW.good.", "wWw.GooD.", "www.GOOD."]) {
    assert.equal(small.put(question({ name: spelt })), "taken");
  }
  small.world.run();
  assert.equal(asksTo(small.world, GOOD), 1);
});
