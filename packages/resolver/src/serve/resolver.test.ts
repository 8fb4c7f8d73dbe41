/** Tests of the whole resolver: questions through the door, and what is kept of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode } from "@lethe/wire/codes.ts";
import { SmallResolver, question, read } from "../../test/small-resolver.ts";
import { ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";

const servers = {
  "10.0.0.1": (qname: string) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] }),
};

test("a question is resolved once, and answered from the cache afterwards", () => {
  const small = new SmallResolver(servers);
  const first = small.answer({ id: 7 });
  assert.equal(first.header.id, 7);
  assert.equal(first.header.rcode, rcode.NOERROR);
  assert.deepEqual(
    first.answer.map(({ rdata }) => ipToText(rdata)),
    ["192.0.2.1"],
  );
  const asks = small.world.asked.length;
  const put = small.put(question({ id: 8, name: "WWW.eXample" }));
  assert.ok(put instanceof Uint8Array);
  const second = read(put);
  assert.equal(second.header.id, 8);
  assert.equal(second.answer[0]!.ttl, 300);
  assert.equal(small.world.asked.length, asks);
});

test("TTLs run down, and the question is asked again when they have", () => {
  const small = new SmallResolver(servers);
  small.answer({});
  const storedMs = small.world.nowMs();
  small.world.run(storedMs + 100_500);
  assert.equal(small.answer({}).answer[0]!.ttl, 200);
  small.world.run(storedMs + 299_999);
  assert.equal(small.answer({}).answer[0]!.ttl, 1);
  const asks = small.world.asked.length;
  small.world.run(storedMs + 300_000);
  assert.equal(small.answer({}).answer[0]!.ttl, 300);
  assert.equal(small.world.asked.length > asks, true);
});

test("the numbers say which way each question went", () => {
  const small = new SmallResolver(servers);
  small.answer({});
  small.answer({});
  small.answer({ name: "localhost" });
  small.ask(question({ flags: 0x8000 }));
  const { counts, tasksRunning, clientsWaiting, asksTotal, answers } = small.resolver.stats;
  const { asked, fast, local, resolved, silent } = counts;
  assert.deepEqual([asked, fast, local, resolved, silent], [4, 1, 1, 1, 1]);
  assert.deepEqual([tasksRunning, clientsWaiting, answers.entries], [0, 0, 1]);
  assert.equal(asksTotal, small.world.asked.length);
});

test("each question of the slow lane forgets up to sweptPerQuestion expired answers", () => {
  const small = new SmallResolver(servers);
  const swept = limits.sweptPerQuestion.value;
  const kept = 2 * swept + 1;
  for (let i = 0; i < kept; i++) small.answer({ name: `n${i}.example` });
  small.world.run(small.world.nowMs() + 301_000);
  const left = [0, 1, 2].map(() => {
    small.answer({ name: "localhost" }); // keeps nothing itself
    return small.resolver.stats.answers.entries;
  });
  assert.deepEqual(left, [kept - swept, kept - 2 * swept, 0]);
});

test("each step of a resolution can be heard, and of what is known already none", () => {
  const small = new SmallResolver(servers);
  small.answer({});
  assert.deepEqual(new Set(small.world.steps.map(({ kind }) => kind)).has("asked"), true);
  const steps = small.world.steps.length;
  small.answer({});
  assert.equal(small.world.steps.length, steps);
});

for (const cacheBytes of [0, 1 << 17, 4 << 20]) {
  test(`a resolver with ${cacheBytes} bytes of memory works`, () => {
    assert.equal(new SmallResolver(servers, {}, { cacheBytes }).answer({}).answer.length, 1);
  });
}
