/**
 * The leaves of the ledger: what an operator's server writes down of its own acts.
 *
 * Each is canonical JSON with a kind, a time, and exactly the fields of its kind;
 * docs/specs/ledger.md has them with example bytes. The fields of a kind never change: what needs
 * others is another kind.
 *
 * PRIVACY: a leaf is for everybody and for ever. What can be about a person stands in it as a
 * salted commitment only (`bodies.ts`).
 */
import { parseUtf8, toUtf8 } from "@lethe/tlog/decimal.ts";
import { tlogLimits } from "@lethe/tlog/limits.ts";
import { type Json, canonicalJson, parseCanonicalJson } from "../../base/canonical-json.ts";
import {
  type Shape,
  type TypeOf,
  base64,
  count,
  digest,
  document,
  listOf,
  object,
  oneOf,
  orNull,
  text,
  time,
  whyNot,
  yesOrNo,
} from "./leaf-fields.ts";

/** The settings in force: secrets are named and left out, personal ones committed to. */
const settings = {
  settings: document,
  withheld: listOf(text),
  personal: orNull(digest),
};

/** The fields of each kind, beside `kind` and `time`. */
export const leafShapes = {
  start: {
    ...settings,
    version: text,
    source: object({ digest, files: count }),
    packages: listOf(object({ name: text, version: text, digest, files: count })),
    objects: listOf(object({ path: text, digest })),
    arguments: listOf(text),
    afterStop: yesOrNo,
  },
  configuration: { ...settings, changed: listOf(text) },
  policy: { digest, document, effective: time, weakens: yesOrNo },
  "disclosure-table": { digest, rows: listOf(document) },
  "block-list": { name: text, source: text, digest, entries: count },
  "trust-anchors": { anchors: listOf(object({ zone: text, records: listOf(text) })) },
  "segment-drop": { segment: text, records: count, oldest: time, newest: time },
  sampling: { oneIn: count, purpose: text, until: time },
  "research-access": {
    who: text,
    purpose: text,
    fields: listOf(text),
    from: time,
    until: time,
    body: orNull(digest),
  },
  "legal-order": { body: digest },
  evidence: {
    digest,
    held: count,
    deviated: count,
    asserted: count,
    notExamined: count,
    body: orNull(digest),
  },
  examination: {
    auditor: text,
    from: time,
    until: time,
    criteria: text,
    opinion: oneOf("unqualified", "qualified", "adverse", "disclaimer"),
    report: digest,
    key: text,
    signature: base64,
  },
  "key-change": { key: text, purpose: text, signature: base64 },
  withdrawal: { body: digest, reason: text },
  heartbeat: { runningS: count },
  stop: { reason: text },
} as const satisfies Record<string, Shape>;

export type LeafKind = keyof typeof leafShapes;

/** A leaf of one kind. */
export type LeafOf<K extends LeafKind> = {
  readonly kind: K;
  /** When it was written, by the server's clock. */
  readonly time: string;
} & TypeOf<(typeof leafShapes)[K]>;

export type Leaf = { [K in LeafKind]: LeafOf<K> }[LeafKind];

/** Bytes as a leaf; as one of a kind that this version does not know; or why they are none. */
export type ReadLeaf =
  | { readonly kind: "leaf"; readonly leaf: Leaf }
  | { readonly kind: "unknown-kind"; readonly name: string; readonly time: string }
  | { readonly kind: "malformed"; readonly why: string };

const isTime = time.is;

/** The bytes of a leaf; undefined where it is too long for an entry, or says what JSON cannot. */
export function leafBytes(leaf: Leaf): Uint8Array | undefined {
  const json = canonicalJson(leaf);
  const bytes = json === undefined ? undefined : toUtf8(json);
  if (bytes === undefined || bytes.length > tlogLimits.entryBytesMax.value) return undefined;
  return readLeaf(bytes).kind === "leaf" ? bytes : undefined;
}

/** Reads an entry of a ledger. */
export function readLeaf(bytes: Uint8Array): ReadLeaf {
  const json = parseUtf8(bytes);
  const value = json === undefined ? undefined : parseCanonicalJson(json);
  if (value === undefined) return malformed("it is not canonical JSON");
  const common = whyNot({ kind: text, time }, commonOf(value));
  if (common !== undefined) return malformed(common);
  const { kind, time: written, ...rest } = value as { kind: string; time: string };
  if (!Object.hasOwn(leafShapes, kind)) return { kind: "unknown-kind", name: kind, time: written };
  const why = whyNot(leafShapes[kind as LeafKind], rest);
  return why === undefined ? { kind: "leaf", leaf: value as unknown as Leaf } : malformed(why);
}

/** The fields that every leaf has, out of an object. */
function commonOf(value: Json): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { kind, time: written } = value as { readonly [name: string]: Json };
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(written !== undefined && isTime(written) ? { time: written } : {}),
  };
}

function malformed(why: string): ReadLeaf {
  return { kind: "malformed", why };
}
