/** Formulas of scenario files give what their authors meant, or say why not. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { expand, numberOf } from "./formula.ts";

const world = {
  time: 1000,
  timeout: 5000,
  variables: new Map([
    ["t0", 7],
    ["probe", 30],
  ]),
};

describe("a formula", () => {
  const rows: readonly (readonly [string, string, string | RegExp])[] = [
    ["is left out where there is none", "plain $text", "plain $text"],
    ["gives the time", "at ${time}.", "at 1000."],
    ["adds variables", "${$t0 + $probe}", "37"],
    ["adds without blanks", "${$t0+$probe}", "37"],
    ["multiplies first", "${30*24*3600}", "2592000"],
    ["subtracts", "${ ${20*24*3600} - 3000 }", "1725000"],
    ["keeps to a range", "${range 4800 ${timeout} 5400}", "5000"],
    ["fails outside of a range", "${range 1 ${timeout} 2}", /5000 lies outside/],
    ["has dates that are not compared", "${ctime ${time}}", "date"],
    ["fails where a variable is unknown", "${$t1}", /"\$t1"/],
    ["fails where it is no sum", "${1 /}", /no number/],
    ["fails where it is empty", "${}", /no sum/],
  ];
  for (const [title, text, expected] of rows) {
    test(title, () => {
      const expanded = expand(text, world);
      if (typeof expected === "string") assert.equal(expanded, expected);
      else assert.match(typeof expanded === "string" ? expanded : expanded.why, expected);
    });
  }
  test("gives a number", () => {
    assert.equal(numberOf("${1258962400 + 7200}", world), 1258969600);
    assert.equal(numberOf("10 - 2 - 3", world), 5);
  });
});
