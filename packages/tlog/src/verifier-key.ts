/**
 * Verifier keys: the one line by which a key of notes is handed on (signed-note, vkeys).
 *
 *     PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
 *
 * A name, the key's id in hexadecimal, and the type and bytes of the key in base64.
 */
import { parseBase64, toUtf8 } from "./decimal.ts";
import { tlogLimits } from "./limits.ts";
import { sha256 } from "./sha256.ts";

/** What a key signs: the text of a note (type 1), or a witness's statement (type 4). */
export type SignatureType = "ed25519" | "cosignature";

const TYPE_BYTES: Readonly<Record<SignatureType, number>> = { ed25519: 0x01, cosignature: 0x04 };
const PUBLIC_KEY_BYTES = 32;

/** A key that signatures are checked with. */
export interface VerifierKey {
  readonly name: string;
  /** 32 bits that find the key; no more than a hint, for anyone can make a second such key. */
  readonly id: number;
  readonly type: SignatureType;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A key by its name, type and bytes; undefined where name or length cannot be. */
export function verifierKey(
  name: string,
  type: SignatureType,
  publicKey: Uint8Array,
): VerifierKey | undefined {
  if (!isKeyName(name) || toUtf8(name).length > tlogLimits.keyNameBytesMax.value) return undefined;
  if (publicKey.length !== PUBLIC_KEY_BYTES) return undefined;
  return { name, id: keyId(name, type, publicKey), type, publicKey };
}

/** SHA-256(name ‖ newline ‖ type ‖ public key), its first four bytes as a number. */
function keyId(name: string, type: SignatureType, publicKey: Uint8Array): number {
  const label = toUtf8(`${name}\n`);
  const bytes = new Uint8Array(label.length + 1 + publicKey.length);
  bytes.set(label);
  bytes[label.length] = TYPE_BYTES[type];
  bytes.set(publicKey, label.length + 1);
  return new DataView(sha256(bytes).buffer).getUint32(0);
}

/** The line of a key. */
export function verifierKeyToText(key: VerifierKey): string {
  const bytes = Uint8Array.of(TYPE_BYTES[key.type], ...key.publicKey);
  return `${key.name}+${key.id.toString(16).padStart(8, "0")}+${bytes.toBase64()}`;
}

/** The key of a line; undefined where it is none, or its id is not its own. */
export function parseVerifierKey(text: string): VerifierKey | undefined {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([0-9A-Za-z+/=]{1,128})$/.exec(text);
  const bytes = match === null ? undefined : parseBase64(match[3]!);
  if (match === null || bytes === undefined) return undefined;
  const type = (["ed25519", "cosignature"] as const).find((one) => TYPE_BYTES[one] === bytes[0]);
  const key = type === undefined ? undefined : verifierKey(match[1]!, type, bytes.subarray(1));
  return key !== undefined && key.id === Number.parseInt(match[2]!, 16) ? key : undefined;
}

/** Says whether a text can name a key: not empty, no plus, no space of any script, no control. */
export function isKeyName(name: string): boolean {
  // Half a surrogate pair has no UTF-8 of its own.
  return /^[^\p{White_Space}\p{Cs}+]+$/u.test(name) && !hasControls(name);
}

/** Says whether a text has a control character below the space, line ends included. */
function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return true;
  return false;
}
