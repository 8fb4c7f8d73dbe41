/**
 * Questions over UDP: each on a socket that no other uses, at most so many at once, and who may
 * answer.
 *
 * A reply that does not match is ignored and the wait goes on (RFC 5452 §9); several of them mean
 * that somebody guesses, and the question is to go over TCP. An ask that timed out listens on for
 * a while: its reply is taken for the next attempt at the same question.
 */
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import type { Ask, AskResult, Cancel } from "../recursor/effect.ts";
import type { Unwanted, UpstreamCounters } from "./counters.ts";
import { Lingering } from "./lingering.ts";
import { judgeReply } from "./match.ts";
import type { Reach } from "./reach.ts";
import type { Time } from "./timers.ts";
import { type Expiry, UdpAsk } from "./udp-ask.ts";
import { type UdpListener, type UdpSockets, notOpened } from "./udp-sockets.ts";

const SOCKETS_MAX = limits.udpSocketsMax.value;
const QUEUE_MAX = limits.udpQueueMax.value;
const LINGER_MS = limits.udpLingerMs.value;
const NEAR_MISSES_MAX = limits.nearMissesMax.value;

/** What UDP asks share with the rest of upstream/. */
export interface UdpParts {
  readonly time: Time;
  readonly counters: UpstreamCounters;
  readonly reach: Reach;
  readonly random: Random;
}

export class UdpAsks implements UdpListener, Expiry {
  readonly #time: Time;
  readonly #counters: UpstreamCounters;
  readonly #reach: Reach;
  readonly #sockets: UdpSockets;
  readonly #lingering: Lingering;
  /** Asks with a socket, by its handle. */
  readonly #byHandle: (UdpAsk | undefined)[] = [];
  /** In the order in which they came. */
  readonly #queue = new Set<UdpAsk>();
  #open = 0;

  constructor(parts: UdpParts, openSockets: (listener: UdpListener) => UdpSockets) {
    this.#time = parts.time;
    this.#counters = parts.counters;
    this.#reach = parts.reach;
    this.#lingering = new Lingering(parts.random);
    this.#sockets = openSockets(this);
  }

  ask(effect: Ask, done: (result: AskResult) => void): Cancel {
    const ask = new UdpAsk(effect, done, this);
    this.#counters.udpAsks++;
    this.#time.start(ask, effect.timeoutMs);
    if (this.#makeRoom()) this.#send(ask);
    else this.#wait(ask);
    return () => {
      this.#end(ask);
      this.#sendQueued();
    };
  }

  /** Ends all asks without results and closes everything. */
  close(): void {
    this.#queue.clear();
    for (const ask of this.#byHandle) if (ask !== undefined) this.#end(ask);
    this.#sockets.closeAll();
  }

  received(handle: number, datagram: Uint8Array, sizeBytes: number): void {
    const ask = this.#byHandle[handle];
    if (ask === undefined) return;
    const verdict = judgeReply(ask.query, ask.questionEnd, datagram, sizeBytes);
    if (verdict !== "match") {
      this.#mismatch(ask, verdict);
      return;
    }
    const asker = whoWaits(ask);
    if (asker === undefined) {
      this.#counters.unwanted.late++;
      this.#end(ask);
    } else {
      this.#counters.replies++;
      if (asker !== ask) this.#counters.repliesToEarlierAsk++;
      // What was late, or came among wrong ones, has had its port open long enough.
      ask.isAnswered = asker === ask && ask.nearMisses === 0;
      this.#reach.heard(ask.server);
      const message = new Uint8Array(datagram.subarray(0, sizeBytes)); // the buffer is not ours
      const rttMs = this.#time.nowMs() - ask.sentMs;
      this.#finish(asker, { kind: "reply", message, rttMs });
    }
    this.#sendQueued();
  }

  receivedFromStranger(handle: number): void {
    const ask = this.#byHandle[handle];
    if (ask !== undefined) this.#mismatch(ask, "wrong-source");
  }

  failed(handle: number, why: "unreachable" | "no-route" | "exhausted"): void {
    const ask = this.#byHandle[handle];
    if (ask === undefined) return;
    if (ask.state === "lingering") this.#end(ask);
    else this.#finish(ask, this.#resultOf(why));
    this.#sendQueued();
  }

  expired(ask: UdpAsk): void {
    if (ask.state === "lingering") {
      this.#end(ask);
    } else if (ask.state === "sent") {
      this.#counters.timeouts++;
      ask.state = "lingering";
      this.#lingering.add(ask);
      this.#time.start(ask, LINGER_MS);
      ask.done({ kind: "timeout" });
    } else {
      this.#counters.timeouts++;
      this.#finish(ask, { kind: "timeout" });
    }
    this.#sendQueued();
  }

  /** Sees to it that a socket may be opened: one that only lingers gives way. */
  #makeRoom(): boolean {
    if (this.#open < SOCKETS_MAX) return true;
    const oldest = this.#lingering.oldest();
    if (oldest === undefined) return false;
    this.#end(oldest);
    return true;
  }

  #send(ask: UdpAsk): void {
    const handle = this.#sockets.open(ask.server, ask.query);
    if (handle >= 0) {
      ask.state = "sent";
      ask.handle = handle;
      ask.sentMs = this.#time.nowMs();
      this.#byHandle[handle] = ask;
      this.#counters.udpSocketsOpen = ++this.#open;
      this.#lingering.linkEarlier(ask);
    } else if (handle === notOpened.exhausted && this.#open > 0) {
      this.#wait(ask);
    } else {
      const isBusy = handle === notOpened.exhausted;
      const why = handle === notOpened.noRoute ? "no-route" : isBusy ? "exhausted" : "unreachable";
      this.#finishSoon(ask, this.#resultOf(why));
    }
  }

  /** Puts an ask into the queue until a socket is closed. */
  #wait(ask: UdpAsk): void {
    if (this.#queue.size >= QUEUE_MAX) {
      this.#finishSoon(ask, this.#resultOf("exhausted"));
      return;
    }
    this.#queue.add(ask);
    this.#counters.udpQueued = this.#queue.size;
  }

