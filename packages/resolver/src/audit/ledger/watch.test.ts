/** What a running server writes down, in a time that the test makes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SOME_DIGEST, ledgerOnDisk } from "../../../test/ledger-parts.ts";
import { limits } from "../../base/limits.ts";
import type { Ledger } from "./ledger.ts";
import { readLeaf } from "./leaf.ts";
import { type Anchors, type Change, LedgerWatch } from "./watch.ts";

const HEARTBEAT_S = limits.ledgerHeartbeatS.value;
const facts = {
  version: "0.1.0",
  source: { digest: SOME_DIGEST, files: 1 },
  packages: [],
  objects: [],
  arguments: [],
  settings: { a: 1 },
  withheld: [],
  personal: null,
};
const before: Change = { settings: { a: 1 }, withheld: [], personal: null, changed: [] };
const after: Change = { settings: { a: 2 }, withheld: [], personal: null, changed: ["a"] };

interface World {
  readonly disk: ReturnType<typeof ledgerOnDisk>;
  readonly ledger: Ledger;
  readonly watch: LedgerWatch;
  readonly problems: string[];
  nowS: number;
  anchors: Anchors;
}

function world(disk = ledgerOnDisk(), nowS = 1_795_537_802): World {
  const ledger = disk.open();
  const problems: string[] = [];
  const anchors = [{ zone: ".", records: ["DS 1"] }];
  const made = { disk, ledger, problems, nowS, anchors };
  const watch = new LedgerWatch({
    ledger,
    nowS: () => made.nowS,
    anchors: () => made.anchors,
    onProblem: (line) => problems.push(line),
  });
  return Object.assign(made, { watch });
}

function kinds(ledger: Ledger): string[] {
  const entries = ledger.entries(0, ledger.head.size);
  assert.ok(Array.isArray(entries));
  return (entries as readonly Uint8Array[]).map((entry) => {
    const read = readLeaf(entry);
    return read.kind === "leaf" ? read.leaf.kind : read.kind;
  });
}

test("writes the start, what is trusted, a heartbeat after ledgerHeartbeatS, and the stop", () => {
  const one = world();
  assert.equal(one.watch.begin(facts), undefined);
  for (let s = 0; s < HEARTBEAT_S; s += limits.ledgerTickS.value) {
    one.watch.look();
    one.nowS += limits.ledgerTickS.value;
  }
  assert.deepEqual(kinds(one.ledger), ["start", "trust-anchors"]);
  one.watch.look();
  one.watch.look();
  assert.equal(one.watch.end("SIGTERM"), undefined);
  assert.deepEqual(kinds(one.ledger), ["start", "trust-anchors", "heartbeat", "stop"]);
  assert.equal(one.ledger.lastOf("start")!.afterStop, true);
  assert.equal(one.ledger.lastOf("heartbeat")!.runningS, HEARTBEAT_S);

  const two = world(one.disk, one.nowS);
  two.watch.begin(facts);
  assert.equal(two.ledger.lastOf("start")!.afterStop, true);
  const three = world(one.disk, one.nowS);
  three.watch.begin(facts);
  assert.equal(three.ledger.lastOf("start")!.afterStop, false, "the second told of no stop");
  const trusted = kinds(three.ledger).filter((kind) => kind === "trust-anchors");
  assert.equal(trusted.length, 1, "what did not change is not told again");
});

test("tells of a change of the trust anchors at the next look", () => {
  const one = world();
  one.watch.begin(facts);
  one.anchors = [{ zone: ".", records: ["DS 1", "DS 2"] }];
  one.watch.look();
  one.watch.look();
  assert.deepEqual(kinds(one.ledger), ["start", "trust-anchors", "trust-anchors"]);
  assert.deepEqual(one.ledger.lastOf("trust-anchors")!.anchors, one.anchors);
});

test("a full disk at the start is told; later it is tried again, and complained of once", () => {
  const full = world();
  full.disk.files.room = full.disk.files.used;
  assert.equal(full.watch.begin(facts), "ENOSPC");
  const one = world();
  one.watch.begin(facts);
  one.disk.files.room = one.disk.files.used;
  one.nowS += HEARTBEAT_S;
  for (let i = 0; i < 5; i++) one.watch.look();
  assert.equal(one.problems.length, 1);
  assert.match(one.problems[0]!, /ENOSPC/);
  one.disk.files.room = Number.POSITIVE_INFINITY;
  one.watch.look();
  one.watch.look();
  assert.deepEqual(kinds(one.ledger), ["start", "trust-anchors", "heartbeat"]);
  assert.equal(one.problems.length, 1);
});

test("a change that cannot be written takes no effect", () => {
  const one = world();
  one.watch.begin(facts);
  one.disk.files.room = one.disk.files.used;
  assert.equal(one.watch.change(after, before), "ENOSPC");
  one.disk.files.room = Number.POSITIVE_INFINITY;
  one.watch.look();
  assert.deepEqual(kinds(one.ledger), ["start", "trust-anchors"]);
  assert.equal(one.watch.change(after, before), undefined);
  assert.deepEqual(one.ledger.lastOf("configuration")!.settings, after.settings);
});

test("a change in doubt that turns out to be written is followed by what is in force", () => {
  let turnedUp = 0;
  for (let step = 0; step < 16; step++) {
    const one = world();
    one.watch.begin(facts);
    const { files } = one.disk;
    // The step is done and says that it failed, and from then on nothing works.
    files.faults.set(files.steps + step, "stored");
    for (let i = 1; i < 60; i++) files.faults.set(files.steps + step + i, "failed");
    const why = one.watch.change(after, before);
    files.faults.clear();
    one.watch.look();
    const last = one.ledger.lastOf("configuration");
    if (why === undefined) continue;
    if (last === undefined) assert.deepEqual(kinds(one.ledger), ["start", "trust-anchors"]);
    else {
      turnedUp++;
      assert.deepEqual(last.settings, before.settings);
    }
  }
  assert.ok(turnedUp > 0);
});
