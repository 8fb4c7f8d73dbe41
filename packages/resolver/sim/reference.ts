/**
 * The slow, obvious resolver: it sees the whole tree and says what the right answer is.
 *
 * It shares nothing with the recursor but the limit on aliases. Where the answer cannot be reached
 * by everybody's means (no server of a zone works, or getting there would cost too much), it says
 * so: then SERVFAIL is right too. A wrong answer never is.
 */
import { wireLimits } from "@lethe/wire/limits.ts";
import { limits } from "../src/base/limits.ts";
import type { Reach } from "./hostile-reach.ts";
import { type Tree, type TreeZone, below, isWithin } from "./hostile-tree.ts";

/** Aliases that the reference follows before it says that there is no end. */
const ALIASES_MAX = 40;

const NS_MAX = limits.nsNamesPerDelegationMax.value;

const ALIASES_SURE = limits.aliasesPerQuestionMax.value;

const NAME_BYTES_MAX = wireLimits.nameBytesMax.value;

export interface RightAnswer {
  /** "none" where the aliases never end, so that only failing is right. */
  readonly rcode: "NOERROR" | "NXDOMAIN" | "YXDOMAIN" | "none";
  /** Records as `owner type data`, in any order. */
  readonly answer: readonly string[];
  /** So many records of the answer are enough: a resolver keeps only a part of a huge NS set. */
  readonly enough: number;
  /** The zone whose SOA stands in the authority section of a denial; undefined otherwise. */
  readonly deniedBy: string | undefined;
  /** The answer must be given: failing would be wrong. */
  readonly must: boolean;
}

/** What one name and type come to in the zone that has them. */
type Found =
  | { readonly kind: "data" | "no-data" | "no-name"; readonly records: readonly string[] }
  | { readonly kind: "alias"; readonly records: readonly string[]; readonly target: string };

/** The right answer to a question. */
export function rightAnswer(tree: Tree, reach: Reach, name: string, type: string): RightAnswer {
  const said = new Set<string>();
  const zones: TreeZone[] = [];
  let at = name;
  for (let aliases = 0; aliases <= ALIASES_MAX; aliases++) {
    const zone = zoneOf(tree.root, at);
    zones.push(zone);
    const found = look(zone, at, type);
    const must = aliases <= ALIASES_SURE && reach.isSure(zones);
    if (found.kind === "alias" && found.target.length + 1 > NAME_BYTES_MAX) {
      // A DNAME whose target is too long stands alone, without a CNAME (RFC 6672 §2.2).
      said.add(found.records[0]!);
      const answer = [...said];
      const enough = answer.length;
      return { rcode: "YXDOMAIN", answer, enough, deniedBy: undefined, must };
    }
    for (const record of found.records) said.add(record);
    if (found.kind !== "alias") {
      const answer = [...said];
      const surplus = Math.max(0, found.records.length - NS_MAX);
      const enough = type === "NS" ? answer.length - surplus : answer.length;
      const rcode = found.kind === "no-name" ? "NXDOMAIN" : "NOERROR";
      const deniedBy = found.kind === "data" ? undefined : zone.apex;
      return { rcode, answer, enough, deniedBy, must };
    }
    at = found.target;
  }
  return { rcode: "none", answer: [], enough: 0, deniedBy: undefined, must: false };
}

/** The deepest zone that a name lies in. */
export function zoneOf(root: TreeZone, name: string): TreeZone {
  const child = root.children.find((one) => isWithin(name, one.apex));
  return child === undefined ? root : zoneOf(child, name);
}

function look(zone: TreeZone, name: string, type: string): Found {
  for (const [owner, types] of zone.records) {
    const target = types.get("DNAME")?.[0];
    if (target === undefined || owner === name || !isWithin(name, owner)) continue;
    const prefix = name.slice(0, name.length - owner.length);
    const to = target === "." ? prefix : `${prefix}${target}`;
    const records = [`${owner} DNAME ${target}`, `${name} CNAME ${to}`];
    return type === "CNAME" ? { kind: "data", records } : { kind: "alias", records, target: to };
  }
  const types = zone.records.get(name) ?? wildcardAt(zone, name);
  if (types === undefined) {
    const isThere = hasBelow(zone, name);
    return { kind: isThere ? "no-data" : "no-name", records: [] };
  }
  const alias = types.get("CNAME")?.[0];
  if (alias !== undefined && type !== "CNAME") {
    return { kind: "alias", records: [`${name} CNAME ${alias}`], target: alias };
  }
  const data = types.get(type);
  if (data === undefined) return { kind: "no-data", records: [] };
  return { kind: "data", records: data.map((one) => `${name} ${type} ${one}`) };
}

/** Says whether a zone has names below this one: then it exists, empty as it is. */
function hasBelow(zone: TreeZone, name: string): boolean {
  return [...zone.records.keys()].some((owner) => owner !== name && isWithin(owner, name));
}

/** The wildcard that answers for a name that does not exist (RFC 4592 §3.3.1). */
function wildcardAt(zone: TreeZone, name: string): ReadonlyMap<string, string[]> | undefined {
  if (hasBelow(zone, name)) return undefined;
  for (let encloser = name; encloser !== zone.apex;) {
    encloser = encloser.slice(encloser.indexOf(".") + 1) || ".";
    if (encloser === zone.apex || zone.records.has(encloser) || hasBelow(zone, encloser)) {
      return zone.records.get(below("*", encloser));
    }
  }
  return undefined;
}
