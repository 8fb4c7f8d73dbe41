/** The signed zones that stand in RFCs as examples, with their keys proven. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT, nameEqual } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { type ProvenKeys, judgeKeys } from "../../src/dnssec/judge-keys.ts";
import { type Judging, type Terms, judgeNow } from "../../src/dnssec/judging.ts";
import { isSep, parseKey } from "../../src/dnssec/key.ts";
import { WorkBudget } from "../../src/dnssec/work-budget.ts";
import { gatherSets } from "../../src/recursor/sets.ts";

/** A zone whose apex is `example`, judged at a time when its signatures were valid. */
export class SignedExample {
  readonly apex: Name = plainName("example");
  readonly sets: readonly RecordSet[];
  readonly keys: ProvenKeys;
  readonly #nowS: number;

  /** Reads the zone of an RFC from its file; its secure entry point is believed. */
  constructor(rfc: string, nowS: number) {
    const text = readFileSync(join(import.meta.dirname, rfc, "example.zone"), "utf8");
    const read = readZoneFile(text, { origin: ROOT, ttlS: 3600 });
    assert.ok("records" in read, JSON.stringify(read));
    this.sets = gatherSets(read.records);
    this.#nowS = nowS;
    const keySet = this.at("example", rrType.DNSKEY);
    const anchors = keySet.rdatas.map((rdata) => parseKey(rdata)!).filter(isSep);
    const trust = { ds: [], keys: anchors };
    const judged = this.judge((terms) => judgeKeys(this.apex, trust, keySet, terms));
    assert.ok(judged.kind === "secure");
    this.keys = judged;
  }

  /** The set of a name and type. */
  at(name: string, type: number): RecordSet {
    const owner = plainName(name);
    const found = this.sets.find((set) => set.type === type && nameEqual(set.name, owner));
    assert.ok(found !== undefined, `${name} has no type ${type}`);
    return found;
  }

  /** Carries a judgement through, with a budget of its own. */
  judge<T>(judging: (terms: Terms) => Judging<T>): T {
    return judgeNow(judging({ nowS: this.#nowS, trustsSha1: true, work: new WorkBudget() }));
  }
}
