/**
 * What is wrong with a ledger that is read as a whole: entries that are no leaves, times that run
 * backwards, gaps between heartbeats, starts without a stop, bodies that are not what was committed
 * to; and whether it goes on from what somebody saw of it before.
 */
import { parseCheckpoint } from "@lethe/tlog/checkpoint.ts";
import { parseNote } from "@lethe/tlog/note.ts";
import { isSameHash } from "@lethe/tlog/tree-hash.ts";
import { limits } from "../../base/limits.ts";
import { isProblem } from "./files.ts";
import { timeToS } from "./leaf-fields.ts";
import { type Leaf, type LeafKind, readLeaf } from "./leaf.ts";

const GAP_MAX_S = limits.ledgerGapMaxS.value;

/** One thing that is not as it should be. */
export interface Finding {
  /** A fault breaks the ledger; a deviation is an act of the server that it tells of. */
  readonly kind: "fault" | "deviation";
  /** The entry; undefined: the ledger as a whole. */
  readonly index: number | undefined;
  readonly what: string;
}

export interface Examined {
  readonly findings: readonly Finding[];
  readonly kinds: ReadonlyMap<LeafKind, number>;
  /** Entries of kinds that this version does not know. */
  readonly unknown: number;
}

/** What bodies say: the bytes were checked against their commitment, or there are none. */
export type BodyOf = (commitment: string) => "kept" | "withdrawn" | "absent" | "unreadable";

/** Examines all entries in order, up to a time; undefined: the last entry's own. */
export function examineEntries(
  entries: readonly Uint8Array[],
  bodyOf: BodyOf,
  nowS: number | undefined,
): Examined {
  const findings: Finding[] = [];
  const kinds = new Map<LeafKind, number>();
  let unknown = 0;
  let before: { readonly leafS: number; readonly isRunning: boolean } | undefined;
  for (const [index, entry] of entries.entries()) {
    const found = (kind: Finding["kind"], what: string): void => {
      findings.push({ kind, index, what });
    };
    const read = readLeaf(entry);
    if (read.kind === "malformed") {
      found("fault", `it is no leaf: ${read.why}`);
      continue;
    }
    const time = read.kind === "leaf" ? read.leaf.time : read.time;
    const leafS = timeToS(time)!;
    if (before !== undefined && leafS < before.leafS)
      found("deviation", "its time is earlier than that before");
    if (before?.isRunning === true) sayGap(leafS - before.leafS, time, read, found);
    if (read.kind === "unknown-kind") {
      unknown++;
      before = { leafS, isRunning: before?.isRunning ?? false };
      continue;
    }
    const { leaf } = read;
    kinds.set(leaf.kind, (kinds.get(leaf.kind) ?? 0) + 1);
    if (leaf.kind === "start" && before?.isRunning === true) {
      found("deviation", "the server started, and no stop was told before");
    }
    if (leaf.kind === "evidence" && leaf.deviated > 0) {
      found("deviation", `an audit found ${leaf.deviated} deviated`);
    }
    for (const commitment of commitmentsOf(leaf)) sayBody(bodyOf(commitment), commitment, found);
    before = { leafS, isRunning: leaf.kind !== "stop" };
  }
  if (before?.isRunning === true && nowS !== undefined && nowS - before.leafS > GAP_MAX_S) {
    const what = `no entry for ${nowS - before.leafS} s, and no stop was told: the head is stale`;
    findings.push({ kind: "deviation", index: undefined, what });
  }
  return { findings, kinds, unknown };
}

type Tell = (kind: Finding["kind"], what: string) => void;

/** A server that runs is heard of every hour; a start tells by itself that it did not run. */
function sayGap(gapS: number, time: string, read: ReturnType<typeof readLeaf>, found: Tell): void {
  const isStart = read.kind === "leaf" && read.leaf.kind === "start";
  if (gapS > GAP_MAX_S && !isStart) found("deviation", `no entry for ${gapS} s before ${time}`);
}

function sayBody(body: ReturnType<BodyOf>, commitment: string, found: Tell): void {
  if (body === "absent") found("deviation", `body ${commitment.slice(0, 12)} is not there`);
  if (body === "unreadable") found("fault", `body ${commitment.slice(0, 12)} cannot be read`);
}

/** What a leaf commits to. A withdrawal names a body that should be gone. */
function commitmentsOf(leaf: Leaf): readonly string[] {
  if (leaf.kind === "start" || leaf.kind === "configuration") {
    return leaf.personal === null ? [] : [leaf.personal];
  }
  if (leaf.kind === "withdrawal" || !("body" in leaf)) return [];
  return leaf.body === null ? [] : [leaf.body];
}

/** The part of a ledger that a comparison with an earlier checkpoint needs. */
export interface Compared {
  readonly origin: string;
  readonly size: number;
  rootOf(size: number): Uint8Array | undefined;
}

/** Why a checkpoint that somebody kept is not one of this ledger's; undefined where it is. */
export function whyNotSeen(seen: Uint8Array, ledger: Compared): string | undefined {
  const note = parseNote(seen);
  if (note.kind === "malformed") return `it is no checkpoint: ${note.why}`;
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.kind === "malformed") return `it is no checkpoint: ${checkpoint.why}`;
  const { origin, size, root } = checkpoint;
  if (origin !== ledger.origin) return `it is a checkpoint of ${origin}`;
  const now = ledger.rootOf(size);
  if (now === undefined) {
    return `it tells of ${size} entries, and there are ${ledger.size}: the head is stale`;
  }
  if (isSameHash(now, root)) return undefined;
  return `among the first ${size} entries are others than were seen: the history forked`;
}

/** A body's state, out of what reading it gave. */
export function bodyState(
  body: Uint8Array | "withdrawn" | undefined | { readonly kind: "file-problem" },
): ReturnType<BodyOf> {
  if (body === undefined) return "absent";
  if (body === "withdrawn") return body;
  return isProblem(body) ? "unreadable" : "kept";
}
