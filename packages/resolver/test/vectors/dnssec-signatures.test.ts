/** Signatures of each algorithm, as other programs made them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { algorithmRow } from "../../src/dnssec/algorithm.ts";
import { type ZoneKeys, judgeSet } from "../../src/dnssec/judge-set.ts";
import { judgeNow } from "../../src/dnssec/judging.ts";
import { isRevoked, parseKey } from "../../src/dnssec/key.ts";
import { WorkBudget } from "../../src/dnssec/work-budget.ts";
import { type VectorEntry, skip, vectorEntries, vectorFiles } from "./dnssec-entries.ts";

/**
 * Unbound wants a valid signature of each algorithm that the zone has, and calls these sets bogus.
 * One is enough (RFC 6840 §5.11): the first of the two has a good RSASHA256 signature beside a bad
 * RSASHA1 one, the second the other way round.
 */
const GOOD_BY_ONE = new Map([["test_sigs.sha1_and_256", [1, 2]]]);

function zoneKeysOf(entry: VectorEntry): ZoneKeys {
  const set = entry.answer.find((one) => one.type === rrType.DNSKEY)!;
  return { zone: set.name, keys: set.rdatas.map((rdata) => parseKey(rdata)!) };
}

function judge(set: RecordSet, keys: ZoneKeys): string {
  const terms = { nowS: undefined, trustsSha1: true, work: new WorkBudget() };
  return judgeNow(judgeSet(set, keys, terms)).kind;
}

function altered(set: RecordSet): RecordSet {
  const signatures = set.signatures.map((rdata) => {
    const copy = rdata.slice();
    copy[copy.length - 3]! ^= 0x10;
    return copy;
  });
  return { ...set, signatures };
}

describe("signatures of other programs", { skip }, () => {
  for (const file of [...vectorFiles("test_signatures."), ...vectorFiles("test_sigs.")]) {
    const [first, ...entries] = vectorEntries(file);
    const keys = zoneKeysOf(first!);
    const number = keys.keys[0]!.algorithm;
    const isKnown = algorithmRow(number).support !== "unsupported";
    test(`${file}: ${algorithmRow(number).mnemonic}`, () => {
      assert.ok(entries.length > 0);
      for (const [i, { title, answer }] of entries.entries()) {
        const isGood = !title.startsWith("bogus") || GOOD_BY_ONE.get(file)?.includes(i) === true;
        // A zone in transfer holds glue and delegations, which nobody signs.
        const sets = answer.filter((set) => set.rdatas.length > 0 && set.signatures.length > 0);
        assert.ok(sets.length > 0);
        const judged = sets.map((set) => judge(set, keys));
        // What a revoked key signs proves its revocation at most (RFC 5011 §2.1).
        const expected = isKnown && isGood && !isRevoked(keys.keys[0]!) ? "secure" : "bogus";
        assert.deepEqual(new Set(judged), new Set([expected]), `entry ${i + 1}: ${title}`);
        for (const set of sets) assert.equal(judge(altered(set), keys), "bogus");
      }
    });
  }
});
