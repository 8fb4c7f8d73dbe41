/** Numbers, bytes and lines in the one spelling that the formats of C2SP allow. */
import { tlogLimits } from "./limits.ts";

/** A count in ASCII decimal without leading zeros; undefined where the text is anything else. */
export function parseDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= tlogLimits.treeLeavesMax.value ? value : undefined;
}

/**
 * The bytes of standard base64 (RFC 4648 §4) with its padding and with zeros in the bits that
 * are left over: two texts never mean the same bytes. Undefined where it is none.
 */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[0-9A-Za-z+/]*={0,2}$/.test(text)) return undefined;
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of bytes that are UTF-8; undefined where they are not. */
export function parseUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const encoder = new TextEncoder();

/** A text in UTF-8. */
export function toUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}
