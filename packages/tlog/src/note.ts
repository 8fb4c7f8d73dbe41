/**
 * Signed notes: a text, an empty line, and a line for each signature (signed-note).
 *
 * Reading a note says nothing of who signed it: `openNote` does, and what it did not open must
 * not be believed, nor shown.
 */
import { parseBase64, parseUtf8, toUtf8 } from "./decimal.ts";
import { tlogLimits } from "./limits.ts";
import { type VerifierKey, isKeyName } from "./verifier-key.ts";

/** One signature line: `— name base64(id ‖ bytes)`. */
export interface NoteSignature {
  readonly name: string;
  readonly id: number;
  /** What the key made: for Ed25519 64 bytes, for a cosignature a timestamp before them. */
  readonly bytes: Uint8Array;
}

export interface Note {
  /** With its last newline; this is what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export type ReadNote = ({ readonly kind: "note" } & Note) | Malformed;

export interface Malformed {
  readonly kind: "malformed";
  readonly why: string;
}

/** An em dash and a space begin each line of a signature. */
const LINE_START = "\u2014 ";

/** Bytes as a note, with nobody's signature checked. */
export function parseNote(bytes: Uint8Array): ReadNote {
  if (bytes.length > tlogLimits.noteBytesMax.value) return malformed("the note is too long");
  const text = parseUtf8(bytes);
  if (text === undefined) return malformed("the note is not UTF-8");
  if (hasControls(text)) return malformed("the note holds a control character");
  const split = text.lastIndexOf("\n\n");
  if (split < 0) return malformed("no empty line is before the signatures");
  if (!text.endsWith("\n")) return malformed("the last line does not end");
  const lines = text.slice(split + 2).split("\n");
  lines.pop();
  if (lines.length === 0) return malformed("there is no signature");
  if (lines.length > tlogLimits.noteSignaturesMax.value) return malformed("too many signatures");
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === undefined) return malformed("a line of a signature is malformed");
    signatures.push(signature);
  }
  return { kind: "note", text: text.slice(0, split + 1), signatures };
}

/** One line without its newline; undefined where it is no signature. */
export function parseSignatureLine(line: string): NoteSignature | undefined {
  if (!line.startsWith(LINE_START)) return undefined;
  const [name, base64, ...more] = line.slice(LINE_START.length).split(" ");
  const bytes = base64 === undefined || more.length > 0 ? undefined : parseBase64(base64);
  if (name === undefined || !isKeyName(name) || bytes === undefined || bytes.length < 5) {
    return undefined;
  }
  const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return { name, id, bytes: bytes.slice(4) };
}

/** The line of a signature, with its newline. */
export function signatureLine({ name, id, bytes }: NoteSignature): string {
  const all = new Uint8Array(4 + bytes.length);
  new DataView(all.buffer).setUint32(0, id);
  all.set(bytes, 4);
  return `${LINE_START}${name} ${all.toBase64()}\n`;
}

/** The bytes of a note; undefined where its text cannot be one. */
export function noteBytes({ text, signatures }: Note): Uint8Array | undefined {
  if (!isNoteText(text)) return undefined;
  return toUtf8(`${text}\n${signatures.map(signatureLine).join("")}`);
}

/** Says whether a text can be signed: whole lines, no control characters but newlines. */
export function isNoteText(text: string): boolean {
  return text.endsWith("\n") && !hasControls(text) && text.isWellFormed();
}

/**
 * Checks one signature over a text by a known key: false where it is not that key's. A text is
 * given as it stands in the note, a signature as the line has it behind the id.
 */
export type CheckSignature = (
  key: VerifierKey,
  text: string,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

/** A note by at least one known key, or why it is not to be believed. */
export type OpenedNote =
  | {
      readonly kind: "opened";
      readonly text: string;
      /** By known keys, each checked; a line that stands twice is here once. */
      readonly signed: readonly { readonly key: VerifierKey; readonly signature: NoteSignature }[];
      /** By keys that we do not know: no more than bytes. */
      readonly unknown: readonly NoteSignature[];
    }
  | Malformed
  /** No known key signed it. */
  | { readonly kind: "unsigned" }
  /** A signature under a known key's name and id is not that key's: all of the note is refused. */
  | { readonly kind: "forged"; readonly key: VerifierKey };

/** Reads a note and checks every signature of the keys given. */
export async function openNote(
  bytes: Uint8Array,
  keys: readonly VerifierKey[],
  check: CheckSignature,
): Promise<OpenedNote> {
  const note = parseNote(bytes);
  if (note.kind === "malformed") return note;
  const signed: { key: VerifierKey; signature: NoteSignature }[] = [];
  const unknown: NoteSignature[] = [];
  const seen = new Set<string>();
  for (const signature of note.signatures) {
    const line = signatureLine(signature);
    if (seen.has(line)) continue;
    seen.add(line);
    const known = keys.filter(({ name, id }) => name === signature.name && id === signature.id);
    if (known.length === 0) unknown.push(signature);
    // Two known keys of one name and id: it must be one of theirs.
    let signer: VerifierKey | undefined;
    for (const key of known) {
      signer ??= (await check(key, note.text, signature.bytes)) ? key : undefined;
    }
    if (signer !== undefined) signed.push({ key: signer, signature });
    else if (known.length > 0) return { kind: "forged", key: known[0]! };
  }
  if (signed.length === 0) return { kind: "unsigned" };
  return { kind: "opened", text: note.text, signed, unknown };
}

function malformed(why: string): Malformed {
  return { kind: "malformed", why };
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}
