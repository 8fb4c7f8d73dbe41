/** Checks signatures with imported keys, which are kept as long as somebody keeps the key. */
import { type VerifyingKey, importKey, verifySignature, verifySignatureAside } from "./crypto.ts";
import type { SignatureCheck } from "./judging.ts";

export class KeyRing {
  /**
   * By the public key of a `DnsKey`, the very same bytes in memory: a zone's keys are parsed once
   * and kept with the chain of trust, whose bound is the bound of this too.
   */
  readonly #imported = new WeakMap<Uint8Array, VerifyingKey | "malformed">();

  /** Says whether a signature is good. */
  isGood(check: SignatureCheck): boolean {
    const key = this.#keyOf(check);
    return key !== undefined && verifySignature(key, check.signed, check.signature);
  }

  /** Checks a signature in another thread; false: it cannot be good, and nobody calls back. */
  checkAside(check: SignatureCheck, done: (isGood: boolean) => void): boolean {
    const key = this.#keyOf(check);
    return key !== undefined && verifySignatureAside(key, check.signed, check.signature, done);
  }

  #keyOf({ algorithm, key }: SignatureCheck): VerifyingKey | undefined {
    let imported = this.#imported.get(key);
    if (imported === undefined || (imported !== "malformed" && imported.algorithm !== algorithm)) {
      imported = importKey(algorithm, key) ?? "malformed";
      this.#imported.set(key, imported);
    }
    return imported === "malformed" ? undefined : imported;
  }
}
