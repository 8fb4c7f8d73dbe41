/**
 * The rule about limits: each row names a test file that exists and speaks of the row.
 */
import type { Limit } from "@lethe/wire/limits.ts";
import type { Finding } from "./rules.ts";

export type LimitTables = readonly Readonly<Record<string, Limit>>[];

/** The rows whose test file is missing, or does not mention them. */
export function checkLimits(tree: ReadonlyMap<string, string>, tables: LimitTables): Finding[] {
  return tables.flatMap((table) =>
    Object.entries(table).flatMap(([name, row]) => {
      const test = tree.get(row.test);
      const message =
        test === undefined
          ? `${name} is tested nowhere: there is no such file`
          : `the limit ${name} is not mentioned here, where its row says it is tested`;
      if (test?.includes(name) === true) return [];
      return [{ path: row.test, line: 1, rule: "limits", message }];
    }),
  );
}
