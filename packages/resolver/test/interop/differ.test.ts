/** Lethe, Unbound, BIND and Knot Resolver say the same of seeded zones, or it is known why not. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { knownTitles } from "../../bench/differ-known.ts";
import { differenceLines, unexplained } from "../../bench/differ-report.ts";
import { differ, differNeeds, differValidators } from "../../bench/differ.ts";
import { isInstalled } from "../../bench/processes.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const ZONES = 100;

const missing = differNeeds.filter((program) => !isInstalled(program));
const peers = differValidators().length - 1;
const skip =
  missing.length > 0
    ? `${missing.join(", ")} not installed`
    : peers === 0 && "none of unbound, named and kresd is installed";

test(
  `of ${ZONES} signed zones, good and broken, all validators say the same`,
  { skip },
  async () => {
    const launcher = join(ROOT, "lethe");
    const told = await differ({ launcher, zones: ZONES, seed: 1, progress: () => {} });
    const open = told.filter((one) => unexplained(one).length > 0);
    assert.deepEqual(open.flatMap(differenceLines), []);
    const secure = told.filter(({ said }) => said["lethe"]?.endsWith(" AD")).length;
    const failed = told.filter(({ said }) => said["lethe"] === "SERVFAIL").length;
    assert.ok(secure > 0.3 * told.length, `${secure} of ${told.length} are secure`);
    assert.ok(failed > 0.1 * told.length, `${failed} of ${told.length} fail`);
  },
);

test("each reason for a difference is a section of the decision record", () => {
  const file = join(ROOT, "docs/decisions/0034-verdicts-that-differ.md");
  const sections = readFileSync(file, "utf8").match(/^## .*$/gm)!;
  assert.deepEqual(
    sections.map((line) => line.slice(3)),
    knownTitles,
  );
});
