/**
 * The head of a request of HTTP/1.1 (RFC 9112), read strictly.
 *
 * Whatever two readers could understand differently is refused: that is how requests are smuggled
 * past proxies (RFC 9112 §11.2). So: lines end in CR LF, no blank stands before a colon, no line
 * is folded, and a body's length is said once and in one way.
 */
import { FOLD } from "@lethe/wire/name.ts";
import { fieldName, fieldNameAt, isFieldName, isFieldValue } from "../http/field-name.ts";
import { NO_LENGTH, RequestHead, method } from "../http/request-head.ts";

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const SLASH = 0x2f;
const BLANK = 0x20;
const TAB = 0x09;

/** What the connection needs to know of a head beside the request. */
export interface Http1Head {
  readonly request: RequestHead;
  /** The status that refuses it, after which the connection is closed; 0 where it is proper. */
  status: number;
  isChunked: boolean;
  /** The connection ends with the response (RFC 9112 §9.3). */
  isLast: boolean;
  /** RFC 9110 §10.1.1: the client waits to hear that its body is wanted. */
  expectsContinue: boolean;
}

export function newHttp1Head(): Http1Head {
  const request = new RequestHead();
  return { request, status: 0, isChunked: false, isLast: false, expectsContinue: false };
}

/** Where the empty line that ends a head begins in `octets[at, end)`, or -1. */
export function headEnd(octets: Uint8Array, at: number, end: number): number {
  for (let i = at; i + 3 < end; i++) {
    if (octets[i] !== CR) continue;
    if (octets[i + 1] === LF && octets[i + 2] === CR && octets[i + 3] === LF) return i;
  }
  return -1;
}

/** Reads the head at `octets[at, end)`, where the empty line begins at `end`. Never throws. */
export function readHead(octets: Uint8Array, at: number, end: number, head: Http1Head): void {
  head.request.reset();
  head.status = 0;
  head.isChunked = false;
  head.isLast = false;
  head.expectsContinue = false;
  const seen: Seen = { hosts: 0, codings: 0, isChunked: false };
  let cursor = lineEnd(octets, at, end);
  head.status = readRequestLine(octets, at, cursor, head);
  const isOld = head.isLast;
  while (cursor < end && head.status === 0) {
    const from = cursor + 2;
    cursor = lineEnd(octets, from, end);
    head.status = readField(octets, from, cursor, head, seen);
  }
  if (head.status !== 0) return;
  head.isChunked = seen.isChunked;
  const { request } = head;
  const hasTwoLengths = seen.codings > 0 && request.contentLength !== NO_LENGTH;
  if (request.hasBadLength || hasTwoLengths || seen.hosts > 1 || (isOld && seen.codings > 0)) {
    head.status = 400;
  } else if (seen.hosts === 0 && !isOld) {
    // RFC 9112 §3.2: HTTP/1.1 has a Host field.
    head.status = 400;
  } else if (request.isTargetTooLong) {
    head.status = 414;
  }
}

interface Seen {
  hosts: number;
  codings: number;
  isChunked: boolean;
}

/** The end of the line that begins at `at`: its CR LF, or `end`. */
function lineEnd(octets: Uint8Array, at: number, end: number): number {
  for (let i = at; i + 1 < end; i++) if (octets[i] === CR && octets[i + 1] === LF) return i;
  return end;
}

/** `METHOD TARGET HTTP/1.1`; gives the status that refuses it, or 0. */
function readRequestLine(octets: Uint8Array, at: number, end: number, head: Http1Head): number {
  const methodEnd = indexOf(octets, at, end, BLANK);
  const targetEnd = indexOf(octets, methodEnd + 1, end, BLANK);
  if (methodEnd === end || targetEnd === end || methodEnd === at) return 400;
  const version = Buffer.from(octets.subarray(targetEnd + 1, end)).toString("latin1");
  if (!/^HTTP\/\d\.\d$/.test(version)) return 400;
  if (version !== "HTTP/1.1" && version !== "HTTP/1.0") return 505;
  head.isLast = version === "HTTP/1.0";
  for (let i = methodEnd + 1; i < targetEnd; i++) {
    if (octets[i]! <= BLANK || octets[i]! >= 0x7f) return 400;
  }
  head.request.setMethod(octets, at, methodEnd);
  const from = pathAt(octets, methodEnd + 1, targetEnd);
  if (from < 0) return head.request.method === method.options ? 405 : 400;
  head.request.setTarget(octets, from, targetEnd);
  return 0;
}

const HTTPS = Buffer.from("https://");
const HTTP = Buffer.from("http://");

/** RFC 9112 §3.2: a path, or a whole URI, of which the path is what matters; -1 for others. */
function pathAt(octets: Uint8Array, at: number, end: number): number {
  if (octets[at] === SLASH) return at;
  for (const scheme of [HTTPS, HTTP]) {
    if (!beginsWith(octets, at, end, scheme)) continue;
    const path = indexOf(octets, at + scheme.length, end, SLASH);
    if (path < end) return path;
  }
  return -1;
}

function beginsWith(octets: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (end - at < text.length) return false;
  return text.every((octet, i) => FOLD[octets[at + i]!] === octet);
}

/** `name: value`; gives the status that refuses it, or 0. */
function readField(
  octets: Uint8Array,
  at: number,
  end: number,
  head: Http1Head,
  seen: Seen,
): number {
  const nameEnd = indexOf(octets, at, end, COLON);
  if (nameEnd === end) return 400;
  // Names have no case; the octets are ours, so they are folded where they lie.
  for (let i = at; i < nameEnd; i++) octets[i] = FOLD[octets[i]!]!;
  if (octets[at] === COLON || !isFieldName(octets, at, nameEnd)) return 400;
  let from = nameEnd + 1;
  let to = end;
  while (from < to && isBlank(octets[from]!)) from++;
  while (to > from && isBlank(octets[to - 1]!)) to--;
  if (!isFieldValue(octets, from, to)) return 400;
  const name = fieldNameAt(octets, at, nameEnd);
  if (name === fieldName.host) {
    seen.hosts++;
  } else if (name === fieldName.transferEncoding) {
    seen.codings++;
    seen.isChunked = textAt(octets, from, to) === "chunked";
    // RFC 9112 §6.1: other codings, and several of them, are not known here.
    if (!seen.isChunked || seen.codings > 1) return 501;
  } else if (name === fieldName.connection) {
    if (/(^|[\s,])close($|[\s,])/.test(textAt(octets, from, to))) head.isLast = true;
  } else if (name === fieldName.expect) {
    if (textAt(octets, from, to) !== "100-continue") return 417;
    head.expectsContinue = true;
  } else {
    head.request.setField(name, octets, from, to);
  }
  return 0;
}

function textAt(octets: Uint8Array, at: number, end: number): string {
  return Buffer.from(octets.subarray(at, end)).toString("latin1").toLowerCase();
}

function indexOf(octets: Uint8Array, at: number, end: number, octet: number): number {
  let i = at;
  while (i < end && octets[i] !== octet) i++;
  return Math.min(i, end);
}

function isBlank(octet: number): boolean {
  return octet === BLANK || octet === TAB;
}
