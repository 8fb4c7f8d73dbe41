/** Every name that the sandbox offers is answered as its table says, in virtual time. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcodeToText, typeFromText } from "@lethe/wire/codes-text.ts";
import { rcode } from "@lethe/wire/codes.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import { nameFromPerson } from "../src/cli/query-arguments.ts";
import { explain } from "../src/recursor/explain.ts";
import type { Outcome } from "../src/recursor/outcome.ts";
import { sandboxNames } from "./sandbox-names.ts";
import { SandboxWorld } from "./sandbox-world.ts";

/** An outcome as the table writes it. */
function said(outcome: Outcome): string {
  if (outcome.kind === "failed") {
    const { rcode: code, errors } = explain(outcome);
    return [rcodeToText(code), ...errors.map((error) => error.code)].join(" ");
  }
  const ad = outcome.verdict === "secure" ? " AD" : "";
  const status = `${rcodeToText(outcome.rcode)}${ad}`;
  const last = outcome.answer.at(-1);
  if (outcome.rcode !== rcode.NOERROR) return status;
  if (last === undefined) return `${status} no data`;
  return `${status} ${rdataToText(last.type, last.rdatas.at(-1)!)}`;
}

describe("in the sandbox", () => {
  for (const { name, type, shows, says } of sandboxNames) {
    test(`${name} ${type} shows ${shows}: ${says}`, () => {
      const question = { name: nameFromPerson(name)!, type: typeFromText(type)!, class: 1 };
      const found = said(new SandboxWorld().resolve(question));
      assert.ok(says === "NOERROR" ? found.startsWith(says) : found === says, found);
    });
  }
});
