/** The mesh: joining, circles, costs and bounds, in a small world. */
import { rrType } from "@lethe/wire/codes.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Server, SmallWorld, line, name } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { Outcome } from "./outcome.ts";

const root: Server = (qname) => {
  if (qname === ".") {
    return { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] };
  }
  return { authority: ["com NS ns.com"], additional: ["ns.com A 10.0.0.2"] };
};

const com: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] });

/** Every name is delegated, without glue, to many names that are delegated the same way. */
const endless: Server = (qname) => {
  if (qname === ".") return root(qname, rrType.NS, undefined as never);
  const labels = qname.split(".").filter((label) => label !== "");
  const zone = labels.at(-1)!;
  const authority = Array.from({ length: 10 }, (_, i) => `${zone} NS ns.${zone}${i}`);
  return { authority };
};

function ask(world: SmallWorld, qname: string): { outcomes: Outcome[] } {
  const outcomes: Outcome[] = [];
  world.mesh.request({ name: name(qname), type: rrType.A, class: 1 }, (outcome) =>
    outcomes.push(outcome),
  );
  return { outcomes };
}

test("equal questions share one task, whatever their letter case", () => {
  const world = new SmallWorld({ "10.0.0.1": root, "10.0.0.2": com });
  const first = ask(world, "www.com");
  const second = ask(world, "WWW.com");
  assert.equal(world.mesh.tasksRunning, 1);
  world.run();
  assert.equal(line(first.outcomes[0]!), "0 | www.com. 1 192.0.2.1");
  assert.deepEqual(first.outcomes, second.outcomes);
  assert.equal(world.asked.length, 3);
});

test("nobody is answered before their request has returned", () => {
  const world = new SmallWorld({ "10.0.0.1": root, "10.0.0.2": com });
  ask(world, "www.com");
  world.run();
  const cached = ask(world, "www.com");
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
  const asker = ask(world, "www.a");
  world.run(limits.taskTimeMs.value + limits.taskTimeMs.value / 2);
  assert.equal(asker.outcomes.length, 1);
  assert.equal(asker.outcomes[0]!.kind, "failed");
});

test("one task has waitersPerTaskMax clients; the next is told that we are too busy", () => {
  const world = new SmallWorld({ "10.0.0.1": root, "10.0.0.2": com });
  const max = limits.waitersPerTaskMax.value;
  const askers = Array.from({ length: max + 1 }, () => ask(world, "www.com"));
  world.run();
  assert.equal(line(askers[max - 1]!.outcomes[0]!), "0 | www.com. 1 192.0.2.1");
  assert.equal(line(askers[max]!.outcomes[0]!), "too-busy");
});

test("tasksMax questions run at once; the next is told that we are too busy", () => {
  const world = new SmallWorld({});
  for (let i = 0; i < limits.tasksMax.value; i++) ask(world, `n${i}.a`);
  assert.equal(world.mesh.tasksRunning, limits.tasksMax.value);
  const late = ask(world, "late.a");
  world.mesh.close();
  assert.equal(world.mesh.tasksRunning, 0);
  assert.equal(late.outcomes.length, 0);
});
