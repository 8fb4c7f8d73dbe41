/** The mesh: joining, circles, costs and bounds, in a small world. */
import { rrType } from "@lethe/wire/codes.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Server, SmallWorld, line, name, seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { Failed } from "../cache/failed.ts";
import { type Task, ask, join, race, sleep, verify } from "./effect.ts";
import type { Outcome } from "./outcome.ts";
import { writeQuery } from "./query.ts";
import type { Trail } from "./trail.ts";

const root: Server = (qname) => {
  if (qname === ".") {
    return { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] };
  }
  return { authority: ["com NS ns.com"], additional: ["ns.com A 10.0.0.2"] };
};

const com: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] });

/** Every name is delegated, without glue, to many names that are delegated the same way. */
const endless: Server = (qname, qtype, asked) => {
  if (qname === ".") return root(qname, qtype, asked);
  const labels = qname.split(".").filter((label) => label !== "");
  const zone = labels.at(-1)!;
  const authority = Array.from({ length: 10 }, (_, i) => `${zone} NS ns.${zone}${i}`);
  return { authority };
};

function wish(world: SmallWorld, qname: string): { outcomes: Outcome[] } {
  const outcomes: Outcome[] = [];
  world.mesh.request({ name: name(qname), type: rrType.A, class: 1 }, (outcome) =>
    outcomes.push(outcome),
  );
  return { outcomes };
}

test("equal questions share one task, whatever their letter case", () => {
  const world = new SmallWorld({ "10.0.0.1": root, "10.0.0.2": com });
  const first = wish(world, "www.com");
  const second = wish(world, "WWW.com");
  assert.equal(world.mesh.tasksRunning, 1);
  world.run();
  assert.equal(line(first.outcomes[0]!), "0 | www.com. 1 192.0.2.1");
  assert.deepEqual(first.outcomes, second.outcomes);
  assert.equal(world.asked.length, 3);
});

test("nobody is answered before their request has returned", () => {
  const world = new SmallWorld({ "10.0.0.1": root, "10.0.0.2": com });
  wish(world, "www.com");
  world.run();
  const cached = wish(world, "www.com");
  assert.equal(cached.outcomes.length, 0);
  world.run();
  assert.equal(cached.outcomes.length, 1);
});

test("a wish that was taken back is not answered, and the others are", () => {
  const world = new SmallWorld({ "10.0.0.1": root, "10.0.0.2": com });
  let answered = 0;
  const question = { name: name("www.com"), type: rrType.A, class: 1 };
  const cancel = world.mesh.request(question, () => {
    answered += 10;
  });
  world.mesh.request(question, () => {
    answered++;
  });
  cancel();
  world.run();
  assert.equal(answered, 1);
});

test("all who wait for a task are answered, though each takes its wish back when it is", () => {
  const world = new SmallWorld({ "10.0.0.1": root, "10.0.0.2": com });
  const question = { name: name("www.com"), type: rrType.A, class: 1 };
  let answered = 0;
  for (let i = 0; i < 3; i++) {
    const cancel = world.mesh.request(question, () => {
      answered++;
      cancel();
    });
  }
  world.run();
  assert.equal(answered, 3);
});

test("no question costs more than asksPerClientQuestionMax, in depth taskDepthMax at most", () => {
  const world = new SmallWorld({ "10.0.0.1": endless });
  const outcome = world.resolve("www.a");
  assert.equal(outcome.kind, "failed");
  assert.ok(world.asked.length <= limits.asksPerClientQuestionMax.value + 1);
  const depths = world.steps.flatMap((step) => (step.kind === "start" ? [step.depth] : []));
  assert.ok(Math.max(...depths) <= limits.taskDepthMax.value);
  assert.equal(world.mesh.tasksRunning, 0);
});

test("a task ends at asksPerTaskMax even where ever new clients join it", () => {
  const world = new SmallWorld({ "10.0.0.1": () => undefined }, {});
  const outcomes: Outcome[] = [];
  const question = { name: name("www.a"), type: rrType.A, class: 1 };
  for (let i = 0; i < 50; i++) {
    world.mesh.request(question, (outcome) => outcomes.push(outcome));
    world.run(i * 500);
  }
  world.run();
  assert.equal(outcomes.length, 50);
  assert.equal(world.mesh.tasksRunning, 0);
});

test("a task ends at taskTimeMs for all who wait for it", () => {
  const world = new SmallWorld({ "10.0.0.1": () => undefined });
  const asker = wish(world, "www.a");
  world.run(limits.taskTimeMs.value + limits.taskTimeMs.value / 2);
  assert.equal(asker.outcomes.length, 1);
  assert.equal(asker.outcomes[0]!.kind, "failed");
});

