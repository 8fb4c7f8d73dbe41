/** docs/ede-cases.md: Lethe's column is as committed, and differs from most peers for a reason. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { caseAnswers } from "../../sim/sandbox-case-answers.ts";
import { type Sandbox, startSandbox } from "../../sim/sandbox-server.ts";
import { type Column, askAll, casesDocument, differences, whyOtherwise } from "./ede-cases.ts";

const file = readFileSync(join(import.meta.dirname, "../../../../docs/ede-cases.md"), "utf8");

/** The columns of the committed tables. */
function committed(): Column[] {
  const [, data, denial] = file.split(/^## .*$/m).map((section) =>
    section
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  );
  const [, , ...heads] = data![0]!;
  return heads.map((name, i) => {
    const rows = data!.slice(1).map((row, at) => {
      const said = { data: row[i + 2]!, denial: denial![at + 1]![i + 2]! };
      return [row[0]!.replaceAll("`", ""), said] as const;
    });
    return { name, version: "", said: new Map(rows) };
  });
}

test("the committed tables are written from their columns", () => {
  assert.equal(casesDocument(committed()), file);
});

test("Lethe's column says what the sandbox's table of answers says", () => {
  for (const [name, [data, denial]] of Object.entries(caseAnswers)) {
    assert.deepEqual(committed()[0]!.said.get(name), { data, denial }, name);
  }
});

test("where Lethe says otherwise than most peers, there is a reason, and nowhere else", () => {
  assert.deepEqual(differences(committed()).toSorted(), Object.keys(whyOtherwise).toSorted());
});

const opened = await startSandbox({ port: 53 });
after(async () => {
  if (opened.kind === "sandbox") await opened.stop();
});
const skip = opened.kind === "sandbox" ? false : opened.line;

test("lethe serve answers as committed", { skip }, async () => {
  const [column] = await askAll(
    opened as Sandbox,
    ({ name }) => name === "Lethe",
    () => {},
  );
  assert.deepEqual(column!.said, committed()[0]!.said);
});
