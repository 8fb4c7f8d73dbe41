/** The media types that this server knows: `content-type` and `accept` (RFC 9110 §8.3, §12.5.1). */

/** One bit each, so that a list of accepted ones is a number. */
export const mediaType = {
  none: 0,
  /** `application/dns-message`, and the name that it had in drafts, which is still asked with. */
  dnsMessage: 1,
  dnsJson: 2,
  obliviousDnsMessage: 4,
  json: 8,
  html: 16,
  text: 32,
  /** Whatever is not named here. */
  other: 64,
  /** In `accept` only: any type at all. */
  any: 128,
} as const;
export type MediaType = number;

const TYPES: readonly [Uint8Array, MediaType][] = [
  [Buffer.from("application/dns-message"), mediaType.dnsMessage],
  [Buffer.from("application/dns-udpwireformat"), mediaType.dnsMessage],
  [Buffer.from("application/dns-json"), mediaType.dnsJson],
  [Buffer.from("application/oblivious-dns-message"), mediaType.obliviousDnsMessage],
  [Buffer.from("application/json"), mediaType.json],
  [Buffer.from("text/html"), mediaType.html],
  [Buffer.from("text/plain"), mediaType.text],
  [Buffer.from("*/*"), mediaType.any],
  [Buffer.from("application/*"), mediaType.any],
];
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const BLANK = 0x20;
const TAB = 0x09;

/** The type at `octets[at, end)`, its parameters passed over. PERF: allocates nothing. */
export function mediaTypeAt(octets: Uint8Array, at: number, end: number): MediaType {
  let from = at;
  while (from < end && isBlank(octets[from]!)) from++;
  let to = from;
  while (to < end && octets[to] !== SEMICOLON) to++;
  while (to > from && isBlank(octets[to - 1]!)) to--;
  for (const [text, type] of TYPES) {
    if (isTextAt(text, octets, from, to)) return type;
  }
  return mediaType.other;
}

/** The types of a list, as bits; weights are passed over. */
export function mediaTypesAt(octets: Uint8Array, at: number, end: number): MediaType {
  let types = 0;
  for (let from = at; from < end;) {
    let to = from;
    while (to < end && octets[to] !== COMMA) to++;
    types |= mediaTypeAt(octets, from, to);
    from = to + 1;
  }
  return types;
}

/** Compares without regard to the case of letters. */
function isTextAt(text: Uint8Array, octets: Uint8Array, at: number, end: number): boolean {
  if (text.length !== end - at) return false;
  for (let i = 0; i < text.length; i++) {
    const octet = octets[at + i]!;
    const lower = octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
    if (lower !== text[i]) return false;
  }
  return true;
}

function isBlank(octet: number): boolean {
  return octet === BLANK || octet === TAB;
}
