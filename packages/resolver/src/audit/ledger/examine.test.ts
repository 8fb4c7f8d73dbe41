/** What an examination finds: faults of the ledger, and deviations that it tells of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toUtf8 } from "@lethe/tlog/decimal.ts";
import { SOME_DIGEST, ledgerOnDisk } from "../../../test/ledger-parts.ts";
import { limits } from "../../base/limits.ts";
import { type BodyOf, examineEntries, whyNotSeen } from "./examine.ts";
import { timeOf } from "./leaf-fields.ts";
import { type Leaf, leafBytes } from "./leaf.ts";

const BEGIN_S = 1_795_537_802;
const HOUR_S = 3600;

function start(atS: number): Leaf {
  return {
    kind: "start",
    time: timeOf(atS),
    version: "0.1.0",
    source: { digest: SOME_DIGEST, files: 1 },
    packages: [],
    objects: [],
    arguments: [],
    settings: {},
    withheld: [],
    personal: null,
    afterStop: true,
  };
}
const beat = (atS: number): Leaf => ({ kind: "heartbeat", time: timeOf(atS), runningS: 0 });
const stop = (atS: number): Leaf => ({ kind: "stop", time: timeOf(atS), reason: "SIGTERM" });
const order = (atS: number): Leaf => ({
  kind: "legal-order",
  time: timeOf(atS),
  body: SOME_DIGEST,
});
const kept: BodyOf = () => "kept";

function findings(leaves: readonly Leaf[], bodyOf = kept, nowS?: number): string[] {
  const entries = leaves.map((leaf) => leafBytes(leaf)!);
  return examineEntries(entries, bodyOf, nowS).findings.map(
    ({ kind, index, what }) => `${kind} ${index ?? "-"}: ${what}`,
  );
}

test("finds nothing in a ledger of a server that ran and stopped, twice", () => {
  const day = Array.from({ length: 24 }, (_, i) => beat(BEGIN_S + (i + 1) * HOUR_S));
  const life = [start(BEGIN_S), ...day, stop(BEGIN_S + 25 * HOUR_S)];
  assert.deepEqual(
    findings([...life, start(BEGIN_S + 90 * HOUR_S), stop(BEGIN_S + 91 * HOUR_S)]),
    [],
  );
});

test("an hour without a word is a deviation beyond ledgerGapMaxS, not before", () => {
  const gap = limits.ledgerGapMaxS.value;
  assert.deepEqual(findings([start(BEGIN_S), beat(BEGIN_S + gap)]), []);
  assert.deepEqual(findings([start(BEGIN_S), beat(BEGIN_S + gap + 1)]), [
    `deviation 1: no entry for ${gap + 1} s before ${timeOf(BEGIN_S + gap + 1)}`,
  ]);
  assert.deepEqual(findings([start(BEGIN_S)], kept, BEGIN_S + gap), []);
  assert.deepEqual(findings([start(BEGIN_S)], kept, BEGIN_S + gap + 1), [
    `deviation -: no entry for ${gap + 1} s, and no stop was told: the head is stale`,
  ]);
  assert.deepEqual(findings([start(BEGIN_S), stop(BEGIN_S)], kept, BEGIN_S + 10 * gap), []);
});

test("a start without a stop, a time that runs backwards, an audit that deviated", () => {
  assert.deepEqual(findings([start(BEGIN_S), start(BEGIN_S + 9 * HOUR_S)]), [
    "deviation 1: the server started, and no stop was told before",
  ]);
  assert.deepEqual(findings([start(BEGIN_S), stop(BEGIN_S - 1)]), [
    "deviation 1: its time is earlier than that before",
  ]);
  const counts = { digest: SOME_DIGEST, held: 1, asserted: 0, notExamined: 0, body: null };
  const audit: Leaf = { kind: "evidence", time: timeOf(BEGIN_S), deviated: 2, ...counts };
  assert.deepEqual(findings([audit]), ["deviation 0: an audit found 2 deviated"]);
});

test("bodies that are missing or cannot be read; those that were withdrawn are in order", () => {
  const name = SOME_DIGEST.slice(0, 12);
  assert.deepEqual(
    findings([order(BEGIN_S)], () => "withdrawn"),
    [],
  );
  assert.deepEqual(
    findings([order(BEGIN_S)], () => "absent"),
    [`deviation 0: body ${name} is not there`],
  );
  assert.deepEqual(
    findings([order(BEGIN_S)], () => "unreadable"),
    [`fault 0: body ${name} cannot be read`],
  );
});

test("an entry that is no leaf is a fault; one of an unknown kind is counted", () => {
  const later = toUtf8(`{"kind":"later","time":"${timeOf(BEGIN_S)}"}`);
  const examined = examineEntries(
    [toUtf8("hello"), later, leafBytes(stop(BEGIN_S))!],
    kept,
    undefined,
  );
  assert.deepEqual(examined.findings, [
    { kind: "fault", index: 0, what: "it is no leaf: it is not canonical JSON" },
  ]);
  assert.equal(examined.unknown, 1);
  assert.deepEqual([...examined.kinds], [["stop", 1]]);
});

test("a checkpoint that was kept shows a fork, a stale head, another ledger", () => {
  const ledger = ledgerOnDisk(1).open();
  const forked = ledgerOnDisk(1).open();
  const other = ledgerOnDisk(1, "other.example/ledger").open();
  ledger.append(start(BEGIN_S));
  forked.append(start(BEGIN_S + 1));
  const compared = {
    origin: ledger.verifier.name,
    size: 1,
    rootOf: (size: number) => ledger.rootOf(size),
  };
  const early = ledger.checkpoint();
  assert.equal(whyNotSeen(early, compared), undefined);
  assert.equal(
    whyNotSeen(forked.checkpoint(), compared),
    "among the first 1 entries are others than were seen: the history forked",
  );
  assert.equal(
    whyNotSeen(other.checkpoint(), compared),
    "it is a checkpoint of other.example/ledger",
  );
  forked.append(stop(BEGIN_S + 2));
  assert.equal(
    whyNotSeen(forked.checkpoint(), compared),
    "it tells of 2 entries, and there are 1: the head is stale",
  );
  assert.match(whyNotSeen(toUtf8("hello"), compared)!, /^it is no checkpoint/);
});
