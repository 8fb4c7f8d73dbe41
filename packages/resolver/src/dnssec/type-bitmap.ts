/**
 * The type bitmap of NSEC and NSEC3 records: which types a name has (RFC 4034 §4.1.2).
 *
 *   { window u8 | length u8, 1 to 32 | bits, the highest of the first octet first }*
 */

const WINDOW_BYTES_MAX = 32;

/** Says whether this is a bitmap: windows in ascending order, each of 1 to 32 bytes. */
export function isTypeBitmap(bitmap: Uint8Array): boolean {
  let before = -1;
  let at = 0;
  while (at < bitmap.length) {
    const size = bitmap[at + 1] ?? 0;
    if (bitmap[at]! <= before || size === 0 || size > WINDOW_BYTES_MAX) return false;
    before = bitmap[at]!;
    at += 2 + size;
  }
  return at === bitmap.length;
}

/** Says whether a type stands in a valid bitmap. */
export function hasType(bitmap: Uint8Array, type: number): boolean {
  const window = type >>> 8;
  const octet = (type & 0xff) >>> 3;
  for (let at = 0; at < bitmap.length; at += 2 + bitmap[at + 1]!) {
    if (bitmap[at] !== window) continue;
    return octet < bitmap[at + 1]! && (bitmap[at + 2 + octet]! & (0x80 >>> (type & 7))) !== 0;
  }
  return false;
}

/** Says whether a type other than these stands in a valid bitmap. */
export function hasTypeBut(bitmap: Uint8Array, others: ReadonlySet<number>): boolean {
  for (let at = 0; at < bitmap.length; at += 2 + bitmap[at + 1]!) {
    for (let i = 0; i < 8 * bitmap[at + 1]!; i++) {
      const isSet = (bitmap[at + 2 + (i >>> 3)]! & (0x80 >>> (i & 7))) !== 0;
      if (isSet && !others.has((bitmap[at]! << 8) | i)) return true;
    }
  }
  return false;
}
