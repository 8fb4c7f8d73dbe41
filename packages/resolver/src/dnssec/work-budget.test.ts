/** A question's budget reaches its bounds and no further. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dnssecLimits } from "../base/limits/dnssec.ts";
import { type Repute, WorkBudget } from "./work-budget.ts";

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

test("strikesPerZoneMax failures put a zone in ill repute: one failure ends a question", () => {
  const repute: Repute = { strikes: dnssecLimits.strikesPerZoneMax.value - 1 };
  const last = new WorkBudget();
  last.enter(repute);
  last.countFailure();
  assert.equal(repute.strikes, dnssecLimits.strikesPerZoneMax.value);
  const next = new WorkBudget();
  next.enter(repute);
  assert.equal(next.payCheck(), true, "a first check is made: the zone may be mended");
  assert.equal(next.payCheck(), true);
  next.countFailure();
  assert.equal(next.payCheck(), false);
  const elsewhere = new WorkBudget();
  elsewhere.enter({ strikes: 0 });
  elsewhere.countFailure();
  assert.equal(elsewhere.payCheck(), true);
});

test("who asks for too many hashes is believed nsec3HashBlocksInIllReputeMax of them", () => {
  const repute: Repute = { strikes: 0 };
  const spend = (blocks: number): boolean => {
    const work = new WorkBudget();
    work.enter(repute);
    return work.payHash(blocks);
  };
  const { nsec3HashBlocksPerQuestionMax, nsec3HashBlocksInIllReputeMax } = dnssecLimits;
  for (let question = 0; question < 4; question++) {
    assert.equal(spend(nsec3HashBlocksPerQuestionMax.value), true);
    assert.equal(spend(nsec3HashBlocksPerQuestionMax.value + 1), false);
  }
  assert.equal(spend(nsec3HashBlocksInIllReputeMax.value), true);
  assert.equal(spend(nsec3HashBlocksInIllReputeMax.value + 1), false);
});

test("who gives up has spent all", () => {
  const work = new WorkBudget();
  work.giveUp();
  assert.equal(work.isSpent, true);
  assert.equal(work.payCheck(), false);
});
