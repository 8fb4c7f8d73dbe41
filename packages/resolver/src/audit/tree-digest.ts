/**
 * One digest for a tree of files: SHA-256 over what `sha256sum` prints of them in the order of
 * their paths. Anyone can compute it with a shell; docs/specs/ledger.md has the line.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "@lethe/tlog/sha256.ts";
import { toUtf8 } from "@lethe/tlog/decimal.ts";

export interface TreeDigest {
  readonly digest: string;
  readonly files: number;
}

/** PERF: one for all files: a new one for each would cost more than the hashing. */
const chunk = new Uint8Array(1 << 20);

/** Directories that are not of the tree: what others installed, and the history. */
const LEFT_OUT: ReadonlySet<string> = new Set(["node_modules", ".git"]);

/** The digest of the files at and below some paths of a root. Throws what the disk does. */
export function treeDigest(root: string, paths: readonly string[]): TreeDigest {
  const lines = new Map<string, string>();
  for (const path of paths) addPath(root, path, lines);
  const ordered = [...lines.keys()].toSorted(byBytes).map((path) => lines.get(path)!);
  return { digest: sha256(toUtf8(ordered.join(""))).toHex(), files: ordered.length };
}

function addPath(root: string, path: string, lines: Map<string, string>): void {
  const full = join(root, path);
  if (statSync(full).isFile()) {
    lines.set(path, `${fileDigest(full)}  ${path}\n`);
    return;
  }
  for (const entry of readdirSync(full, { withFileTypes: true })) {
    const below = path === "." ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!LEFT_OUT.has(entry.name)) addPath(root, below, lines);
    } else if (entry.isSymbolicLink()) {
      // It is told where it leads; what is there is not of the tree.
      const target = sha256(toUtf8(readlinkSync(join(root, below)))).toHex();
      lines.set(below, `${target}  ${below}\n`);
    } else if (entry.isFile()) {
      lines.set(below, `${fileDigest(join(root, below))}  ${below}\n`);
    }
  }
}

/** SHA-256 of a file, in pieces: Node itself has more than a hundred megabytes. */
export function fileDigest(path: string): string {
  const hash = createHash("sha256");
  const fd = openSync(path, "r");
  try {
    for (let got = readSync(fd, chunk); got > 0; got = readSync(fd, chunk)) {
      hash.update(chunk.subarray(0, got));
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}

/** As `LC_ALL=C sort` has it. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
