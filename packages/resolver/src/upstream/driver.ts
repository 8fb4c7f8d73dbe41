/**
 * The world of the recursor on the real Internet: the only place where the slow lane waits.
 *
 * UDP goes through sockets of our own where the system calls can be had, else through Node's.
 */
import type { Random } from "../base/random.ts";
import type { Ask, AskResult, Cancel, World } from "../recursor/effect.ts";
import { wallS } from "../system/clock.ts";
import { libc } from "../system/libc.ts";
import { OpenDescriptors } from "../system/open-descriptors.ts";
import { SystemRandom } from "../system/random.ts";
import { AuthorityTls } from "./authority-tls.ts";
import { type UpstreamCounters, newCounters } from "./counters.ts";
import { Reach } from "./reach.ts";
import { Sources } from "./source.ts";
import { TcpAsks } from "./tcp-asks.ts";
import { TlsStreams } from "./tls-streams.ts";
import { Timers } from "./timers.ts";
import { UdpAsks } from "./udp-asks.ts";
import { DgramSockets } from "./udp-dgram.ts";
import { KernelSockets } from "./udp-kernel.ts";
import { SignatureChecks } from "./verify.ts";

export interface DriverOptions {
  /** Our source addresses, of either family; the kernel chooses for a family without any. */
  readonly outgoing: readonly Uint8Array[];
  /** Ports that Lethe listens at, which no question comes from. */
  readonly listening: readonly number[];
  /** Told of each raw descriptor, so that a dead worker's can be closed. */
  readonly descriptors?: OpenDescriptors;
  /** False: Node's own sockets even where the system calls can be had. */
  readonly systemCalls?: boolean;
}

export class Driver implements World {
  readonly random: Random = new SystemRandom();
  readonly counters: UpstreamCounters = newCounters();
  /** Checks signatures, beside the world. */
  readonly verifier = new SignatureChecks();
  readonly #time = new Timers();
  readonly #udp: UdpAsks;
  readonly #tcp: TcpAsks;
  readonly #tls: TcpAsks;
  readonly #authorities: AuthorityTls;

  constructor(options: DriverOptions) {
    const { counters, random } = this;
    const time = this.#time;
    const sources = new Sources(options.outgoing, options.listening, random);
    const reach = new Reach();
    const descriptors = options.descriptors ?? new OpenDescriptors();
    const calls = options.systemCalls === false ? undefined : libc();
    this.#udp = new UdpAsks({ time, counters, reach, random }, (listener) => {
      return calls === undefined
        ? new DgramSockets({ sources, reach, counters }, listener)
        : new KernelSockets({ time, libc: calls, sources, reach, counters, descriptors }, listener);
    });
    this.#tcp = new TcpAsks({ time, counters, sources, reach });
    this.#tls = new TcpAsks({ time, counters, sources, reach }, new TlsStreams());
    this.#authorities = new AuthorityTls({ time, counters, sources, reach }, (effect, done) => {
      return this.#udp.ask(effect, done);
    });
  }

  wallS(): number {
    return wallS();
  }

  /** PERF: whole milliseconds are kept without a box; the fast lane reads the clock each time. */
  nowMs(): number {
    return Math.floor(this.#time.nowMs());
  }

  ask(effect: Ask, done: (result: AskResult) => void): Cancel {
    if (effect.transport === "udp") {
      const { tlsPort } = effect;
      if (tlsPort === undefined) return this.#udp.ask(effect, done);
      return this.#authorities.ask(effect, tlsPort, done);
    }
    return (effect.transport === "tcp" ? this.#tcp : this.#tls).ask(effect, done);
  }

  after(ms: number, done: () => void): Cancel {
    return this.#time.after(ms, done);
  }

  /** Ends everything: no callback is called any more, no socket is left open. */
  close(): void {
    this.verifier.close();
    this.#time.close();
    this.#udp.close();
    this.#tcp.close();
    this.#tls.close();
    this.#authorities.close();
  }
}
