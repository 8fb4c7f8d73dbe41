/** Writes docs/limits.md from the limits tables; with `--check`, says whether it is up to date. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tlogLimits } from "@lethe/tlog/limits.ts";
import { type Limit, wireLimits } from "@lethe/wire/limits.ts";
import { limits } from "../packages/resolver/src/base/limits.ts";

const FILE = join(import.meta.dirname, "../docs/limits.md");

const INTRODUCTION = `# Limits

Every bound of the program. Generated from \`limits.ts\` of \`packages/wire/src\`,
\`packages/tlog/src\` and \`packages/resolver/src/base\` by \`tools/limits-doc.ts\`; a test
compares them.
`;

const TABLE_HEAD = "| limit | value | why | beyond it | tested in |\n|---|---|---|---|---|\n";

/** The text of docs/limits.md. */
export function limitsDocument(): string {
  return `${INTRODUCTION}
## Messages (packages/wire)

${table(wireLimits)}
## Transparency logs (packages/tlog)

${table(tlogLimits)}
## The server (packages/resolver)

${table(limits)}`;
}

function table(rows: Readonly<Record<string, Limit>>): string {
  const cells = Object.entries(rows).map(([name, row]) => {
    const test = row.test.split("/").at(-1);
    const value = `${row.value.toLocaleString("en")} ${row.unit}`;
    const line = [`\`${name}\``, value, row.why, row.beyond, `[${test}](../${row.test})`];
    return `| ${line.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  });
  return `${TABLE_HEAD}${cells.join("")}`;
}

if (import.meta.main) {
  if (process.argv[2] !== "--check") writeFileSync(FILE, limitsDocument());
  else if (readFileSync(FILE, "utf8") !== limitsDocument()) {
    process.stderr.write("docs/limits.md is out of date: run tools/limits-doc.ts\n");
    process.exitCode = 1;
  }
}
