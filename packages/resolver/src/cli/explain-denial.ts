/**
 * The proof of a denial as a person reads it: which record says what of which name.
 *
 * The words are those at the heads of `dnssec/nsec.ts` and `dnssec/nsec3.ts`. What is missing is
 * shown as missing; whether the whole is a proof is the judgement's to say.
 */
import { toBase32Hex } from "@lethe/wire/base-text.ts";
import { equalBytes } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { typeToText } from "@lethe/wire/codes-text.ts";
import {
  type Name,
  ancestorWithLabels,
  isUnder,
  labelCount,
  nameEqual,
  parentOf,
} from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import { wildcardBelow } from "../dnssec/canonical.ts";
import type { ZoneKeys } from "../dnssec/judge-set.ts";
import {
  type Nsec,
  closestEncloserLabels,
  nsecCovers,
  nsecMatches,
  parseNsec,
} from "../dnssec/nsec.ts";
import { type Nsec3, coversHash, hashName, parseNsec3 } from "../dnssec/nsec3.ts";
import { hasType } from "../dnssec/type-bitmap.ts";
import { WorkBudget } from "../dnssec/work-budget.ts";
import { type ShownSignature, shownSignatures } from "./explain-signatures.ts";

/** What is to be proven absent; `closer name`: one that would stand before a wildcard. */
export type Denied = "name" | "type" | "DS" | "closer name";

/** What one record says of one name. */
export interface ShownProofLink {
  readonly role: "name" | "closest encloser" | "next closer" | "wildcard";
  readonly name: string;
  readonly relation: "matched" | "covered" | "not proven";
  /** Owner and next name of the record, hashes without their zone; absent where there is none. */
  readonly owner?: string;
  readonly next?: string;
  /** Of a record that matches: the types that the name has. */
  readonly types?: readonly string[];
  readonly isOptOut?: boolean;
}

export interface ShownProof {
  readonly kind: "NSEC" | "NSEC3" | "none";
  readonly iterations?: number;
  readonly links: readonly ShownProofLink[];
  readonly signatures: readonly ShownSignature[];
}

/** The proof that the sets of an authority section give; its zone's keys may be unproven. */
export function shownProof(
  denied: Denied,
  name: Name,
  authority: readonly RecordSet[],
  zone: Name,
  keys: ZoneKeys | undefined,
  nowS: number,
): ShownProof {
  const sets = authority.filter(({ type }) => type === rrType.NSEC || type === rrType.NSEC3);
  const signatures = sets.flatMap((set) => shownSignatures(set, keys, nowS));
  const nsecs = parsedOf(sets, rrType.NSEC, zone, parseNsec);
  if (nsecs.length > 0) {
    return { kind: "NSEC", links: plainLinks(denied, name, nsecs, zone), signatures };
  }
  const nsec3s = parsedOf(sets, rrType.NSEC3, zone, parseNsec3);
  const [first] = nsec3s;
  if (first === undefined) return { kind: "none", links: [], signatures };
  const { iterations } = first;
  const isCostly = iterations > limits.nsec3IterationsMax.value;
  const links = isCostly ? [] : new HashedLinks(nsec3s, first, zone).of(denied, name);
  return { kind: "NSEC3", iterations, links, signatures };
}

function parsedOf<T>(
  sets: readonly RecordSet[],
  type: number,
  zone: Name,
  parse: (owner: Name, rdata: Uint8Array, zone: Name) => T | undefined,
): T[] {
  return sets
    .filter((set) => set.type === type)
    .flatMap((set) => set.rdatas.map((rdata) => parse(set.name, rdata, zone)))
    .filter((one) => one !== undefined);
}

function plainLinks(denied: Denied, name: Name, nsecs: readonly Nsec[], zone: Name) {
  const linkOf = (role: ShownProofLink["role"], of: Name): ShownProofLink => {
    const matching = nsecs.find((nsec) => nsecMatches(nsec, of));
    const found = matching ?? nsecs.find((nsec) => nsecCovers(nsec, of, zone));
    if (found === undefined) return { role, name: nameToText(of), relation: "not proven" };
    const ends = { owner: nameToText(found.owner), next: nameToText(found.next) };
    return matching === undefined
      ? { role, name: nameToText(of), relation: "covered", ...ends }
      : { role, name: nameToText(of), relation: "matched", ...ends, types: typesIn(found.bitmap) };
  };
  if (denied === "closer name") return [linkOf("next closer", name)];
  const links = [linkOf("name", name)];
  const covering = nsecs.find((nsec) => nsecCovers(nsec, name, zone));
  if (links[0]!.relation !== "covered" || covering === undefined || denied === "DS") {
    return links;
  }
  const encloser = ancestorWithLabels(name, closestEncloserLabels(covering, name));
  const wildcard = isUnder(covering.next, name) ? undefined : wildcardBelow(encloser);
  return wildcard === undefined ? links : [...links, linkOf("wildcard", wildcard)];
}

/** The NSEC3 records of one reply, asked about names. */
class HashedLinks {
  readonly #nsec3s: readonly Nsec3[];
  readonly #parameters: Nsec3;
  readonly #zone: Name;
  readonly #work = new WorkBudget();

  constructor(nsec3s: readonly Nsec3[], parameters: Nsec3, zone: Name) {
    this.#nsec3s = nsec3s;
    this.#parameters = parameters;
    this.#zone = zone;
  }

  of(denied: Denied, name: Name): ShownProofLink[] {
    if (denied === "closer name") return [this.#link("next closer", name)];
    const own = this.#link("name", name);
    if (own.relation === "matched") return [own];
    const encloser = this.#closestEncloser(name);
    if (encloser === undefined) {
      return [
        { role: "closest encloser", name: nameToText(parentOf(name)), relation: "not proven" },
      ];
    }
    const nextCloser = ancestorWithLabels(name, labelCount(encloser) + 1);
    const links = [this.#link("closest encloser", encloser), this.#link("next closer", nextCloser)];
    const wildcard = wildcardBelow(encloser);
    if (denied !== "DS" && wildcard !== undefined) links.push(this.#link("wildcard", wildcard));
    return links;
  }

  /** The longest ancestor within the zone that a record matches; for want of one, the apex. */
  #closestEncloser(name: Name): Name | undefined {
    for (let at = name; !nameEqual(at, this.#zone); at = parentOf(at)) {
      if (!isUnder(at, this.#zone)) return undefined;
      if (this.#link("closest encloser", parentOf(at)).relation === "matched") return parentOf(at);
    }
    return undefined;
  }

  #link(role: ShownProofLink["role"], of: Name): ShownProofLink {
    const name = nameToText(of);
    const hash = hashName(of, this.#parameters, this.#work);
    if (hash === undefined) return { role, name, relation: "not proven" };
    const matching = this.#nsec3s.find((nsec3) => equalBytes(nsec3.hash, hash));
    const found = matching ?? this.#nsec3s.find((nsec3) => coversHash(nsec3, hash));
    if (found === undefined) return { role, name, relation: "not proven" };
    const { isOptOut } = found;
    const ends = { owner: hashText(found.hash), next: hashText(found.nextHash), isOptOut };
    return matching === undefined
      ? { role, name, relation: "covered", ...ends }
      : { role, name, relation: "matched", ...ends, types: typesIn(found.bitmap) };
  }
}

function hashText(hash: Uint8Array): string {
  return toBase32Hex(hash).toLowerCase();
}

const TYPES = 65536;

function typesIn(bitmap: Uint8Array): string[] {
  const types: string[] = [];
  for (let type = 0; type < TYPES; type++) if (hasType(bitmap, type)) types.push(typeToText(type));
  return types;
}
