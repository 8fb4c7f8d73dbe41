/** DNSBomb: forged questions gather at a slow server, and their answers burst upon one victim. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode } from "@lethe/wire/codes.ts";
import { fullRcode } from "@lethe/wire/message.ts";
import { limits } from "../../src/base/limits.ts";
import { SmallResolver, question, read } from "../small-resolver.ts";
import type { Server } from "../small-world.ts";
import { assertSaid, assertTold, asksTo, costOf, many, number, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const SLOW = "10.0.0.2";
const MAX = limits.waitingPerNetworkMax.value;
const VICTIM = [127, 0, 9, 1];

/** Never answers, so that all who ask gather until their time is over. */
const silent: Server = () => undefined;

test("waitingPerNetworkMax questions of one network wait, and no more", () => {
  const small = new SmallResolver({ [ROOT]: refersTo({ "evil.": SLOW }), [SLOW]: silent });
  let refused = 0;
  for (const [id] of many(MAX + 500, String).entries()) {
    const put = small.put(question({ name: `n${id % 40}.evil.`, id }), { ip: VICTIM });
    if (put === "taken") continue;
    assert.ok(put !== "dropped");
    assert.equal(fullRcode(read(put)), rcode.SERVFAIL);
    refused++;
  }
  assert.equal(refused, 500);
  assert.equal(small.resolver.clientsWaiting, MAX);
  // Others are served meanwhile, those who proved their address by a stream too.
  assert.equal(small.put(question({ name: "n1.evil." }), { ip: [127, 0, 8, 1] }), "taken");
  const stream = { ip: VICTIM, idleTimeoutS: 10 };
  assert.equal(small.put(question({ name: "n1.evil." }), stream), "taken");
  small.world.run();
  assert.equal(small.later.length, MAX + 2);
  assert.equal(small.resolver.clientsWaiting, 0);
});

test("what bursts is small, and each forged question has one answer", () => {
  const small = new SmallResolver({ [ROOT]: refersTo({ "evil.": SLOW }), [SLOW]: silent });
  const cost = costOf(small.world, () => {
    for (const [id] of many(MAX, String).entries()) {
      small.put(question({ name: "big.evil.", id, udpSize: 4096 }), { ip: VICTIM });
    }
  });
  assertTold("DNSBomb, 2,000 forged questions", cost);
  const bytes = small.later.reduce((sum, answer) => sum + (answer?.length ?? 0), 0);
  assert.equal(small.later.length, MAX);
  assertSaid(`a burst of ${number(bytes)} bytes`);
  assert.ok(bytes <= MAX * 128, `${bytes} bytes`);
});

test("no answer over UDP is longer than answerUdpBytesMax, whatever size is named", () => {
  const big: Server = (qname) => ({
    aa: true,
    answer: many(200, (index) => `${qname} A 192.0.2.${index}`),
  });
  const small = new SmallResolver({ [ROOT]: refersTo({ "evil.": SLOW }), [SLOW]: big });
  for (const [id] of many(200, String).entries()) {
    small.put(question({ name: "big.evil.", id, udpSize: 65_535 }), { ip: VICTIM });
  }
  small.world.run();
  const longest = Math.max(...small.later.map((answer) => answer?.length ?? 0));
  assert.ok(longest <= limits.answerUdpBytesMax.value, `${longest} bytes`);
  assert.equal(asksTo(small.world, SLOW), 1);
});
