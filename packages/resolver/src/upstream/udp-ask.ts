/** One UDP question under way: what is known of it from its queue place to its last chance. */
import type { ServerAddress } from "../base/address.ts";
import type { Ask, AskResult } from "../recursor/effect.ts";
import { questionEnd } from "./match.ts";
import { Timer } from "./timer-wheel.ts";

/**
 * Where an ask stands.
 *
 *   queued ──► sent ──► lingering ──► ended
 *                └──────── reply ───────▲
 */
export type AskState = "queued" | "sent" | "lingering" | "ended";

/** Whoever is told that an ask's time is over. */
export interface Expiry {
  expired(ask: UdpAsk): void;
}

export class UdpAsk extends Timer {
  readonly server: ServerAddress;
  readonly query: Uint8Array;
  readonly timeoutMs: number;
  /** Where the question of the query ends. */
  readonly questionEnd: number;
  readonly done: (result: AskResult) => void;
  readonly #owner: Expiry;
  state: AskState = "queued";
  /** Its socket; below zero while it has none. */
  handle = -1;
  sentMs = 0;
  /** Wrong replies that came to its socket. */
  nearMisses = 0;
  /** It ended with its own reply, the first datagram that came. */
  isAnswered = false;
  /** The attempts before and after it at the same question to the same server. */
  earlier: UdpAsk | undefined;
  later: UdpAsk | undefined;

  constructor(effect: Ask, done: (result: AskResult) => void, owner: Expiry) {
    super();
    this.server = effect.server;
    this.query = effect.query;
    this.timeoutMs = effect.timeoutMs;
    this.questionEnd = questionEnd(effect.query);
    this.done = done;
    this.#owner = owner;
  }

  expire(): void {
    this.#owner.expired(this);
  }
}
