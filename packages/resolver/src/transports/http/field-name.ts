/**
 * The header fields that this server reads, as small numbers.
 *
 * Everything else is `other`: looked over for correctness and forgotten. PRIVACY: neither
 * `user-agent` nor `cookie` nor `accept-language` nor `referer` is a row here, so no code behind
 * the transport can see them (RFC 8932 §5.2.4).
 */

export const fieldName = {
  other: 0,
  method: 1,
  scheme: 2,
  authority: 3,
  path: 4,
  /** A pseudo-header field of no request. */
  otherPseudo: 5,
  contentType: 6,
  contentLength: 7,
  accept: 8,
  te: 9,
  host: 10,
  /** Fields about the connection, which HTTP/2 does not have (RFC 9113 §8.2.2). */
  connection: 11,
  transferEncoding: 12,
  expect: 13,
  ifNoneMatch: 14,
} as const;
export type FieldName = (typeof fieldName)[keyof typeof fieldName];

const NAMES: readonly [text: string, name: FieldName][] = [
  [":method", fieldName.method],
  [":scheme", fieldName.scheme],
  [":authority", fieldName.authority],
  [":path", fieldName.path],
  ["content-type", fieldName.contentType],
  ["content-length", fieldName.contentLength],
  ["accept", fieldName.accept],
  ["te", fieldName.te],
  ["host", fieldName.host],
  ["connection", fieldName.connection],
  ["proxy-connection", fieldName.connection],
  ["keep-alive", fieldName.connection],
  ["upgrade", fieldName.connection],
  ["transfer-encoding", fieldName.transferEncoding],
  ["expect", fieldName.expect],
  ["if-none-match", fieldName.ifNoneMatch],
];
const known = NAMES.map(([text, name]) => ({ octets: Buffer.from(text, "latin1"), name }));
/** The known names by their length, which few share. */
const byLength = Array.from({ length: 18 }, (_, length) =>
  known.filter(({ octets }) => octets.length === length),
);
const COLON = 0x3a;

/** Which field the name at `octets[at, end)` means; names are in lower case. */
export function fieldNameAt(octets: Uint8Array, at: number, end: number): FieldName {
  const candidates = byLength[end - at];
  if (candidates !== undefined) {
    for (const candidate of candidates) {
      if (isSame(candidate.octets, octets, at)) return candidate.name;
    }
  }
  return end > at && octets[at] === COLON ? fieldName.otherPseudo : fieldName.other;
}

function isSame(octets: Uint8Array, other: Uint8Array, at: number): boolean {
  for (let i = 0; i < octets.length; i++) if (octets[i] !== other[at + i]) return false;
  return true;
}

/** Says whether `octets[at, end)` may name a field: a token in lower case (RFC 9113 §8.2.1). */
export function isFieldName(octets: Uint8Array, at: number, end: number): boolean {
  if (at === end) return false;
  for (let i = octets[at] === COLON ? at + 1 : at; i < end; i++) {
    if (isTokenOctet[octets[i]!] === 0) return false;
  }
  return true;
}

/** RFC 9110 §5.6.2, without upper case. */
const isTokenOctet = new Uint8Array(256);
for (const octet of Buffer.from("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) {
  isTokenOctet[octet] = 1;
}

/**
 * Says whether `octets[at, end)` may be a field's value: no line breaks, no zero octet, no blank at
 * either end (RFC 9113 §8.2.1).
 */
export function isFieldValue(octets: Uint8Array, at: number, end: number): boolean {
  if (at === end) return true;
  if (isBlank(octets[at]!) || isBlank(octets[end - 1]!)) return false;
  for (let i = at; i < end; i++) {
    const octet = octets[i]!;
    if (octet === 0 || octet === 0x0a || octet === 0x0d) return false;
  }
  return true;
}

function isBlank(octet: number): boolean {
  return octet === 0x20 || octet === 0x09;
}
