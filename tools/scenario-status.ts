/**
 * Writes or checks the list of scenarios that Lethe passes: packages/resolver/test/scenarios/.
 *
 *   scenario-status.ts           writes status.json; reasons that stand in it are kept
 *   scenario-status.ts --check   compares it with what playing says; exit 1 where they differ
 */
import { writeFileSync } from "node:fs";
import {
  STATUS_FILE,
  type Status,
  compareStatus,
  haveScenarios,
  playFile,
  readStatus,
  resolvingFiles,
  statusOf,
} from "../packages/resolver/test/scenarios/status.ts";

function main(args: readonly string[]): number {
  if (!haveScenarios()) {
    process.stdout.write("the material of others is not beside this clone\n");
    return 1;
  }
  const list = readStatus();
  const played = new Map(resolvingFiles().map((path) => [path, playFile(path)]));
  if (!args.includes("--check")) {
    const next: Record<string, Status> = {};
    for (const [path, verdict] of played) {
      const status = statusOf(verdict) ?? list[path];
      if (status !== undefined) next[path] = status;
    }
    writeFileSync(STATUS_FILE, `${JSON.stringify(next, null, 2)}\n`);
  }
  const { problems, notes } = compareStatus(readStatus(), played);
  for (const line of [...problems, ...notes]) process.stdout.write(`${line}\n`);
  const passed = [...played.values()].filter((verdict) => verdict.kind === "pass").length;
  process.stdout.write(`${played.size} files, ${passed} pass, ${problems.length} problems\n`);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
