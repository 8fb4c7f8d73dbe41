/** Base64url without padding (RFC 4648 §5), decoded from and to where the octets lie. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const NOT_IN_ALPHABET = 0xff;
const valueOf = new Uint8Array(256).fill(NOT_IN_ALPHABET);
for (let value = 0; value < ALPHABET.length; value++) valueOf[ALPHABET.charCodeAt(value)] = value;

/** The text was not base64url, or not in its one canonical form, or did not fit. */
export const NOT_BASE64URL = -1;

/**
 * Decodes `text[at, end)` to `into[intoAt, limit)` and gives where it ended, or `NOT_BASE64URL`.
 *
 * Padding is no part of it (RFC 8484 §6), nor are bits that would be thrown away.
 * PERF: allocates nothing.
 */
export function decodeBase64url(
  text: Uint8Array,
  at: number,
  end: number,
  into: Uint8Array,
  intoAt: number,
  limit: number,
): number {
  const spare = (end - at) & 3;
  const bytes = ((end - at) >> 2) * 3 + (spare === 0 ? 0 : spare - 1);
  if (spare === 1 || intoAt + bytes > limit) return NOT_BASE64URL;
  let out = intoAt;
  let bits = 0;
  let pending = 0;
  for (let i = at; i < end; i++) {
    const value = valueOf[text[i]!]!;
    if (value === NOT_IN_ALPHABET) return NOT_BASE64URL;
    pending = (pending << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    into[out++] = pending >> bits;
    pending &= (1 << bits) - 1;
  }
  return pending === 0 ? out : NOT_BASE64URL;
}
