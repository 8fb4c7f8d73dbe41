/** A question's budget reaches its bounds and no further. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dnssecLimits } from "../base/limits/dnssec.ts";
import { WorkBudget } from "./work-budget.ts";

test("signatures are checked up to signatureChecksPerQuestionMax", () => {
  const work = new WorkBudget();
  for (let i = 0; i < dnssecLimits.signatureChecksPerQuestionMax.value; i++) {
    assert.equal(work.payCheck(), true);
  }
  assert.equal(work.isSpent, false);
  assert.equal(work.payCheck(), false);
  assert.equal(work.isSpent, true);
});

test("signatures may fail up to signatureFailuresPerQuestionMax", () => {
  const work = new WorkBudget();
  for (let i = 0; i < dnssecLimits.signatureFailuresPerQuestionMax.value; i++) {
    assert.equal(work.payCheck(), true);
    work.countFailure();
  }
  assert.equal(work.isSpent, false);
  assert.equal(work.payCheck(), false);
  assert.equal(work.isSpent, true);
});

test("names are hashed up to nsec3HashBlocksPerQuestionMax", () => {
  const work = new WorkBudget();
  assert.equal(work.payHash(dnssecLimits.nsec3HashBlocksPerQuestionMax.value), true);
  assert.equal(work.isSpent, false);
  assert.equal(work.payHash(1), false);
  assert.equal(work.isSpent, true);
});
