/** Popular answers are renewed before they expire, while nobody waits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SmallResolver, question, read } from "../../test/small-resolver.ts";
import { SandboxWorld } from "../../sim/sandbox-world.ts";
import { name as nameOf } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { AnswerCache, disablesChecking, variantOf } from "../cache/answer-cache.ts";
import { compose, noBounds } from "../recursor/compose.ts";
import { Refresher } from "./refresh.ts";

const TTL_MS = 300_000; // of every record in the small world

const answering = (qname: string): object => ({ aa: true, answer: [`${qname} A 192.0.2.1`] });

function prefetching(server: (qname: string) => object | undefined = answering): SmallResolver {
  return new SmallResolver({ "10.0.0.1": server }, {}, { prefetch: true });
}

/** How often the server was asked for a name; the small root is asked for itself each time. */
function asksFor(small: SmallResolver, name = "www.example."): number {
  return small.world.asked.filter((asked) => asked.includes(` ${name} `)).length;
}

/** The TTL of the answer at hand: none of these questions has anybody wait. */
function ttlNow(small: SmallResolver, name = "www.example"): number | undefined {
  const put = small.put(question({ name }));
  assert.ok(put instanceof Uint8Array, "the fast lane answers");
  return read(put).answer[0]?.ttl;
}

test("an answer that is asked for in the last tenth of its TTL is asked for anew, once", () => {
  const small = prefetching();
  small.answer({});
  const storedMs = small.world.nowMs();
  const asks = asksFor(small);
  small.world.run(storedMs + 0.9 * TTL_MS - 1000);
  assert.equal(ttlNow(small), 31);
  small.world.run(storedMs + 0.9 * TTL_MS - 999);
  assert.equal(asksFor(small), asks, "not before that");
  small.world.run(storedMs + 0.9 * TTL_MS);
  for (let i = 0; i < 5; i++) assert.equal(ttlNow(small), 30);
  small.world.run();
  assert.equal(asksFor(small), asks + 1);
  assert.equal(ttlNow(small), 300);
});

test("an answer that nobody asks for again is not renewed", () => {
  const small = prefetching();
  small.answer({});
  const asks = asksFor(small);
  small.world.run(small.world.nowMs() + 2 * TTL_MS);
  assert.equal(asksFor(small), asks);
});

test("without the setting nothing is renewed", () => {
  const small = new SmallResolver({ "10.0.0.1": answering });
  small.answer({});
  const asks = asksFor(small);
  small.world.run(small.world.nowMs() + 0.95 * TTL_MS);
  ttlNow(small);
  small.world.run();
  assert.equal(asksFor(small), asks);
});

test("what could not be had anew is answered to its end, and tried for again after a while", () => {
  let isBroken = false;
  const small = prefetching((qname) => (isBroken ? { rcode: 2 } : answering(qname)));
  small.answer({});
  const dueMs = small.world.nowMs() + 0.9 * TTL_MS;
  isBroken = true;
  small.world.run(dueMs);
  ttlNow(small);
  small.world.run(dueMs + 1000);
  const asks = asksFor(small);
  assert.equal(ttlNow(small), 29);
  small.world.run(dueMs + 2000);
  assert.equal(asksFor(small), asks, "not for failureFirstTtlS");
  isBroken = false;
  small.world.run(dueMs + 10_000);
  assert.equal(ttlNow(small), 20);
  small.world.run();
  assert.equal(ttlNow(small), 300);
});

test("what lasts is not asked for again with the alias that leads to it", () => {
  const small = prefetching((qname) => {
    if (qname === "www.example.") return { aa: true, answer: ["www.example CNAME web.example"] };
    return answering(qname);
  });
  small.answer({});
  small.answer({ name: "web.example" });
  const storedMs = small.world.nowMs();
  small.world.run(storedMs + 0.95 * TTL_MS);
  small.put(question({ name: "web.example" })); // asked for itself, it is renewed first
  small.world.run(storedMs + 0.96 * TTL_MS);
  const asks = asksFor(small, "web.example.");
  small.put(question({}));
  small.world.run(storedMs + 0.97 * TTL_MS);
  assert.equal(asksFor(small, "web.example."), asks);
  assert.equal(ttlNow(small), 298);
});

test("at most refreshesRunningMax are renewed at a time", () => {
  const max = limits.refreshesRunningMax.value;
  let isSilent = false;
  const small = prefetching((qname) => (isSilent ? undefined : answering(qname)));
  for (let i = 0; i < max + 3; i++) small.answer({ name: `n${i}.example` });
  isSilent = true;
  small.world.run(small.world.nowMs() + 0.92 * TTL_MS);
  for (let i = 0; i < max + 3; i++) small.put(question({ name: `n${i}.example` }));
  assert.equal(small.resolver.tasksRunning, max);
});

test("a renewed answer is judged as its askers want it: what is bogus is for those with CD", () => {
  const world = new SandboxWorld();
  const answers = new AnswerCache({ sizeBytes: 1 << 17 }, world.random);
  const refresher = new Refresher({
    answers,
    world,
    lane: () => ({
      isLocal: () => false,
      renew: (asked, variant, renewS, done) => {
        world.mesh.request(asked, done, disablesChecking(variant), renewS);
      },
      compose: (outcome, asked) => compose(outcome, asked, false, noBounds),
    }),
  });
  const isKept = (owner: string, checkingDisabled: boolean): boolean => {
    const asked = { name: nameOf(owner), type: 1, class: 1 };
    refresher.refresh(asked, variantOf(false, checkingDisabled, 0), 30);
    while (refresher.running > 0 && world.time.step());
    return answers.entriesOf(asked.name, world.nowMs()).length > 0;
  };
  assert.equal(isKept("www.bogus.lethe", false), false);
  assert.equal(isKept("www.bogus.lethe", true), true);
  assert.equal(isKept("www.good.lethe", false), true);
});