  /** Sends what waits, as far as there is room. */
  #sendQueued(): void {
    while (this.#queue.size > 0 && this.#makeRoom()) {
      const [ask] = this.#queue;
      this.#queue.delete(ask!);
      this.#counters.udpQueued = this.#queue.size;
      this.#send(ask!);
      if (this.#queue.has(ask!)) return; // the kernel has no socket left
    }
  }

  /** A wrong reply: to be ignored, unless too many came. */
  #mismatch(ask: UdpAsk, why: Unwanted): void {
    this.#counters.unwanted[why]++;
    ask.nearMisses++;
    const isSuspect = ask.nearMisses >= NEAR_MISSES_MAX;
    if (why !== "wrong-case" && !isSuspect) return;
    if (ask.state === "lingering") {
      this.#end(ask);
    } else {
      if (isSuspect) this.#counters.suspectedSpoofing++;
      this.#finish(ask, { kind: "case-mismatch", rttMs: this.#time.nowMs() - ask.sentMs });
    }
    this.#sendQueued();
  }

  #resultOf(why: "unreachable" | "no-route" | "exhausted"): AskResult {
    if (why === "no-route") {
      this.#counters.noRoute++;
      return { kind: "no-route" };
    }
    if (why === "exhausted") {
      this.#counters.refused++;
      return { kind: "busy" };
    }
    this.#counters.unreachable++;
    return { kind: "unreachable" };
  }

  #finish(ask: UdpAsk, result: AskResult): void {
    this.#end(ask);
    ask.done(result);
  }

  /** Ends an ask whose asker has not got its `Cancel` yet. */
  #finishSoon(ask: UdpAsk, result: AskResult): void {
    this.#time.after(0, () => {
      if (ask.state !== "ended") this.#finish(ask, result);
    });
  }

  /** Forgets an ask and closes its socket, and those of the attempts before it. */
  #end(ask: UdpAsk): void {
    if (ask.state === "ended") return;
    this.#time.stop(ask);
    if (ask.state === "queued" && this.#queue.delete(ask)) {
      this.#counters.udpQueued = this.#queue.size;
    }
    if (ask.state === "lingering") this.#lingering.remove(ask);
    ask.state = "ended";
    if (ask.handle >= 0) {
      this.#byHandle[ask.handle] = undefined;
      if (ask.isAnswered) this.#sockets.release(ask.handle);
      else this.#sockets.close(ask.handle);
      this.#counters.udpSocketsOpen = --this.#open;
    }
    if (ask.later !== undefined) ask.later.earlier = undefined;
    const { earlier } = ask;
    ask.later = undefined;
    ask.earlier = undefined;
    if (earlier !== undefined) this.#end(earlier);
  }
}

/** Who waits for the reply to an ask: itself, or the last attempt after it, if that still waits. */
function whoWaits(ask: UdpAsk): UdpAsk | undefined {
  let last = ask;
  while (last.later !== undefined) last = last.later;
  return last.state === "sent" ? last : undefined;
}
