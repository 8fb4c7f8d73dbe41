/**
 * The world that a scenario is played in: time that moves only when the file says so, and upstream
 * questions that wait until the player answers them.
 */
import { type Message, readMessage } from "@lethe/wire/message.ts";
import { assert } from "../src/base/assert.ts";
import { ipToText } from "../src/base/address.ts";
import type { Ask, AskResult, Cancel, World } from "../src/recursor/effect.ts";
import { judgeReply, questionEnd } from "../src/upstream/match.ts";
import { Dice } from "./seeded.ts";
import { VirtualTime } from "./virtual-time.ts";

/** Every scenario sees the same dice. */
const SEED = 1;

/** Round-trip time of every server: what it is does not matter to any file. */
const RTT_MS = 10;

/** An upstream question that waits for its reply. */
export interface Pending {
  readonly server: string;
  readonly transport: "udp" | "tcp";
  readonly query: Message;
  readonly bytes: Uint8Array;
  readonly done: (result: AskResult) => void;
}

export class ReplayWorld implements World {
  readonly random = new Dice(SEED);
  readonly time = new VirtualTime();
  /** Oldest first. */
  readonly pending: Pending[] = [];
  /** Upstream questions since the beginning. */
  asks = 0;
  readonly #wallS: number | "moves" | undefined;

  /**
   * `wallS`: the date by which signatures are valid; it stands still, as that of the file does, or
   * moves with the file's time, from 1970 on.
   */
  constructor(wallS: number | "moves" | undefined) {
    this.#wallS = wallS;
  }

  wallS(): number | undefined {
    return this.#wallS === "moves" ? Math.floor(this.nowMs() / 1000) : this.#wallS;
  }

  nowMs(): number {
    return this.time.nowMs;
  }

  after(ms: number, done: () => void): Cancel {
    return this.time.after(ms, done);
  }

  ask(effect: Ask, done: (result: AskResult) => void): Cancel {
    const query = readMessage(effect.query);
    assert(query.kind === "message", "the recursor writes whole messages");
    this.asks++;
    const server = ipToText(effect.server.ip);
    const pending: Pending = {
      server,
      transport: effect.transport === "udp" ? "udp" : "tcp",
      query,
      bytes: effect.query,
      done,
    };
    this.pending.push(pending);
    return () => this.#forget(pending);
  }

  /** Lets everything happen that is due now; time stands still. */
  settle(): void {
    this.time.runUntil(this.time.nowMs);
  }

  /**
   * Gives a waiting question its reply.
   *
   * Performers of `ask` hand out only what has the right id and question; anything else is
   * ignored on the wire, and the question ends in a time-out, at once because time stands still.
   */
  deliver(pending: Pending, message: Uint8Array): void {
    const { bytes } = pending;
    const isOurs = judgeReply(bytes, questionEnd(bytes), message, message.length) === "match";
    this.end(pending, isOurs ? { kind: "reply", message, rttMs: RTT_MS } : { kind: "timeout" });
  }

  /** Ends a waiting question in any other way. */
  end(pending: Pending, result: AskResult): void {
    this.#forget(pending);
    pending.done(result);
  }

  #forget(pending: Pending): void {
    const at = this.pending.indexOf(pending);
    if (at >= 0) this.pending.splice(at, 1);
  }
}
