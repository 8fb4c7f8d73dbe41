/**
 * The slow, obvious resolver: it sees the whole tree and says what the right answer is.
 *
 * It shares nothing with the recursor but the limit on aliases. Where zones are signed, it says
 * what can be proven: what is bogus must never be answered. Where the answer cannot be reached by
 * everybody's means (no server of a zone works, or getting there would cost too much), it says so:
 * then SERVFAIL is right too. A wrong answer never is.
 */
import { wireLimits } from "@lethe/wire/limits.ts";
import { limits } from "../src/base/limits.ts";
import type { Reach } from "./hostile-reach.ts";
import { type HostileSigning, type Piece, type Truth, weakest } from "./hostile-signing.ts";
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
  /** What can be proven of it; only failing is right where it is bogus, unless CD is set. */
  readonly truth: Truth | "secure or insecure";
  /** No record of it may have a longer TTL, in seconds. */
  readonly ttlMaxS: number;
}

/** What one name and type come to in the zone that has them. */
type Found =
  | {
      readonly kind: "data" | "no-data" | "no-name";
      readonly records: readonly string[];
      readonly piece: Piece;
    }
  | {
      readonly kind: "alias";
      readonly records: readonly string[];
      readonly piece: Piece;
      readonly target: string;
    };

/** The right answer to a question; without `signing` nothing of the tree is signed. */
export function rightAnswer(
  tree: Tree,
  reach: Reach,
  name: string,
  type: string,
  signing?: HostileSigning,
): RightAnswer {
  const said = new Set<string>();
  const zones: TreeZone[] = [];
  const truths: (Truth | "secure or insecure")[] = [];
  const all = (): Pick<RightAnswer, "answer" | "truth" | "ttlMaxS"> => ({
    answer: [...said],
    truth: weakest(truths),
    ttlMaxS: Math.max(...zones.map((zone) => zone.ttlS)),
  });
  let at = name;
  for (let aliases = 0; aliases <= ALIASES_MAX; aliases++) {
    const zone = zoneOf(tree.root, at);
    zones.push(zone);
    const found = look(zone, at, type);
    truths.push(signing?.truthOf(zone, found.piece) ?? "insecure");
    const must = aliases <= ALIASES_SURE && reach.isSure(zones);
    if (found.kind === "alias" && found.target.length + 1 > NAME_BYTES_MAX) {
      // A DNAME whose target is too long stands alone, without a CNAME (RFC 6672 §2.2).
      said.add(found.records[0]!);
      return { rcode: "YXDOMAIN", ...all(), enough: said.size, deniedBy: undefined, must };
    }
    for (const record of found.records) said.add(record);
    if (found.kind !== "alias") {
      const surplus = Math.max(0, found.records.length - NS_MAX);
      const enough = type === "NS" ? said.size - surplus : said.size;
      const rcode = found.kind === "no-name" ? "NXDOMAIN" : "NOERROR";
      const deniedBy = found.kind === "data" ? undefined : zone.apex;
      return { rcode, ...all(), enough, deniedBy, must };
    }
    at = found.target;
  }
  return { rcode: "none", ...all(), answer: [], enough: 0, deniedBy: undefined, must: false };
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
    const piece: Piece = { kind: "set", owner, type: "DNAME", isWildcard: false };
    if (type === "CNAME") return { kind: "data", records, piece };
    return { kind: "alias", records, piece, target: to };
  }
  const wildcard = wildcardAt(zone, name);
  const isWildcard = !zone.records.has(name) && wildcard !== undefined;
  const owner = isWildcard ? wildcard : name;
  const types = zone.records.get(owner);
  if (types === undefined) {
    const isThere = hasBelow(zone, name);
    const kind = isThere ? "no-data" : "no-name";
    return { kind, records: [], piece: { kind, isWildcard: false } };
  }
  const alias = types.get("CNAME")?.[0];
  if (alias !== undefined && type !== "CNAME") {
    const piece: Piece = { kind: "set", owner, type: "CNAME", isWildcard };
    return { kind: "alias", records: [`${name} CNAME ${alias}`], piece, target: alias };
  }
  const data = types.get(type);
  if (data === undefined) {
    return { kind: "no-data", records: [], piece: { kind: "no-data", isWildcard } };
  }
  const piece: Piece = { kind: "set", owner, type, isWildcard };
  return { kind: "data", records: data.map((one) => `${name} ${type} ${one}`), piece };
}

/** Says whether a zone has names below this one: then it exists, empty as it is. */
function hasBelow(zone: TreeZone, name: string): boolean {
  return [...zone.records.keys()].some((owner) => owner !== name && isWithin(owner, name));
}

/** The wildcard that answers for a name that does not exist (RFC 4592 §3.3.1). */
function wildcardAt(zone: TreeZone, name: string): string | undefined {
  if (hasBelow(zone, name)) return undefined;
  for (let encloser = name; encloser !== zone.apex;) {
    encloser = encloser.slice(encloser.indexOf(".") + 1) || ".";
    if (encloser === zone.apex || zone.records.has(encloser) || hasBelow(zone, encloser)) {
      const wildcard = below("*", encloser);
      return zone.records.has(wildcard) ? wildcard : undefined;
    }
  }
  return undefined;
}
