/** Base64 and base32 of RFC 4648 as DNS texts use them. */

/** The bytes of a base64 text; undefined where it is none. Padding and zero bits must be right. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[0-9a-zA-Z+/]*={0,2}$/.test(text)) return undefined;
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

/** Base32 with extended hex alphabet, capitals, no padding (RFC 5155 §3.3). */
export function toBase32Hex(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += DIGITS[(value >> (bits - 5)) & 31]!;
  }
  return bits > 0 ? text + DIGITS[(value << (5 - bits)) & 31]! : text;
}

/** The bytes of a base32 text of either case without padding; undefined where it is none. */
export function fromBase32Hex(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let size = 0;
  let bits = 0;
  let value = 0;
  for (const char of text.toUpperCase()) {
    const digit = DIGITS.indexOf(char);
    if (digit < 0) return undefined;
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[size++] = value >> bits;
  }
  const isWhole = bits < 5 && (value & ((1 << bits) - 1)) === 0;
  return isWhole ? bytes : undefined;
}
