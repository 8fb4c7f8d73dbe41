/**
 * Which bytes a key of a type signs, and notes signed by it. The signatures themselves come from
 * outside, as functions: WebCrypto's stand in `ed25519.ts`, a server has its own.
 */
import { cosignatureBytes, cosignedMessage, parseCosignature } from "./cosignature.ts";
import { toUtf8 } from "./decimal.ts";
import { type CheckSignature, type NoteSignature, isNoteText } from "./note.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** Says whether an Ed25519 signature over a message is that of a public key. */
export type Ed25519Check = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

/** Makes the Ed25519 signature of a message, 64 bytes, with a key that it holds. */
export type Ed25519Sign = (message: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** The check of notes and cosignatures, out of a check of Ed25519. */
export function signatureCheck(ed25519: Ed25519Check): CheckSignature {
  return (key, text, bytes) => {
    if (key.type === "ed25519") {
      return bytes.length === 64 && ed25519(key.publicKey, toUtf8(text), bytes);
    }
    const cosignature = parseCosignature(bytes);
    // A witness's word is about checkpoints; under any other text it means nothing.
    if (cosignature === undefined || parseCheckpoint(text).kind !== "checkpoint") return false;
    const message = cosignedMessage(text, cosignature.timestampS);
    return ed25519(key.publicKey, message, cosignature.signature);
  };
}

/** Signs a note's text as its author; undefined where the text can be no note's. */
export async function signNote(
  text: string,
  key: VerifierKey,
  sign: Ed25519Sign,
): Promise<NoteSignature | undefined> {
  if (key.type !== "ed25519" || !isNoteText(text)) return undefined;
  return { name: key.name, id: key.id, bytes: await sign(toUtf8(text)) };
}

/** Signs a checkpoint's text as a witness, at a time; undefined where it is no checkpoint. */
export async function cosign(
  text: string,
  timestampS: number,
  key: VerifierKey,
  sign: Ed25519Sign,
): Promise<NoteSignature | undefined> {
  if (key.type !== "cosignature" || parseCheckpoint(text).kind !== "checkpoint") return undefined;
  const signature = await sign(cosignedMessage(text, timestampS));
  const bytes = cosignatureBytes({ timestampS, signature });
  return bytes === undefined ? undefined : { name: key.name, id: key.id, bytes };
}
