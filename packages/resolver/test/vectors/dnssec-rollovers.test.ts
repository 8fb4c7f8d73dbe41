/**
 * Rollovers of trust anchors as Unbound's scenarios play them: the states and times of each key.
 *
 * Of a scenario only what concerns the keys is read: the anchor at its start, the DNSKEY sets
 * that the zone's servers give from step to step, the passing of time, and the expected states.
 * Signatures are RSASHA1 that the scenarios declare good unread; their dates count.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT, nameEqual } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import {
  type AnchorKey,
  type AnchorState,
  type TrustPoint,
  lookAtKeys,
  newTrustPoint,
  trustAt,
} from "../../src/dnssec/anchor-rollover.ts";
import type { Judging } from "../../src/dnssec/judging.ts";
import { type DnsKey, keyTag, parseKey } from "../../src/dnssec/key.ts";
import { WorkBudget } from "../../src/dnssec/work-budget.ts";
import { gatherSets } from "../../src/recursor/sets.ts";
import { vectorRecords } from "./dnssec-entries.ts";

const root = join(import.meta.dirname, "../../../..");
const material = process.env["LETHE_MATERIAL"] ?? join(root, "../shared/material");
const directory = join(material, "scenarios/unbound-autotrust");
const skip = existsSync(directory) ? false : "the scenarios are not beside this tree";

const STATES: readonly AnchorState[] = [
  "start",
  "add-pending",
  "valid",
  "missing",
  "revoked",
  "removed",
];

/** A key as a state file has it: its tag, its state and since when, in the file's own terms. */
interface Row {
  readonly key: DnsKey;
  readonly state: AnchorState;
  readonly since: string;
}

function rowsOf(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    const state = /;;state=(\d)/.exec(line);
    if (state === null) return [];
    const [record] = vectorRecords(line.replace(/;.*/, ""), ROOT);
    const since = /;;lastchange=(\S+)/.exec(line)![1]!;
    return [{ key: parseKey(record!.rdata)!, state: STATES[Number(state[1])]!, since }];
  });
}

/** Sums and products of numbers and `$name`, with `${}` as brackets of no further meaning. */
function evaluate(text: string, values: ReadonlyMap<string, number>): number {
  const plain = text.replace(/\$(\w+)/g, (_, name: string) => String(values.get(name)));
  const terms = plain.replace(/[${}\s]/g, "").match(/[+-]?[^+-]+/g) ?? [];
  return terms
    .map((term) => term.split("*").reduce((product, factor) => product * Number(factor), 1))
    .reduce((sum, term) => sum + term, 0);
}

/** The DNSKEY set that the servers give at a step. */
function keySetAt(scenario: string, step: number, zone: Name): RecordSet {
  for (const range of scenario.split(/^RANGE_BEGIN/m).slice(1)) {
    const [from, to] = range.trim().split(/\s+/).map(Number);
    if (step < from! || step > to!) continue;
    for (const entry of range.split(/^ENTRY_BEGIN/m)) {
      const answer = /IN\s+DNSKEY\s+SECTION ANSWER([^]*?)(^SECTION|^ENTRY_END)/m.exec(entry);
      if (answer === null) continue;
      const sets = gatherSets(vectorRecords(answer[1]!, ROOT));
      const found = sets.find((set) => set.type === rrType.DNSKEY && nameEqual(set.name, zone));
      if (found !== undefined) return found;
    }
  }
  return { name: zone, type: rrType.DNSKEY, class: 1, ttl: 0, rdatas: [], signatures: [] };
}

function accepted<T>(judging: Judging<T>): T {
  let step = judging.next();
  while (step.done !== true) step = judging.next(true);
  return step.value;
}

function startOf(scenario: string): TrustPoint {
  const file = /^AUTOTRUST_FILE.*\n([^]*?)^AUTOTRUST_END/m.exec(scenario)![1]!;
  const records = vectorRecords(file, ROOT).filter((one) => one.type === rrType.DNSKEY);
  const zone = records[0]!.name;
  const rows = rowsOf(file);
  const keys = records.map((record) => parseKey(record.rdata)!);
  const fresh = newTrustPoint(zone, { ds: [], keys }, 0);
  if (rows.length === 0) return fresh;
  return { ...fresh, unseen: { ds: [], keys: [] }, keys: rows.map((row) => followed(row)) };
}

