/**
 * Checks that the tree keeps the rules of STYLE.md that a machine can check.
 *
 * Run as a program it prints one line a finding and exits 1 where there are any; its test runs
 * it over the whole tree.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkExports } from "./tidy/exports.ts";
import { checkFloor } from "./tidy/floors.ts";
import { type LimitTables, checkLimits } from "./tidy/limit-rows.ts";
import { type Finding, checkSource, checkText } from "./tidy/rules.ts";
import { type Source, readSource } from "./tidy/source.ts";

/** Text files that the rules about words hold for. */
const TEXT = /\.(ts|md|sh|json|toml)$|(^|\/)(lethe|run)$/;

/** Data of others, and files that a package manager writes. */
const FOREIGN = /^(package-lock\.json$|LICENSE$)|\/(vectors|corpus)\//;

/** A tree: the text of each file by its path from the root. */
export type Tree = ReadonlyMap<string, string>;

/** Every finding of a tree, in the order of its files. */
export function checkTree(tree: Tree, tables: LimitTables): Finding[] {
  const findings: Finding[] = [];
  const sources: Source[] = [];
  for (const [path, text] of tree) {
    if (!TEXT.test(path) || FOREIGN.test(path)) continue;
    findings.push(...checkText(path, text));
    if (path.endsWith(".ts")) sources.push(readSource(path, text));
  }
  for (const source of sources) findings.push(...checkSource(source), ...checkFloor(source));
  findings.push(...checkExports(sources), ...checkLimits(tree, tables));
  return withoutOwed(findings, tree.get(OWED)).toSorted((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line,
  );
}

/** Findings that are known and owed, a line each: the list may only get shorter. */
const OWED = "tools/tidy/owed.md";

/** The findings that are not on the list of what is owed, and lines of the list that are paid. */
function withoutOwed(findings: readonly Finding[], list: string | undefined): Finding[] {
  if (list === undefined) return [...findings];
  const owed = new Set(list.split("\n").filter((line) => line.startsWith("- ")));
  const lineOf = ({ path, rule, message }: Finding): string => `- ${path}: ${rule}: ${message}`;
  const found = new Set(findings.map(lineOf));
  const paid = [...owed].filter((line) => !found.has(line));
  return [
    ...findings.filter((finding) => !owed.has(lineOf(finding))),
    ...paid.map((line) => ({ path: OWED, line: 1, rule: "owed", message: `paid: ${line}` })),
  ];
}

/** The files that git knows, or would take, under a root. */
export function readTree(root: string): Tree {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const listed = execFileSync("git", ["-c", "safe.directory=*", ...args], { cwd: root });
  const paths = listed
    .toString()
    .split("\0")
    .filter((path) => path !== "")
    .toSorted();
  const tree = new Map<string, string>();
  for (const path of paths) {
    const file = join(root, path);
    if (TEXT.test(path) && existsSync(file)) tree.set(path, readFileSync(file, "utf8"));
  }
  return tree;
}

/** A finding as one line that an editor can jump to. */
export function findingToText(finding: Finding): string {
  return `${finding.path}:${finding.line}: ${finding.rule}: ${finding.message}`;
}

if (import.meta.main) {
  const { tlogLimits } = await import("@lethe/tlog/limits.ts");
  const { wireLimits } = await import("@lethe/wire/limits.ts");
  const { limits } = await import("../packages/resolver/src/base/limits.ts");
  const tree = readTree(join(import.meta.dirname, ".."));
  const findings = checkTree(tree, [wireLimits, tlogLimits, limits]);
  for (const finding of findings) process.stdout.write(`${findingToText(finding)}\n`);
  process.stdout.write(`tidy: ${tree.size} files, ${findings.length} findings\n`);
  if (findings.length > 0) process.exitCode = 1;
}
