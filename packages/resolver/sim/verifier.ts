/** Checks signatures in virtual time: at once. */
import { KeyRing } from "../src/dnssec/key-ring.ts";
import type { Cancel, Verifier, Verify, World } from "../src/recursor/effect.ts";

export class SimVerifier implements Verifier {
  readonly #keys = new KeyRing();
  readonly #world: Pick<World, "after">;

  constructor(world: Pick<World, "after">) {
    this.#world = world;
  }

  verify(check: Verify, done: (isGood: boolean) => void): Cancel {
    const isGood = this.#keys.isGood(check);
    return this.#world.after(0, () => done(isGood));
  }
}
