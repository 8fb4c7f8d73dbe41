/**
 * The messages between a log and a witness (tlog-witness, add-checkpoint): what the log posts,
 * what the witness answers, and how it decides.
 */
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { parseBase64, parseDecimal, parseUtf8, toUtf8 } from "./decimal.ts";
import { tlogLimits } from "./limits.ts";
import {
  type CheckSignature,
  type Malformed,
  type NoteSignature,
  openNote,
  parseNote,
  parseSignatureLine,
  signatureLine,
} from "./note.ts";
import { type Proof, type TreeHead, checkConsistency } from "./proof.ts";
import { HASH_BYTES, isSameHash } from "./tree-hash.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** What a log posts: from which size on, the proof, and the new checkpoint as a note. */
export interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: Proof;
  readonly note: Uint8Array;
}

/** The body of a request. */
export function addCheckpointBytes({ oldSize, proof, note }: AddCheckpoint): Uint8Array {
  const head = toUtf8(`old ${oldSize}\n${proof.map((hash) => `${hash.toBase64()}\n`).join("")}\n`);
  const bytes = new Uint8Array(head.length + note.length);
  bytes.set(head);
  bytes.set(note, head.length);
  return bytes;
}

/** A request's body, with nothing of it checked but its form. */
export function parseAddCheckpoint(
  bytes: Uint8Array,
): ({ readonly kind: "request" } & AddCheckpoint) | Malformed {
  if (bytes.length > tlogLimits.requestBytesMax.value) return malformed("the body is too long");
  // The head ends with the first empty line; the note has empty lines of its own.
  const split = emptyLineIn(bytes);
  const head = split < 0 ? undefined : parseUtf8(bytes.subarray(0, split));
  if (head === undefined) return malformed("no empty line ends the proof");
  const [first, ...lines] = head.split("\n");
  const oldSize = first!.startsWith("old ") ? parseDecimal(first!.slice(4)) : undefined;
  if (oldSize === undefined) return malformed("the first line is not an old size");
  if (lines.length > tlogLimits.proofHashesMax.value) return malformed("the proof is too long");
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = parseBase64(line);
    if (hash?.length !== HASH_BYTES) return malformed("a line of the proof is not a hash");
    proof.push(hash);
  }
  return { kind: "request", oldSize, proof, note: bytes.slice(split + 2) };
}

/** What a witness answers, as HTTP has it. */
export type WitnessAnswer =
  /** It may be cosigned, once `head` is kept as the latest, in one step with the old size. */
  | { readonly status: 200; readonly text: string; readonly checkpoint: Checkpoint }
  /** 409 with a size in its body where the log asked from another size than we know. */
  | { readonly status: 409; readonly size: number | undefined; readonly why: string }
  | { readonly status: 400 | 403 | 404 | 422; readonly why: string };

/** The keys of a log by its origin, as a witness is configured; undefined for a stranger. */
export type LogKeys = (origin: string) => readonly VerifierKey[] | undefined;

/** The latest head that the witness cosigned for an origin; undefined where there is none. */
export type LatestHead = (origin: string) => TreeHead | undefined;

/** Decides a request in the order that tlog-witness has; changes nothing. */
export async function judgeAddCheckpoint(
  body: Uint8Array,
  keysOf: LogKeys,
  latestOf: LatestHead,
  check: CheckSignature,
): Promise<WitnessAnswer> {
  const request = parseAddCheckpoint(body);
  if (request.kind === "malformed") return { status: 400, why: request.why };
  const note = parseNote(request.note);
  if (note.kind === "malformed") return { status: 400, why: note.why };
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.kind === "malformed") return { status: 400, why: checkpoint.why };
  const keys = keysOf(checkpoint.origin);
  if (keys === undefined) return { status: 404, why: "the log is not known here" };
  const opened = await openNote(request.note, keys, check);
  if (opened.kind !== "opened") return { status: 403, why: "no key of the log signed it" };
  if (request.oldSize > checkpoint.size) {
    return { status: 400, why: "the old size is the larger" };
  }
  return judgeHead(request, checkpoint, note.text, latestOf(checkpoint.origin));
}

/** The part that depends on what the witness has seen before. */
function judgeHead(
  request: AddCheckpoint,
  { origin, size, root, extensions }: Checkpoint,
  text: string,
  latest: TreeHead | undefined,
): WitnessAnswer {
  const known = latest?.size ?? 0;
  if (request.oldSize !== known) return { status: 409, size: known, why: "another old size" };
  const isSameSize = latest !== undefined && known === size;
  if (isSameSize && !isSameHash(latest.root, root)) {
    return { status: 409, size: undefined, why: "another root of the same size" };
  }
  if (known === 0 || isSameSize) {
    if (request.proof.length > 0) return { status: 422, why: "the proof should be empty" };
  } else {
    const verdict = checkConsistency(latest!, { size, root }, request.proof);
    if (verdict.kind === "refused") return { status: 422, why: verdict.why };
  }
  return { status: 200, text, checkpoint: { origin, size, root, extensions } };
}

/** The body of the answer 409: the size from which the witness would go on. */
export function conflictBytes(size: number): Uint8Array {
  return toUtf8(`${size}\n`);
}

/** The size in the body of an answer 409; undefined where there is none. */
export function parseConflict(body: Uint8Array): number | undefined {
  const text = parseUtf8(body.subarray(0, 32));
  return body.length > 32 || text?.endsWith("\n") !== true
    ? undefined
    : parseDecimal(text.slice(0, -1));
}

/** The body of the answer 200: the witness's signature lines. */
export function cosignaturesBytes(signatures: readonly NoteSignature[]): Uint8Array {
  return toUtf8(signatures.map(signatureLine).join(""));
}

/** The signature lines of an answer 200; undefined where the body is anything else. */
export function parseCosignatures(body: Uint8Array): NoteSignature[] | undefined {
  const text = body.length > tlogLimits.noteBytesMax.value ? undefined : parseUtf8(body);
  if (text === undefined || !text.endsWith("\n")) return undefined;
  const lines = text.slice(0, -1).split("\n");
  if (lines.length > tlogLimits.noteSignaturesMax.value) return undefined;
  const signatures = lines.map(parseSignatureLine);
  return signatures.every((one) => one !== undefined) ? signatures : undefined;
}

function emptyLineIn(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at;
  }
  return -1;
}

function malformed(why: string): Malformed {
  return { kind: "malformed", why };
}
