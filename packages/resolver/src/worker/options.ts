/** What a worker thread is told once: plain data, which can be sent to a thread. */
import type { ResolverOptions } from "../serve/resolver.ts";

/** One row of `listen` as a worker has it: raw descriptors that the main thread owns. */
export interface WorkerListener {
  readonly udpFd: number;
  readonly tcpFd: number;
  /** Bound to a wildcard address: answers must leave from the address that was asked. */
  readonly isWildcard: boolean;
}

export interface WorkerOptions {
  readonly listeners: readonly WorkerListener[];
  readonly resolver: ResolverOptions;
  readonly outgoing: readonly Uint8Array[];
  readonly listeningPorts: readonly number[];
  /** Where the thread notes what it opens: whoever sees it die closes that. */
  readonly descriptors: SharedArrayBuffer;
}

/** What a worker says. */
export type WorkerMessage = { readonly kind: "ready" };

/** What a worker is told later. */
export type WorkerOrder =
  /** To stop when what is under way has had its time. */
  | { readonly kind: "drain" }
  /** To fail as a mistake of ours would make it fail: for tests of what comes then. */
  | { readonly kind: "fail" };