function followed({ key, state, since }: Row): AnchorKey {
  return { key, state, changedS: Number(since), sightings: 0 };
}

function look(point: TrustPoint, scenario: string, step: number, nowS: number): TrustPoint {
  const terms = { nowS, trustsSha1: true, work: new WorkBudget() };
  return accepted(lookAtKeys(point, keySetAt(scenario, step, point.zone), terms));
}

/** A key's tag with the revoke bit where it is revoked, as state files have it. */
function shown({ key, state, changedS }: AnchorKey): string {
  const rdata = key.rdata.slice();
  if (state === "revoked") rdata[1]! |= 0x80;
  return `${keyTag(rdata)} ${state} ${changedS}`;
}

/** Plays a scenario and gives how many states were compared. */
function play(scenario: string): number {
  let point = startOf(scenario);
  const hadKeys = point.keys.length > 0;
  const values = new Map<string, number>();
  let nowS = 0;
  let compared = 0;
  for (const block of scenario.split(/^STEP /m).slice(1)) {
    const [, number, kind, rest = ""] = /^(\d+) (\S+) ?(.*)/.exec(block)!;
    const step = Number(number);
    if (kind === "TIME_PASSES") {
      const [, how, amount = ""] = /^(ELAPSE|EVAL) ([^;]*)/.exec(rest)!;
      nowS += how === "ELAPSE" ? Number(amount) : evaluate(amount, values);
      const isGone = trustAt(point).keys.length === 0;
      if (!isGone && nowS >= point.nextLookS) point = look(point, scenario, step + 1, nowS);
      values.set("time", nowS);
    } else if (kind === "ASSIGN") {
      const [, name, text = ""] = /^(\w+) = (.*)/.exec(rest)!;
      const range = /range (\d+) \S+ (\d+)/.exec(text);
      if (range !== null && trustAt(point).keys.length === 0) continue;
      if (range !== null) {
        const lookS = point.nextLookS - nowS;
        assert.ok(lookS >= Number(range[1]) && lookS <= Number(range[2]), `step ${step}: ${lookS}`);
        values.set(name!, lookS);
      } else values.set(name!, text.includes("time") ? nowS : evaluate(text, values));
    } else if (kind === "CHECK_AUTOTRUST") {
      const expected = rowsOf(block).map(
        (row) => `${keyTag(row.key.rdata)} ${row.state} ${evaluate(row.since, values)}`,
      );
      if (expected.length === 0 && !hadKeys) continue;
      assert.deepEqual(point.keys.map(shown).toSorted(), expected.toSorted(), `step ${step}`);
      compared += expected.length;
    }
  }
  return compared;
}

/** Nothing of a rollover is checked in these: what they are about is told. */
const NOTHING_TO_COMPARE = new Map([
  ["autotrust_init_failsig.rpl", "the anchor must stay as it was configured"],
  ["autotrust_revtp_read.rpl", "a revoked trust point is read back; asks only"],
]);

/** Scenarios of what Lethe does not do. */
const SKIPPED = new Map([
  ["autotrust_rollalgo.rpl", "the new key is a DSA key, which is not validated (RFC 8624 §3.1)"],
]);

/** Time does not pass by a step of its own in these. */
const STARTS_LATE = new Map([["autotrust_revtp_use.rpl", 1258962400 + 7200]]);

describe("rollovers of trust anchors", { skip }, () => {
  const files =
    skip === false ? readdirSync(directory).filter((file) => file.endsWith(".rpl")) : [];
  for (const file of files) {
    const about = NOTHING_TO_COMPARE.get(file);
    const why = SKIPPED.get(file) ?? false;
    test(about === undefined ? file : `${file}: ${about}`, { skip: why }, () => {
      const text = readFileSync(join(directory, file), "utf8");
      const startS = STARTS_LATE.get(file);
      const scenario =
        startS === undefined
          ? text
          : text.replace(/^STEP /m, `STEP 1 TIME_PASSES ELAPSE ${startS}\nSTEP `);
      const compared = play(scenario);
      assert.equal(compared > 0, about === undefined);
    });
  }
});
