/** Checkpoints: a log's name, the number of its leaves and their root (tlog-checkpoint). */
import { parseBase64, parseDecimal } from "./decimal.ts";
import type { Malformed } from "./note.ts";
import { type TreeHead, isCount } from "./proof.ts";
import { HASH_BYTES, emptyTreeHash, isSameHash } from "./tree-hash.ts";

export interface Checkpoint extends TreeHead {
  /** Which log: by custom an address without its scheme. */
  readonly origin: string;
  /** Further lines, opaque; a log should have none, for no monitor can check them. */
  readonly extensions: readonly string[];
}

/** The text that is signed; undefined where it cannot be a checkpoint. */
export function checkpointText(checkpoint: Checkpoint): string | undefined {
  const { origin, size, root, extensions } = checkpoint;
  const lines = [origin, String(size), root.toBase64(), ...extensions];
  const text = lines.map((line) => `${line}\n`).join("");
  return isCount(size) && parseCheckpoint(text).kind === "checkpoint" ? text : undefined;
}

/** The text of an opened note as a checkpoint. */
export function parseCheckpoint(
  text: string,
): ({ readonly kind: "checkpoint" } & Checkpoint) | Malformed {
  const lines = text.split("\n");
  if (lines.pop() !== "") return malformed("the last line does not end");
  if (lines.includes("")) return malformed("a line is empty");
  const [origin, sizeText, rootText, ...extensions] = lines;
  if (origin === undefined || sizeText === undefined || rootText === undefined) {
    return malformed("a checkpoint has three lines");
  }
  const size = parseDecimal(sizeText);
  if (size === undefined) return malformed("the size is not a count");
  const root = parseBase64(rootText);
  if (root?.length !== HASH_BYTES) return malformed("the root is not a hash");
  if (size === 0 && !isSameHash(root, emptyTreeHash())) {
    return malformed("the empty tree has another root");
  }
  return { kind: "checkpoint", origin, size, root, extensions };
}

function malformed(why: string): Malformed {
  return { kind: "malformed", why };
}
