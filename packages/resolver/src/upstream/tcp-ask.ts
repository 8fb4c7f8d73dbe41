/** One question under way over a stream. */
import type { ServerAddress } from "../base/address.ts";
import type { Ask, AskResult } from "../recursor/effect.ts";
import { questionEnd } from "./match.ts";
import type { StreamConnection } from "./stream-kind.ts";
import { Timer } from "./timer-wheel.ts";

export class TcpAsk extends Timer {
  readonly server: ServerAddress;
  readonly query: Uint8Array;
  /** Where the question of the query ends. */
  readonly questionEnd: number;
  readonly done: (result: AskResult) => void;
  readonly #expired: (ask: TcpAsk) => void;
  connection: StreamConnection | undefined;
  sentMs = 0;
  /** The connection had answered others before: its end says nothing of the server. */
  isOnUsedConnection = false;
  isEnded = false;

  constructor(effect: Ask, done: (result: AskResult) => void, expired: (ask: TcpAsk) => void) {
    super();
    this.server = effect.server;
    this.query = effect.query;
    this.questionEnd = questionEnd(effect.query);
    this.done = done;
    this.#expired = expired;
  }

  expire(): void {
    this.#expired(this);
  }
}
