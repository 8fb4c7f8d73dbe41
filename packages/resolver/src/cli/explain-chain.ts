/**
 * The chain of trust from the evidence of one question: zones from the anchor down, then what was
 * found, each with its verdict. Plain data, which `explain --json` prints (docs/specs/explain.md).
 */
import { extendedErrorToText, typeToText } from "@lethe/wire/codes-text.ts";
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  ancestorWithLabels,
  isAtOrUnder,
  labelCount,
  nameKey,
  parentOf,
} from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { ExtendedError } from "../cache/failed.ts";
import { signedLabels, wildcardBelow } from "../dnssec/canonical.ts";
import { trustOf } from "../dnssec/judge-keys.ts";
import type { ZoneKeys } from "../dnssec/judge-set.ts";
import { parseKey } from "../dnssec/key.ts";
import { parseSignature } from "../dnssec/signature.ts";
import type { Evidence } from "../recursor/evidence.ts";
import { findSet } from "../recursor/sets.ts";
import { type Denied, type ShownProof, shownProof } from "./explain-denial.ts";
import {
  type ShownDs,
  type ShownKey,
  type ShownSignature,
  shownDs,
  shownKeys,
  shownSignatures,
} from "./explain-signatures.ts";

/** A zone on the way, or the name where the way ends. */
export interface ShownZone {
  readonly zone: string;
  readonly verdict: string;
  /** What is wrong, or why it counts as unsigned. */
  readonly why?: string;
  /** How trust comes to it. */
  readonly from: "trust anchor" | "DS" | "negative trust anchor" | "nothing";
  readonly ds: readonly ShownDs[];
  readonly dsSignatures: readonly ShownSignature[];
  /** What proves that it has no DS. */
  readonly noDs?: ShownProof;
  readonly keys: readonly ShownKey[];
  readonly keySignatures: readonly ShownSignature[];
}

/** A set that was found, or a denial. */
export interface ShownPart {
  readonly kind: "data" | "no name" | "no data";
  readonly name: string;
  readonly type: string;
  readonly verdict: string;
  readonly why?: string;
  /** The zones that its chain leads through, the anchor's first. */
  readonly path: readonly string[];
  readonly rdatas: readonly string[];
  readonly signatures: readonly ShownSignature[];
  /** The wildcard that it was made from. */
  readonly wildcard?: string;
  readonly proof?: ShownProof;
}

export interface ShownChain {
  readonly zones: readonly ShownZone[];
  readonly parts: readonly ShownPart[];
}

type KeysEvidence = Evidence & { readonly kind: "keys" };
type CutEvidence = Evidence & { readonly kind: "cut" };
type PartEvidence = Evidence & { readonly kind: "data" | "denial" };

/** What is known of one zone. */
interface Node {
  readonly name: Name;
  cut?: CutEvidence;
  keys?: KeysEvidence;
  unvalidated?: Evidence;
}

/** The chain that the evidence of one question tells. */
export function shownChain(evidence: readonly Evidence[], nowS: number): ShownChain {
  const nodes = new Map<string, Node>();
  const parts = new Map<string, PartEvidence>();
  for (const one of evidence) {
    if (one.kind === "data" || one.kind === "denial") {
      const key = `${nameKey(one.name)} ${one.kind === "data" ? one.set.type : (one.type ?? "")}`;
      // Asked for again, it may fail for what the first judgement left in the cache.
      if (one.keys !== undefined || parts.get(key)?.keys === undefined) parts.set(key, one);
      continue;
    }
    if (one.judged === "no-cut" || one.judged === "indeterminate") continue;
    const key = nameKey(one.name);
    const node = nodes.get(key) ?? { name: one.name };
    nodes.set(key, { ...node, [one.kind]: one });
  }
  const all = [...nodes.values()].toSorted((a, b) => labelCount(a.name) - labelCount(b.name));
  const found = [...parts.values()];
  const used = all.filter((node) => isOnTheWay(node, found));
  const shown = found.map((part) => shownPart(part, used, nowS));
  const zones = used.map((node) => shownZone(node, used, shown, nowS));
  return { zones, parts: shown };
}

/** A break is on the way where nothing was judged beyond it. */
function isOnTheWay({ name, cut }: Node, parts: readonly PartEvidence[]): boolean {
  if (cut?.judged !== "bogus") return true;
  return !parts.some((part) => part.keys !== undefined && isAtOrUnder(part.name, name));
}

/** What is wrong, as a client is told it. */
export function reasonText([why]: readonly ExtendedError[]): string | undefined {
  if (why === undefined) return undefined;
  const title = extendedErrorToText(why.code);
  return why.text === "" ? title : `${title}: ${why.text}`;
}

function because(errors: readonly ExtendedError[]): { readonly why?: string } {
  const why = reasonText(errors);
  return why === undefined ? {} : { why };
}

