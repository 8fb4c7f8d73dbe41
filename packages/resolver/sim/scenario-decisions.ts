/**
 * Scenario files that Lethe plays differently by decision, and where the decision stands.
 *
 * The list is that of `test/scenarios/status.json`, which a test compares with what playing says.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const STATUS_FILE = join(import.meta.dirname, "../test/scenarios/status.json");

/** Finds the decision that explains why a file fails: the file, a section sign, the paragraph. */
export type DecisionFinder = (path: string) => string | undefined;

/** Reads the list; a file is known by its name and its folder's. */
export function readDecisions(): DecisionFinder {
  const list = JSON.parse(readFileSync(STATUS_FILE, "utf8")) as Readonly<Record<string, string>>;
  return (path) => {
    const key = path.split(/[\\/]/).slice(-2).join("/");
    const status = Object.hasOwn(list, key) ? list[key]! : "";
    return /^skip: (docs\/decisions\/.+)$/.exec(status)?.[1];
  };
}
