/**
 * The work that the proofs of one question may cost, counted down as it is done.
 *
 * KeyTrap and its kin (CVE-2023-50387, CVE-2023-50868) send few bytes that ask for much work.
 * Every check of a signature and every block of an NSEC3 hash is paid for here before it is done.
 */
import { limits } from "../base/limits.ts";

export class WorkBudget {
  #checks: number = limits.signatureChecksPerQuestionMax.value;
  #failures: number = limits.signatureFailuresPerQuestionMax.value;
  #hashBlocks: number = limits.nsec3HashBlocksPerQuestionMax.value;
  #isSpent = false;

  /** Some proof was given up for its cost: the failure is the budget's, and is not kept. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Pays for one check of a signature; false where there is nothing left to pay with. */
  payCheck(): boolean {
    if (this.#checks === 0 || this.#failures === 0) return this.#refuse();
    this.#checks--;
    return true;
  }

  /** Counts a signature that did not verify: honest zones hardly ever have one. */
  countFailure(): void {
    if (this.#failures > 0) this.#failures--;
  }

  /** Pays for a hash of this many blocks of 64 bytes. */
  payHash(blocks: number): boolean {
    if (this.#hashBlocks < blocks) return this.#refuse();
    this.#hashBlocks -= blocks;
    return true;
  }

  #refuse(): false {
    this.#isSpent = true;
    return false;
  }
}
