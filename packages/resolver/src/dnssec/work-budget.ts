/**
 * The work that the proofs of one question may cost, counted down as it is done.
 *
 * KeyTrap and its kin (CVE-2023-50387, CVE-2023-50868) send few bytes that ask for much work.
 * Every check of a signature and every block of an NSEC3 hash is paid for here before it is done.
 * A zone that has wasted the work of several questions is in ill repute: the next ones spend less.
 */
import { limits } from "../base/limits.ts";

const FAILURES_MAX = limits.signatureFailuresPerQuestionMax.value;
const STRIKES_MAX = limits.strikesPerZoneMax.value;
const ILL_BLOCKS_MAX = limits.nsec3HashBlocksInIllReputeMax.value;

/** What a zone has cost in vain since its keys were proven. It is forgotten with the keys. */
export interface Repute {
  /** Signatures that did not verify; hashes without end count as a question's share of these. */
  strikes: number;
}

export class WorkBudget {
  #checks: number = limits.signatureChecksPerQuestionMax.value;
  #failures: number = FAILURES_MAX;
  #hashBlocks: number = limits.nsec3HashBlocksPerQuestionMax.value;
  #isSpent = false;
  #repute: Repute | undefined;

  /** Some proof was given up for its cost: the failure is the budget's, and is not kept. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Signatures that did not verify so far: what comes next is likely to be in vain as well. */
  get failures(): number {
    return FAILURES_MAX - this.#failures;
  }

  /** What is paid for from now on is the work of this zone's proofs. */
  enter(repute: Repute | undefined): void {
    this.#repute = repute;
  }

  /** Pays for one check of a signature; false where there is nothing left to pay with. */
  payCheck(): boolean {
    if (this.#checks === 0 || this.#failures === 0) return this.#refuse();
    if (this.#isInIllRepute && this.failures > 0) return this.#refuse();
    this.#checks--;
    return true;
  }

  /** Counts a signature that did not verify: honest zones hardly ever have one. */
  countFailure(): void {
    if (this.#failures > 0) this.#failures--;
    if (this.#repute !== undefined) this.#repute.strikes++;
  }

  /** Pays for a hash of this many blocks of 64 bytes. */
  payHash(blocks: number): boolean {
    if (this.#isInIllRepute) this.#hashBlocks = Math.min(this.#hashBlocks, ILL_BLOCKS_MAX);
    if (this.#hashBlocks < blocks) {
      if (!this.#isSpent && this.#repute !== undefined) this.#repute.strikes += FAILURES_MAX;
      return this.#refuse();
    }
    this.#hashBlocks -= blocks;
    return true;
  }

  /** Gives up: whoever makes the checks has too many to make. */
  giveUp(): void {
    this.#checks = 0;
    this.#isSpent = true;
  }

  get #isInIllRepute(): boolean {
    return this.#repute !== undefined && this.#repute.strikes >= STRIKES_MAX;
  }

  #refuse(): false {
    this.#isSpent = true;
    return false;
  }
}
