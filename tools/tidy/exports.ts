/**
 * The rule about exports: what nobody imports is not exported.
 *
 * A type that its own file uses is part of some signature and stays; so does what the files of
 * packages/wire and packages/tlog offer to programs outside this tree.
 */
import { resolveImport } from "./floors.ts";
import type { Finding } from "./rules.ts";
import type { Source } from "./source.ts";

/** Exports of these files are for other people's programs or for the runner that loads them. */
const OFFERED = /^packages\/(wire|tlog)\/src\/|\/bench\/.*\.bench\.ts$|\/fuzz\//;

/** The exports that no other file imports. */
export function checkExports(sources: readonly Source[]): Finding[] {
  const used = new Map<string, Set<string>>();
  for (const source of sources) {
    for (const one of source.imports) {
      const target = resolveImport(source.path, one.from);
      if (target === undefined) continue;
      const names = used.get(target) ?? new Set();
      for (const name of one.names) names.add(name);
      used.set(target, names);
    }
  }
  return sources.flatMap((source) => {
    const names = used.get(source.path);
    if (OFFERED.test(source.path) || names?.has("*") === true) return [];
    return source.exports
      .filter((one) => names?.has(one.name) !== true)
      .filter((one) => one.kind === "value" || !isUsedInside(source, one.name))
      .map((one) => {
        const message = `"${one.name}" is exported and nobody imports it`;
        return { path: source.path, line: one.line, rule: "exports", message };
      });
  });
}

function isUsedInside(source: Source, name: string): boolean {
  return source.code.split(new RegExp(`\\b${name}\\b`)).length > 2;
}
