/** Explanations are drawn as goldens.txt has them, within 80 columns, and say the same as JSON. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { sandboxNames } from "../../sim/sandbox-names.ts";
import { CASE_NAMES } from "../../sim/signer-breaks.ts";
import { FILE, drawn, example, explained, goldens } from "./goldens.ts";

test("explanations are those of goldens.txt (goldens.ts writes it)", () => {
  assert.equal(goldens(), readFileSync(FILE, "utf8"));
});

const NAME_MAX = 50;

describe("within 80 columns, with a verdict that fits the outcome, is explained", () => {
  const cases = CASE_NAMES.flatMap((name) => [`${name}.ede.lethe`, `no.${name}.ede.lethe`]);
  const names = sandboxNames.map(({ name, type }) => [name.replace("ü", "u"), type] as const);
  const all = [...names, ...cases.map((one) => [one, "A"] as const)];
  // A name of sixty letters fills a line by itself.
  for (const [name, type] of all.filter(([one]) => one.length <= NAME_MAX)) {
    test(`${name} ${type}`, () => {
      const whole = explained(name, type);
      for (const line of drawn(whole)) assert.ok(line.length <= 80, line);
      const { outcome, verdict, chain } = whole;
      if (outcome.kind === "answered") assert.equal(verdict.verdict, outcome.verdict);
      else assert.equal(verdict.verdict, outcome.why === "bogus" ? "bogus" : "failed");
      // What is secure shows no mark of anything wrong on the links that it needs.
      if (verdict.verdict !== "secure") return;
      for (const zone of chain.zones) assert.equal(zone.verdict, "secure", zone.zone);
      for (const part of chain.parts) {
        assert.equal(part.verdict, "secure", part.name);
        for (const link of part.proof?.links ?? []) assert.notEqual(link.relation, "not proven");
      }
    });
  }
});

test("docs/specs/explain.md shows the JSON of an explanation as it is", () => {
  const file = join(import.meta.dirname, "../../../../docs/specs/explain.md");
  const shown = /```json\n([^]*?)\n```/.exec(readFileSync(file, "utf8"))?.[1];
  assert.equal(shown, example());
});
