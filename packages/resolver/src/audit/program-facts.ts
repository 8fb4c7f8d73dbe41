/**
 * What runs: the source tree, the packages that it needs, and every native object in the process.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { LeafOf } from "./ledger/leaf.ts";
import { fileDigest, treeDigest } from "./tree-digest.ts";

/** Everything of the installation that can run; docs and tests of the whole are not among it. */
const SOURCE = ["lethe", "package-lock.json", "package.json", "packages", "tools"];

export type ProgramFacts = Pick<
  LeafOf<"start">,
  "version" | "source" | "packages" | "objects" | "arguments"
>;

/** The facts of this process. Throws what the disk does. */
export function programFacts(root: string, args: readonly string[]): ProgramFacts {
  const manifest = join(root, "packages/resolver/package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };
  return {
    version,
    source: { ...treeDigest(root, SOURCE) },
    packages: packagesOf(root),
    objects: mappedObjects(root),
    arguments: withoutValues(args),
  };
}

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

/** The packages of others that are installed for running, by the lock file. */
function packagesOf(root: string): ProgramFacts["packages"] {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  return Object.entries(lock.packages).flatMap(([path, { version, dev, link }]) => {
    const isOurs = !path.startsWith("node_modules/") || link === true;
    if (isOurs || dev === true || !existsSync(join(root, path))) return [];
    const name = path.slice("node_modules/".length);
    return [{ name, version: version ?? "", ...treeDigest(join(root, path), ["."]) }];
  });
}

/** The files that are mapped for execution, as /proc tells; none where there is no /proc. */
export function mappedObjects(root: string, maps = "/proc/self/maps"): ProgramFacts["objects"] {
  if (!existsSync(maps)) return [];
  const paths = new Set<string>();
  for (const line of readFileSync(maps, "utf8").split("\n")) {
    const match = /^\S+ ..x. \S+ \S+ [1-9]\d*\s+(\/.*)$/.exec(line);
    if (match !== null) paths.add(match[1]!);
  }
  return [...paths].toSorted().map((path) => {
    const inside = relative(root, path);
    const name = inside.startsWith("..") ? path : inside;
    // What was exchanged since it was mapped cannot be read any more, and that is told.
    return { path: name, digest: existsSync(path) ? fileDigest(path) : "0".repeat(64) };
  });
}

/** Arguments with the values of `--set` left out: settings are told by themselves. */
function withoutValues(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const isValue = args[i - 1] === "--set";
    if (!isValue && !arg.startsWith("--set=")) return arg;
    const start = isValue ? 0 : "--set=".length;
    const end = arg.indexOf("=", start);
    return end < 0 ? arg : `${arg.slice(0, end)}=…`;
  });
}

/** Variables that put other code into the process, or other libraries under it. */
const LOADER = /^(LD_.*|NODE_OPTIONS|NODE_PATH|OPENSSL_CONF|OPENSSL_MODULES|OPENSSL_ENGINES)$/;

/** The first variable that would make the source's digest say nothing; undefined: none is set. */
export function loaderVariable(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return Object.keys(env).find((name) => LOADER.test(name) && env[name] !== "");
}