test("a task ends at taskTimeMs though what it waits for began later", () => {
  const timeMs = limits.taskTimeMs.value;
  function* program(trail: Trail): Task<Outcome> {
    yield* sleep(timeMs - 10);
    if (trail.depth > 0) return { kind: "failed", why: "cycle", errors: [], ttlS: 0 };
    return yield* join({ name: name("b"), type: rrType.A, class: 1 });
  }
  const world = new SmallWorld({}, {}, { program });
  const asker = wish(world, "www.a");
  world.run(timeMs - 1);
  assert.equal(asker.outcomes.length, 0);
  world.run(timeMs);
  assert.equal(line(asker.outcomes[0]!), "time-out");
  assert.equal(world.mesh.tasksRunning, 0);
});

test("one task has waitersPerTaskMax clients; the next is told that we are too busy", () => {
  const world = new SmallWorld({ "10.0.0.1": root, "10.0.0.2": com });
  const max = limits.waitersPerTaskMax.value;
  const askers = Array.from({ length: max + 1 }, () => wish(world, "www.com"));
  world.run();
  assert.equal(line(askers[max - 1]!.outcomes[0]!), "0 | www.com. 1 192.0.2.1");
  assert.equal(line(askers[max]!.outcomes[0]!), "too-busy");
});

test("tasksMax questions run at once; the next is told that we are too busy", () => {
  const world = new SmallWorld({});
  for (let i = 0; i < limits.tasksMax.value; i++) wish(world, `n${i}.a`);
  assert.equal(world.mesh.tasksRunning, limits.tasksMax.value);
  const late = wish(world, "late.a");
  world.mesh.close();
  assert.equal(world.mesh.tasksRunning, 0);
  assert.equal(late.outcomes.length, 0);
});

test("a client whose share is spent fails alone, and those who came later go on", () => {
  const max = limits.asksPerClientQuestionMax.value;
  const question = { name: name("www.a"), type: rrType.A, class: 1 };
  const server = { ip: Uint8Array.of(10, 0, 0, 1), port: 53 };
  const query = writeQuery(
    question,
    { edns: true, randomCase: false, recursionDesired: false },
    seeded(1),
  );
  function* program(): Task<Outcome> {
    for (let i = 0; i < max + 10; i++) {
      yield* ask({ server, transport: "udp", query, timeoutMs: 10 });
    }
    return { kind: "failed", why: "servers-fail", errors: [], ttlS: 5 };
  }
  const world = new SmallWorld({}, {}, { program });
  const first = wish(world, "www.a");
  world.run(500);
  const second = wish(world, "www.a");
  world.run();
  assert.equal(line(first.outcomes[0]!), "budget-spent");
  assert.equal(line(second.outcomes[0]!), "servers-fail");
  assert.equal(world.asked.length, max + 10);
});

test("a spent share is not remembered as a failure of the question", () => {
  const world = new SmallWorld({ "10.0.0.1": endless });
  assert.equal(world.resolve("www.a").kind, "failed");
  const question = { name: name("www.a"), type: rrType.A, class: 1 };
  const kept = world.memory.failures.find(question, world.nowMs());
  assert.notEqual(kept?.why, "budget-spent");
});

const EFFECTS: [title: string, program: () => Task<Outcome>, endsAtMs: number, line: string][] = [
  [
    "a sleeping task wakes in time",
    function* program() {
      yield* sleep(700);
      return failed("servers-fail");
    },
    700,
    "servers-fail",
  ],
  [
    "the first of a race counts and the others are stopped",
    function* program() {
      const runners = [300, 200, 900].map((ms) => ({ kind: "sleep", ms }) as const);
      const { index } = yield* race(runners);
      return failed(index === 1 ? "servers-fail" : "cycle");
    },
    200,
    "servers-fail",
  ],
  [
    "without a verifier no signature is good",
    function* program() {
      const isGood = yield* verify(checkOf(new Uint8Array(1)));
      return failed(isGood ? "cycle" : "servers-fail");
    },
    0,
    "servers-fail",
  ],
];

for (const [title, program, endsAtMs, expected] of EFFECTS) {
  test(title, () => {
    const world = new SmallWorld({}, {}, { program });
    assert.equal(line(world.resolve("www.a")), expected);
    assert.equal(world.nowMs(), endsAtMs);
  });
}

function checkOf(bytes: Uint8Array): Parameters<typeof verify>[0] {
  return { algorithm: 8, key: bytes, signed: bytes, signature: bytes, isSuspect: false };
}

function failed(why: Failed["why"]): Failed {
  return { kind: "failed", why, errors: [], ttlS: 0 };
}

test("a verifier says whether a signature is good", () => {
  function* program(): Task<Outcome> {
    const isGood = yield* verify(checkOf(new Uint8Array(1)));
    return failed(isGood ? "servers-fail" : "cycle");
  }
  const world: SmallWorld = new SmallWorld(
    {},
    {},
    { program, verifier: { verify: (_effect, done) => world.after(5, () => done(true)) } },
  );
  assert.equal(line(world.resolve("www.a")), "servers-fail");
});
