/**
 * Cosignatures: a witness's word that, at a time, this was the largest consistent tree it had
 * seen of a log (tlog-cosignature, version 1: Ed25519 with a timestamp).
 */
import { toUtf8 } from "./decimal.ts";
import { tlogLimits } from "./limits.ts";

const SIGNATURE_BYTES = 64;
const TIMESTAMP_BYTES = 8;

/** What a cosignature line holds behind the key's id. */
export interface Cosignature {
  /** Seconds since 1970, when the witness signed. */
  readonly timestampS: number;
  readonly signature: Uint8Array;
}

/** What the witness signs: a header, its time, and the checkpoint's text. */
export function cosignedMessage(checkpointText: string, timestampS: number): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${timestampS}\n${checkpointText}`);
}

/** The bytes of a `timestamped_signature`; undefined where time or signature cannot be. */
export function cosignatureBytes({ timestampS, signature }: Cosignature): Uint8Array | undefined {
  if (!isTimestamp(timestampS) || signature.length !== SIGNATURE_BYTES) return undefined;
  const bytes = new Uint8Array(TIMESTAMP_BYTES + SIGNATURE_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(timestampS));
  bytes.set(signature, TIMESTAMP_BYTES);
  return bytes;
}

/** A `timestamped_signature`; undefined where the bytes are none. */
export function parseCosignature(bytes: Uint8Array): Cosignature | undefined {
  if (bytes.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) return undefined;
  const timestampS = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  if (!isTimestamp(timestampS)) return undefined;
  return { timestampS, signature: bytes.slice(TIMESTAMP_BYTES) };
}

function isTimestamp(timestampS: number): boolean {
  const { value } = tlogLimits.timestampMaxS;
  return Number.isInteger(timestampS) && timestampS >= 0 && timestampS <= value;
}
