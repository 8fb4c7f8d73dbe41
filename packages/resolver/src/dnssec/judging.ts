/**
 * Judgements as generators: each yields the signatures that it wants checked, one at a time, and
 * is resumed with whether the signature is good.
 *
 * A judgement that yields nothing more has ended. It decides which signature of which key is
 * tried next and stops at the first that proves its case; when a check is made, and with which
 * imported key, is up to the caller: the recursor yields it on as an effect of its own.
 */
import { importKey, verifySignature } from "./crypto.ts";
import type { WorkBudget } from "./work-budget.ts";

/** One signature to check with one key. */
export interface SignatureCheck {
  readonly algorithm: number;
  /** The public key field of a DNSKEY. */
  readonly key: Uint8Array;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** A judgement on its way. */
export type Judging<T> = Generator<SignatureCheck, T, boolean>;

/**
 * How much a zone's keys and signatures must show.
 *
 * `one-path`: any one path from what is trusted (RFC 6840 §5.11), by SHA-1 digests only where no
 * better stand beside them (RFC 4509 §3). `every-algorithm`: a path for each algorithm that the
 * parent or the anchor names, the completeness test that RFC 6840 §5.11 allows. `any-digest`: one
 * path, by SHA-1 digests too.
 */
export type Demand = "one-path" | "every-algorithm" | "any-digest";

/** The terms on which is judged: the same for all judgements that one question needs. */
export interface Terms {
  /** Seconds since 1970; undefined: validity periods do not count (replayed scenarios only). */
  readonly nowS: number | undefined;
  /** Believe RSA with SHA-1, against RFC 9905 §2. */
  readonly trustsSha1: boolean;
  /** NSEC3 iterations above which a denial is insecure; absent: as the limits table says. */
  readonly nsec3IterationsMax?: number | undefined;
  /** Absent: one path is enough. */
  readonly demand?: Demand | undefined;
  readonly work: WorkBudget;
}

/** Carries a judgement through at once, importing the key of each check. */
export function judgeNow<T>(judging: Judging<T>): T {
  let step = judging.next();
  while (step.done !== true) step = judging.next(isGood(step.value));
  return step.value;
}

function isGood(check: SignatureCheck): boolean {
  const key = importKey(check.algorithm, check.key);
  return key !== undefined && verifySignature(key, check.signed, check.signature);
}
