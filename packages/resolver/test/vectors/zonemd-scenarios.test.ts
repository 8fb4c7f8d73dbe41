/** The zones inside Unbound's scenarios of ZONEMD: which of them would be believed as copies. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readAnchors } from "../../src/dnssec/anchor.ts";
import { WorkBudget } from "../../src/dnssec/work-budget.ts";
import { type ZoneTerms, checkZone } from "../../src/dnssec/zone-check.ts";
import { vectorName, vectorRecords } from "./dnssec-entries.ts";

const root = join(import.meta.dirname, "../../../..");
const material = process.env["LETHE_MATERIAL"] ?? join(root, "../shared/material");
const directory = join(material, "scenarios/unbound");
const skip = existsSync(directory) ? false : "the scenarios are not beside this clone";

/** The date that the files are played at: 2020-10-20 13:55:27. */
const NOW_S = Date.UTC(2020, 9, 20, 13, 55, 27) / 1000;
const ORIGIN = "example.com";

/** What of a file is believed: "good", or the beginning of why not. */
const ROWS: readonly (readonly [file: string, expected: string])[] = [
  ["auth_zonemd_anchor", "good"],
  ["auth_zonemd_anchor_fail", "its keys are not those of the trust anchor"],
  ["auth_zonemd_insecure", "good"],
  // Unbound is told to pass over these two.
  ["auth_zonemd_permissive_mode", "its digest is another's"],
  ["auth_zonemd_file_unknown", "it has no digest of its serial"],
  ["auth_zonemd_insecure_absent", "it has no digest"],
  ["auth_zonemd_insecure_absent_reject", "it has no digest"],
];

/** The anchor of the zone itself in a configuration, where it has one. */
function anchorIn(text: string): string | undefined {
  return /^\s*trust-anchor:\s*"(example\.com\. .*)"/m.exec(text)?.[1];
}

describe("zones of scenarios", { skip }, () => {
  for (const [file, expected] of ROWS) {
    test(`${file}: ${expected}`, () => {
      const text = readFileSync(join(directory, `${file}.rpl`), "utf8");
      const zone = /^TEMPFILE_CONTENTS.*\n([\s\S]*?)^TEMPFILE_END/m.exec(text)?.[1];
      assert.ok(zone !== undefined);
      const apex = vectorName(ORIGIN);
      const anchors = readAnchors(anchorIn(text) ?? "");
      const anchor = "kind" in anchors ? undefined : anchors[0];
      const terms: ZoneTerms = {
        nowS: NOW_S,
        trustsSha1: false,
        work: new WorkBudget(),
        anchor,
        digest: "required",
      };
      const check = checkZone(vectorRecords(zone, apex), apex, terms);
      const told = check.kind === "good" ? "good" : check.why;
      assert.ok(told.startsWith(expected), told);
    });
  }
});
