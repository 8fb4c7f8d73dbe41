/**
 * Where the state of the trust anchors is kept: one file in the state directory.
 *
 * A state that cannot be believed is put aside and the configured anchors count again, as they do
 * for a server that is new: they are what the operator vouches for, and keys that are older than
 * their zone's rollovers prove nothing. Nothing becomes trusted that the configuration does not
 * name.
 */
import { dirname, join } from "node:path";
import { limits } from "../base/limits.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import type { TrustPoint } from "../dnssec/anchor-rollover.ts";
import { anchorStateToText, readAnchorState, resumePoints } from "../dnssec/anchor-state.ts";
import {
  type FileProblem,
  makeDirectory,
  readSmallFile,
  rename,
  writeSafely,
} from "../system/safe-file.ts";

const BYTES_MAX = limits.anchorStateBytesMax.value;
const FILE = "trust-anchors";

/** What was left of trust points. */
export interface Resumed {
  readonly points: readonly TrustPoint[];
  /** Why they begin anew although there was a state; undefined: they do not. */
  readonly damage: string | undefined;
}

export class AnchorFile {
  readonly path: string;

  constructor(directory: string) {
    this.path = join(directory, FILE);
  }

  /** Makes the directory where it is absent. */
  prepare(): FileProblem | undefined {
    return makeDirectory(dirname(this.path));
  }

  /** Reads what was kept of configured anchors; it changes nothing. */
  resume(anchors: readonly TrustAnchor[], nowS: number): Resumed | FileProblem {
    const text = readSmallFile(this.path, BYTES_MAX);
    const fresh = resumePoints(anchors, [], nowS);
    if (text === undefined) return { points: fresh, damage: undefined };
    if (typeof text === "object") {
      const isLarge = text.why.includes(String(BYTES_MAX));
      return isLarge ? { points: fresh, damage: text.why } : text;
    }
    const kept = readAnchorState(text);
    return "kind" in kept
      ? { points: fresh, damage: `line ${kept.line}: ${kept.why}` }
      : { points: resumePoints(anchors, kept, nowS), damage: undefined };
  }

  /** Gives a damaged file another name, for whoever wants to know what became of it. */
  putAside(): FileProblem | undefined {
    return rename(this.path, this.asidePath);
  }

  get asidePath(): string {
    return `${this.path}.damaged`;
  }

  write(points: readonly TrustPoint[]): FileProblem | undefined {
    return writeSafely(this.path, anchorStateToText(points));
  }
}