function shownZone(
  node: Node,
  all: readonly Node[],
  parts: readonly ShownPart[],
  nowS: number,
): ShownZone {
  const { name, cut, keys } = node;
  const last = node.unvalidated ?? keys ?? cut!;
  const zoneKeys = keysIn(keys, name);
  const dsSet = cut && findSet(cut.answer, name, rrType.DS);
  const ds = dsSet === undefined ? (keys?.trust.ds ?? []) : trustOf(dsSet).ds;
  const keySignatures = keys?.set === undefined ? [] : shownSignatures(keys.set, zoneKeys, nowS);
  const seen = [...keySignatures, ...signaturesOf(name, all, parts, nowS)];
  return {
    zone: nameToText(name),
    verdict: last.judged === "signed-cut" ? "secure" : last.judged,
    ...because(last.errors),
    from: fromOf(node),
    ds: shownDs(ds, zoneKeys),
    dsSignatures: dsSet === undefined ? [] : shownSignatures(dsSet, cut?.keys, nowS),
    ...(cut === undefined || dsSet !== undefined ? {} : { noDs: proofOfCut(cut, nowS) }),
    keys: zoneKeys === undefined ? [] : shownKeys(zoneKeys, keys!.trust, seen),
    keySignatures,
  };
}

function fromOf({ keys, cut, unvalidated }: Node): ShownZone["from"] {
  if (unvalidated !== undefined) return "negative trust anchor";
  if (keys !== undefined) return keys.isAnchor ? "trust anchor" : "DS";
  return cut?.judged === "signed-cut" ? "DS" : "nothing";
}

/** The keys of a zone as they were told, proven or not. */
function keysIn(evidence: KeysEvidence | undefined, zone: Name): ZoneKeys | undefined {
  const keys = evidence?.set?.rdatas.map(parseKey).filter((key) => key !== undefined) ?? [];
  return keys.length === 0 ? undefined : { zone, keys };
}

function proofOfCut(cut: CutEvidence, nowS: number): ShownProof {
  return shownProof("DS", cut.name, cut.authority, cut.keys.zone, cut.keys, nowS);
}

/** All signatures that the zone's own keys may have made, but for those of the keys. */
function signaturesOf(
  zone: Name,
  all: readonly Node[],
  parts: readonly ShownPart[],
  nowS: number,
): ShownSignature[] {
  const ofCuts = all.flatMap(({ name, cut }) => {
    if (cut === undefined) return [];
    const dsSet = findSet(cut.answer, name, rrType.DS);
    if (dsSet === undefined) return proofOfCut(cut, nowS).signatures;
    return shownSignatures(dsSet, cut.keys, nowS);
  });
  const ofParts = parts.flatMap(({ signatures, proof }) => [
    ...signatures,
    ...(proof?.signatures ?? []),
  ]);
  return [...ofCuts, ...ofParts].filter(({ signer }) => signer === nameToText(zone));
}

function shownPart(part: PartEvidence, all: readonly Node[], nowS: number): ShownPart {
  const type = part.kind === "data" ? part.set.type : part.type;
  const home = type === rrType.DS ? parentOf(part.name) : part.name;
  const common = {
    name: nameToText(part.name),
    type: type === undefined ? "" : typeToText(type),
    verdict: part.judged,
    ...because(part.errors),
    path: all.filter(({ name }) => isAtOrUnder(home, name)).map(({ name }) => nameToText(name)),
  };
  if (part.kind === "denial") {
    const denied: Denied = type === undefined ? "name" : "type";
    const proof = proofOf(denied, part, part.authority, nowS);
    return {
      kind: type === undefined ? "no name" : "no data",
      ...common,
      rdatas: [],
      signatures: [],
      ...(proof === undefined ? {} : { proof }),
    };
  }
  const { set } = part;
  const encloser = wildcardParent(set);
  const nextCloser = encloser && ancestorWithLabels(set.name, labelCount(encloser) + 1);
  const closer = nextCloser && { ...part, name: nextCloser };
  const proof = closer && proofOf("closer name", closer, part.proofs, nowS);
  return {
    kind: "data",
    ...common,
    rdatas: set.rdatas.map((rdata) => rdataToText(set.type, rdata)),
    signatures: shownSignatures(set, part.keys, nowS),
    ...(encloser === undefined ? {} : { wildcard: nameToText(wildcardBelow(encloser)!) }),
    ...(proof === undefined ? {} : { proof }),
  };
}

/** The proof, where the zone is known that gives it. */
function proofOf(
  denied: Denied,
  { name, keys }: PartEvidence,
  authority: readonly RecordSet[],
  nowS: number,
): ShownProof | undefined {
  return keys && shownProof(denied, name, authority, keys.zone, keys, nowS);
}

/** The parent of the wildcard that a set claims to be made from. */
function wildcardParent({ name, signatures }: RecordSet): Name | undefined {
  const labels = signedLabels(name);
  for (const rdata of signatures) {
    const signature = parseSignature(rdata);
    if (signature !== undefined && signature.labels < labels) {
      return ancestorWithLabels(name, signature.labels);
    }
  }
  return undefined;
}
