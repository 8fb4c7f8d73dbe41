/** Every name that the sandbox offers is answered as its table says, in virtual time. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcodeToText, typeFromText } from "@lethe/wire/codes-text.ts";
import { rcode } from "@lethe/wire/codes.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import { limits } from "../src/base/limits.ts";
import { nameFromPerson } from "../src/cli/query-arguments.ts";
import { explain } from "../src/recursor/explain.ts";
import type { Outcome } from "../src/recursor/outcome.ts";
import { caseAnswers } from "./sandbox-case-answers.ts";
import { CASES_ZONE, caseMeanings } from "./sandbox-cases.ts";
import { sandboxNames } from "./sandbox-names.ts";
import { SandboxWorld } from "./sandbox-world.ts";
import { CASE_NAMES } from "./signer-breaks.ts";

function resolve(name: string, type: string, checkingDisabled = false): Outcome {
  const world = new SandboxWorld();
  const question = { name: nameFromPerson(name)!, type: typeFromText(type)!, class: 1 };
  const outcome = world.resolve(question, checkingDisabled);
  assert.ok(world.nowMs() <= limits.clientWaitMs.value, `while he waits: ${world.nowMs()} ms`);
  return outcome;
}

/** An outcome as the table writes it. */
function said(outcome: Outcome): string {
  if (outcome.kind === "failed") {
    const { rcode: code, errors } = explain(outcome);
    return [rcodeToText(code), ...errors.map((error) => error.code)].join(" ");
  }
  const ad = outcome.verdict === "secure" ? " AD" : "";
  const status = `${rcodeToText(outcome.rcode)}${ad}`;
  const last = outcome.answer.at(-1);
  const codes = outcome.errors.map((error) => error.code);
  if (outcome.rcode !== rcode.NOERROR) return [status, ...codes].join(" ");
  if (last === undefined) return `${status} no data`;
  return `${status} ${rdataToText(last.type, last.rdatas.at(-1)!)}`;
}

/** An outcome without its records. */
function summary(outcome: Outcome): string {
  const { rcode: code, errors } = outcome.kind === "failed" ? explain(outcome) : outcome;
  const ad = outcome.kind === "answered" && outcome.verdict === "secure" ? ["AD"] : [];
  return [rcodeToText(code), ...ad, ...errors.map((error) => error.code)].join(" ");
}

/** Cases whose servers nobody is answered by, signatures or not. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "allow-query-none",
  "allow-query-localhost",
  "not-auth",
  "v4-doc",
  "v6-doc",
]);

describe("who does not validate", () => {
  for (const name of CASE_NAMES) {
    const isReached = !UNREACHABLE.has(name);
    test(`${isReached ? "is" : "is not"} answered by ${name}.${CASES_ZONE}`, () => {
      const found = said(resolve(`${name}.${CASES_ZONE}`, "A", true));
      if (isReached) assert.equal(found, "NOERROR 198.18.7.1");
      else assert.match(found, /^SERVFAIL/);
    });
  }
});

test("each misconfigured zone has a meaning and an answer", () => {
  assert.deepEqual(Object.keys(caseMeanings), CASE_NAMES);
  assert.deepEqual(Object.keys(caseAnswers), CASE_NAMES);
});

describe("who validates is told", () => {
  for (const [name, [data, denial]] of Object.entries(caseAnswers)) {
    test(`${data} of ${name}.${CASES_ZONE}, ${denial} of what it denies`, () => {
      const zone = `${name}.${CASES_ZONE}`;
      assert.equal(summary(resolve(zone, "A")), data);
      assert.equal(summary(resolve(`nowhere.${zone}`, "A")), denial);
    });
  }
});

describe("in the sandbox", () => {
  for (const { name, type, shows, says } of sandboxNames) {
    test(`${name} ${type} shows ${shows}: ${says}`, () => {
      const found = said(resolve(name, type));
      assert.ok(says === "NOERROR" ? found.startsWith(says) : found === says, found);
    });
  }
});
