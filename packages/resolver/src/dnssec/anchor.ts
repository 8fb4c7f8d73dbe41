/**
 * Trust anchors: what is believed of a zone before anything is asked (RFC 4035 §4.4).
 *
 * The root's two keys are built in. Files hold DS or DNSKEY records as a zone file would; a zone
 * may have both, and several of each.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT, isAtOrUnder, nameEqual } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { assert } from "../base/assert.ts";
import { parseDs } from "./ds.ts";
import type { Trust } from "./judge-keys.ts";
import { isRevoked, isZoneKey, parseKey } from "./key.ts";

/** A zone and what is believed of its keys. */
export interface TrustAnchor extends Trust {
  readonly zone: Name;
}

/** Why a text holds no trust anchors. */
export interface AnchorError {
  readonly kind: "anchor-error";
  /** The line, counted from 1; 0 where it is about the text as a whole. */
  readonly line: number;
  readonly why: string;
}

/**
 * The root's keys as digests: KSK-2017 (tag 20326) and KSK-2024 (tag 38696).
 *
 * Source: IANA root-anchors.xml, as in Debian's dns-root-data (`root.ds`).
 */
const ROOT_ANCHORS = `
. DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
`;

/** The built-in anchor of the root. */
export function rootAnchor(): TrustAnchor {
  const read = readAnchors(ROOT_ANCHORS);
  assert(!("kind" in read) && read.length === 1, "the built-in anchors can be read");
  return read[0]!;
}

/** The anchors in a text of DS and DNSKEY records, one a zone, in the order of the file. */
export function readAnchors(text: string): readonly TrustAnchor[] | AnchorError {
  const file = readZoneFile(text, { origin: ROOT, ttlS: 0 });
  if (!("records" in file)) return anchorError(file.line, file.why);
  const anchors: { zone: Name; ds: Trust["ds"]; keys: Trust["keys"] }[] = [];
  for (const record of file.records) {
    const trust = trustIn(record);
    if (typeof trust === "string") return anchorError(0, trust);
    const known = anchors.find((anchor) => nameEqual(anchor.zone, record.name));
    if (known === undefined) anchors.push({ zone: record.name, ...trust });
    else {
      known.ds = [...known.ds, ...trust.ds];
      known.keys = [...known.keys, ...trust.keys];
    }
  }
  return anchors.length > 0 ? anchors : anchorError(0, "no DS and no DNSKEY record");
}

/** The anchor that a name is judged from: the one of the deepest zone that holds it. */
export function anchorOver(name: Name, anchors: readonly TrustAnchor[]): TrustAnchor | undefined {
  let deepest: TrustAnchor | undefined;
  for (const anchor of anchors) {
    if (!isAtOrUnder(name, anchor.zone)) continue;
    if (deepest === undefined || anchor.zone.length > deepest.zone.length) deepest = anchor;
  }
  return deepest;
}

function trustIn({ type, rdata }: ResourceRecord): Trust | string {
  if (type === rrType.DS) {
    const ds = parseDs(rdata);
    return ds === undefined ? "a DS record is malformed" : { ds: [ds], keys: [] };
  }
  if (type !== rrType.DNSKEY) return "a record that is neither DS nor DNSKEY";
  const key = parseKey(rdata);
  if (key === undefined) return "a DNSKEY record is malformed";
  if (!isZoneKey(key)) return "a DNSKEY record whose key is not marked as a zone key";
  return isRevoked(key) ? "a DNSKEY record whose key is revoked" : { ds: [], keys: [key] };
}

function anchorError(line: number, why: string): AnchorError {
  return { kind: "anchor-error", line, why };
}
