/** What NSEC3 records prove (RFC 5155 §8); the words are at the head of `nsec3.ts`. */
import { equalBytes } from "@lethe/wire/bytes.ts";
import {
  type Name,
  ancestorWithLabels,
  isUnder,
  labelCount,
  nameEqual,
  parentOf,
} from "@lethe/wire/name.ts";
import { wildcardBelow } from "./canonical.ts";
import type { Found, FoundNoDs, Proofs } from "./denial.ts";
import { lacks, noDsIn } from "./denial-nsec.ts";
import { leadsElsewhere } from "./nsec.ts";
import { type Nsec3, type Nsec3Parameters, coversHash, hashName } from "./nsec3.ts";
import type { WorkBudget } from "./work-budget.ts";

/** A closest encloser and the record that covers the next closer name. */
interface EncloserProof {
  readonly closestEncloser: Name;
  readonly covering: Nsec3;
}

/** Hashes a name; undefined where there is nothing left to pay with. */
export type HashName = (name: Name) => Uint8Array | undefined;

/** The NSEC3 records of one zone, asked about names; each question pays for its hashes. */
export class HashedDenial {
  readonly #proofs: Proofs;
  readonly #work: WorkBudget;
  readonly #hash: HashName;

  /** `hash` may know hashes that were paid for before. */
  constructor(
    proofs: Proofs,
    parameters: Nsec3Parameters,
    work: WorkBudget,
    hash: HashName = (name) => hashName(name, parameters, work),
  ) {
    this.#proofs = proofs;
    this.#work = work;
    this.#hash = hash;
  }

  /** No such name: a closest encloser proof, and the wildcard below it is covered. */
  noName(name: Name): Found {
    const proof = this.#encloserProof(name);
    if (proof === undefined) return this.#unproven();
    const wildcard = wildcardBelow(proof.closestEncloser);
    if (wildcard !== undefined && this.#covering(wildcard) === undefined) return this.#unproven();
    return proof.covering.isOptOut ? "opt-out" : "secure";
  }

  /** No data: the name or the wildcard that stands for it is matched without the type. */
  noData(name: Name, type: number): Found {
    const matching = this.#matching(name);
    if (matching !== undefined) {
      return lacks(matching.bitmap, type, name) ? "secure" : undefined;
    }
    const proof = this.#encloserProof(name);
    if (proof === undefined) return this.#unproven();
    const wildcard = wildcardBelow(proof.closestEncloser);
    const atWildcard = wildcard === undefined ? undefined : this.#matching(wildcard);
    if (wildcard !== undefined && atWildcard !== undefined) {
      if (!lacks(atWildcard.bitmap, type, wildcard)) return undefined;
      return proof.covering.isOptOut ? "opt-out" : "secure";
    }
    // An unsigned delegation, or a name above one, may lie in the gap unmentioned.
    return proof.covering.isOptOut ? "opt-out" : this.#unproven();
  }

  /** A wildcard was right: the next closer name is covered. */
  wildcard(name: Name, closestEncloser: Name): Found {
    if (!isUnder(name, closestEncloser)) return undefined;
    const covering = this.#covering(ancestorWithLabels(name, labelCount(closestEncloser) + 1));
    if (covering === undefined) return this.#unproven();
    return covering.isOptOut ? "opt-out" : "secure";
  }

  /** No DS: the name's own record says so, or it lies in a gap. */
  noDs(name: Name): FoundNoDs {
    const matching = this.#matching(name);
    if (matching !== undefined) return noDsIn(matching.bitmap);
    const proof = this.#encloserProof(name);
    if (proof === undefined) return this.#work.isSpent ? "too-much-work" : undefined;
    return proof.covering.isOptOut ? "unsigned-cut" : "no-cut";
  }

  /**
   * The closest encloser proof of a name (RFC 5155 §8.3).
   *
   * The encloser must not be a cut or a DNAME: names below these are somewhere else.
   */
  #encloserProof(name: Name): EncloserProof | undefined {
    const { zone } = this.#proofs;
    for (let nextCloser = name; !nameEqual(nextCloser, zone); nextCloser = parentOf(nextCloser)) {
      const closestEncloser = parentOf(nextCloser);
      const matching = this.#matching(closestEncloser);
      if (this.#work.isSpent) return undefined;
      if (matching === undefined) continue;
      if (leadsElsewhere(matching.bitmap)) return undefined;
      const covering = this.#covering(nextCloser);
      return covering === undefined ? undefined : { closestEncloser, covering };
    }
    return undefined;
  }

  #matching(name: Name): Nsec3 | undefined {
    const hash = this.#hash(name);
    if (hash === undefined) return undefined;
    return this.#proofs.nsec3s.find((nsec3) => equalBytes(nsec3.hash, hash));
  }

  #covering(name: Name): Nsec3 | undefined {
    const hash = this.#hash(name);
    if (hash === undefined) return undefined;
    return this.#proofs.nsec3s.find((nsec3) => coversHash(nsec3, hash));
  }

  #unproven(): Found {
    return this.#work.isSpent ? "too-much-work" : undefined;
  }
}
