/**
 * Makes the keys of the oblivious target, in the main thread, for all workers (RFC 9230 §5).
 *
 *   day      n           n + 1         n + 2
 *   key n    published   opens         gone
 *   key n+1              published     opens
 *
 * PRIVACY: without a secret of the operator's each key is random, exists in memory only, and is
 * gone after two days: what was sealed with it nobody can open then. With a secret, which servers
 * at one address need to have alike, keys come of it and of the day.
 */
import { createHmac } from "node:crypto";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { KEY_BYTES, derivePrivateKey } from "../transports/oblivious/hpke.ts";

const PERIOD_S = limits.obliviousKeyPeriodS.value;
/** Timers of Node's hold 2^31 ms, and clocks are set: looked at now and then. */
const LOOK_MS = 60_000;

export interface ObliviousKeeperOptions {
  /** What keys come of; each is random where absent. */
  readonly secret: Uint8Array | undefined;
  readonly random: Random;
  readonly wallS: () => number;
  readonly after: (ms: number, done: () => void) => () => void;
  /** Hears private keys, the one to publish first, whenever they change. */
  readonly onKeys: (privateKeys: readonly Uint8Array[]) => void;
}

export class ObliviousKeeper {
  readonly #options: ObliviousKeeperOptions;
  #period = -1;
  #current: Uint8Array | undefined;
  #stop: () => void = () => {};

  constructor(options: ObliviousKeeperOptions) {
    this.#options = options;
  }

  /** Makes the first keys, and others as days pass. */
  start(): void {
    const { wallS, after } = this.#options;
    const period = Math.floor(wallS() / PERIOD_S);
    if (period !== this.#period) this.#change(period);
    this.#stop = after(LOOK_MS, () => this.start());
  }

  close(): void {
    this.#stop();
  }

  #change(period: number): void {
    const { secret, random, onKeys } = this.#options;
    const isNext = period === this.#period + 1;
    this.#period = period;
    if (secret !== undefined) {
      // Another server's clock may be ahead by a little: its key opens here too.
      onKeys([period, period - 1, period + 1].map((one) => keyOf(secret, one)));
      return;
    }
    const before = isNext ? this.#current : undefined;
    this.#current = derivePrivateKey(random.bytes(KEY_BYTES));
    onKeys(before === undefined ? [this.#current] : [this.#current, before]);
  }
}

const PURPOSE = Buffer.from("lethe oblivious target key ");

/** The private key of a day. */
function keyOf(secret: Uint8Array, period: number): Uint8Array {
  return derivePrivateKey(
    createHmac("sha256", secret).update(PURPOSE).update(`${period}`).digest(),
  );
}
