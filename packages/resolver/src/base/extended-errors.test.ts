/** Every registered code has its reasons, or a reason why it has none; texts are bounded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { extendedErrorTitles } from "@lethe/wire/codes.ts";
import {
  type Reason,
  codesNotGiven,
  refusalReasons,
  resolutionReasons,
  tell,
  validationReasons,
} from "./extended-errors.ts";
import { limits } from "./limits.ts";

const all: readonly Reason[] = [validationReasons, resolutionReasons, refusalReasons].flatMap(
  (table): Reason[] => Object.values(table),
);

test("each code of the registry is given for some reason, or is not, with the reason why", () => {
  const given = new Set(all.map(({ code }) => code));
  for (const code of extendedErrorTitles.keys()) {
    assert.notEqual(given.has(code), code in codesNotGiven, `code ${code}`);
  }
  for (const code of given) assert.ok(extendedErrorTitles.has(code), `code ${code}`);
});

test("a text is that of its row with its gaps filled", () => {
  const gaps = { zone: "example.", tag: 12345, name: "www.example.", type: "A", expiration: 99 };
  assert.deepEqual(tell(validationReasons.expired, gaps), {
    code: 7,
    text: "for DNSKEY example., id = 12345: RRSIG www.example. A, expiration = 99",
  });
});

test("a gap is filled once: what looks like a gap in a name is none", () => {
  const { text } = tell(validationReasons.noKeys, { zone: "{zone}.$&." });
  assert.equal(text, "no DNSKEY found for {zone}.$&.");
});

test("a text is cut off behind errorTextBytesMax bytes", () => {
  const most = limits.errorTextBytesMax.value;
  const { length } = tell(validationReasons.noKeys, { zone: "" }).text;
  const textOf = (size: number): string =>
    tell(validationReasons.noKeys, { zone: "a".repeat(size) }).text;
  assert.equal(textOf(most - length).length, most);
  assert.ok(!textOf(most - length).endsWith("..."));
  assert.equal(textOf(most - length + 1).length, most);
  assert.ok(textOf(most - length + 1).endsWith("..."));
});
