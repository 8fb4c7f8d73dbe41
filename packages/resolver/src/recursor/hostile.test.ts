/** Hostile replies: whatever a server sends, every asker is answered once and nothing throws. */
import { rrType } from "@lethe/wire/codes.ts";
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Said, type Server, SmallWorld } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";

const NAMES = [".", "a", "b.a", "c.b.a", "www.c.b.a", "x", "ns.a", "ns.x", "b.x"];
const owner = fc.constantFrom(...NAMES);

const record = fc.oneof(
  fc.tuple(owner, owner).map(([name, to]) => `${name} NS ${to}`),
  fc.tuple(owner, owner).map(([name, to]) => `${name} CNAME ${to}`),
  fc.tuple(owner, owner).map(([name, to]) => `${name} DNAME ${to}`),
  owner.map((name) => `${name} SOA 60`),
  fc.tuple(owner, fc.integer({ min: 1, max: 3 })).map(([name, i]) => `${name} A 10.0.0.${i}`),
);

const said: fc.Arbitrary<Said> = fc.record({
  rcode: fc.constantFrom(0, 0, 0, 0, 3, 2, 5, 6),
  aa: fc.boolean(),
  ra: fc.boolean(),
  tc: fc.constantFrom(false, false, false, true),
  answer: fc.array(record, { maxLength: 3 }),
  authority: fc.array(record, { maxLength: 3 }),
  additional: fc.array(record, { maxLength: 3 }),
});

/** A reply, silence, an error of the network, or bytes that are no message. */
const reaction = fc.oneof(
  { weight: 12, arbitrary: said },
  { weight: 1, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant({ kind: "unreachable" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "case-mismatch", rttMs: 3 } as const) },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ maxLength: 60 })
      .map((message) => ({ kind: "reply", message, rttMs: 3 }) as const),
  },
);

test("whatever servers say, a question is answered once, in time, within its budget", () => {
  fc.assert(
    fc.property(
      fc.array(reaction, { minLength: 1, maxLength: 30 }),
      fc.constantFrom(...NAMES),
      fc.boolean(),
      (reactions, qname, minimise) => {
        let next = 0;
        const server: Server = () => reactions[next++ % reactions.length];
        const servers = { "10.0.0.1": server, "10.0.0.2": server, "10.0.0.3": server };
        const world = new SmallWorld(servers, { minimise });
        world.resolve(qname, rrType.A);
        assert.equal(world.mesh.tasksRunning, 0);
        assert.ok(world.asked.length <= limits.asksPerClientQuestionMax.value);
        const slackMs = limits.timeoutMaxMs.value;
        assert.ok(world.nowMs() <= limits.taskTimeMs.value + slackMs, `${world.nowMs()} ms`);
      },
    ),
    { numRuns: 400 },
  );
});
