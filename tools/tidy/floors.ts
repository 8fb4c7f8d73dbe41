/**
 * The rules about rooms: who may import whom, and what the lower floors may not touch.
 *
 * A file imports its own room and lower floors. Rooms of one floor do not import each other,
 * except for types. Tests, simulators and benchmarks may look anywhere.
 */
import type { Finding } from "./rules.ts";
import { type Source, lineAt } from "./source.ts";

/** The floors of the house, ground floor first. */
const FLOORS: readonly (readonly string[])[] = [
  ["base"],
  ["wire", "tlog"],
  ["dnssec", "cache", "privacy"],
  ["recursor"],
  ["system"],
  ["upstream", "transports", "acme"],
  ["serve", "filter", "audit", "web"],
  ["worker"],
  ["cli"],
];

/** Rooms that are packages of their own, and depend on nothing. */
const PACKAGES: ReadonlySet<string> = new Set(["wire", "tlog"]);

/** Floors up to this one are pure: no `node:`, clock, dice, timer or output. */
const PURE_FLOOR_TOP = 3;

/** The only file that writes to standard output and standard error. */
const PRINTER = "packages/resolver/src/cli/print.ts";

const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bperformance\b/g, "reads a clock"],
  [/\bMath\.random\b|\bcrypto\./g, "rolls dice of its own"],
  [/\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/g, "starts a timer"],
  [/\bconsole\b|\bprocess\b/g, "knows of the process around it"],
];

interface Place {
  readonly room: string;
  readonly floor: number;
}

/** The room of a file, or undefined for what stands beside the house: tests, sim, tools. */
function placeOf(path: string): Place | undefined {
  if (path.endsWith(".test.ts")) return undefined;
  const room =
    /^packages\/(wire|tlog)\/src\//.exec(path)?.[1] ??
    /^packages\/resolver\/src\/([^/]+)\//.exec(path)?.[1];
  return room === undefined ? undefined : { room, floor: floorOf(room) };
}

/** The floor that a room stands on, or -1. */
function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

/** The path of the file that an import names, or undefined for other people's packages. */
export function resolveImport(path: string, from: string): string | undefined {
  const workspace = /^@lethe\/([^/]+)\/(.+)$/.exec(from);
  if (workspace !== null) return `packages/${workspace[1]}/src/${workspace[2]}`;
  if (!from.startsWith(".")) return undefined;
  const parts = path.split("/").slice(0, -1);
  for (const step of from.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return parts.join("/");
}

/** What one file imports or touches that its floor may not. */
export function checkFloor(source: Source): Finding[] {
  const place = placeOf(source.path);
  if (place === undefined) return [];
  const found = (line: number, message: string): Finding => {
    return { path: source.path, line, rule: "floors", message };
  };
  if (place.floor < 0) return [found(1, `the room "${place.room}" stands on no floor`)];
  const findings = source.imports.flatMap((one) => {
    const why = wrongImport(source.path, place, one.from, one.typeOnly);
    return why === undefined ? [] : [found(one.line, why)];
  });
  if (source.path !== PRINTER) {
    for (const match of source.code.matchAll(/\bprocess\.(stdout|stderr)\b|\bconsole\./g)) {
      findings.push(found(lineAt(source.code, match.index), `prints; only ${PRINTER} does`));
    }
  }
  if (place.floor > PURE_FLOOR_TOP) return findings;
  for (const [pattern, why] of IMPURE) {
    for (const match of source.code.matchAll(pattern)) {
      if (match[0] === "crypto." && isWebCrypto(source, match.index)) continue;
      const line = lineAt(source.code, match.index);
      if (/^(crypto|process|performance)/.test(match[0]) && isOwnWord(source.code, match)) continue;
      findings.push(found(line, `"${match[0]}" ${why}; ${place.room} is given these`));
    }
  }
  return findings;
}

/** Says whether the word is a property or a declared name: `trail.process`, `process: …`. */
function isOwnWord(code: string, match: RegExpExecArray): boolean {
  const before = code.slice(0, match.index).trimEnd().at(-1);
  const after = code
    .slice(match.index + match[0].length)
    .trimStart()
    .at(0);
  return before === "." || after === ":" || after === "(";
}

/** One file of tlog/ asks WebCrypto for signatures, which is in browsers and in Node alike. */
function isWebCrypto({ path, code }: Source, at: number): boolean {
  return path === "packages/tlog/src/ed25519.ts" && code.startsWith("crypto.subtle.", at);
}

function wrongImport(
  path: string,
  place: Place,
  from: string,
  typeOnly: boolean,
): string | undefined {
  const target = resolveImport(path, from);
  if (target === undefined) {
    const isPure = place.floor <= PURE_FLOOR_TOP;
    if (isPure && !isCryptoFile(path)) return `imports "${from}"; its floor imports our rooms only`;
    return undefined;
  }
  const other = placeOf(target);
  if (other === undefined) {
    if (place.room === "cli" && target.startsWith("packages/resolver/")) return undefined;
    return `imports ${target}, which stands outside the house`;
  }
  if (other.room === place.room) return undefined;
  // The shape of a row of the limits tables is the same on every floor.
  if (typeOnly && target === "packages/wire/src/limits.ts") return undefined;
  if (other.floor > place.floor) return `imports ${target}, a higher floor`;
  if (other.floor === place.floor && !typeOnly) return `imports ${target}, a room of its own floor`;
  if (PACKAGES.has(place.room)) return `imports ${target}; ${place.room} depends on nothing`;
  return undefined;
}

/** One file of dnssec/ may use the platform's cryptography. */
function isCryptoFile(path: string): boolean {
  return path === "packages/resolver/src/dnssec/crypto.ts";
}
