/** What a worker thread is told once: plain data, which can be sent to a thread. */
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import type { ControlAnswer, ControlOrder, ReloadOrder } from "../serve/control.ts";
import type { ResolverOptions } from "../serve/resolver.ts";
import type { TlsMaterial } from "../transports/tls.ts";

/** What is spoken at a row of `listen`: DNS over UDP and TCP, or what is inside TLS. */
export type Spoken = "dns" | "tls" | "https";

/** One row of `listen`. */
export interface ListenRow {
  readonly spoken: Spoken;
  readonly ip: Uint8Array;
  readonly port: number;
}

/** One row of `listen` as a worker has it. */
export type WorkerListener =
  /** Raw descriptors that the main thread owns, and gives to the successor too. */
  | {
      readonly kind: "dns";
      readonly udpFd: number;
      readonly tcpFd: number;
      /** Bound to a wildcard address: answers must leave from the address that was asked. */
      readonly isWildcard: boolean;
    }
  | {
      readonly kind: "encrypted";
      readonly spoken: Exclude<Spoken, "dns">;
      readonly tcpFd: number;
    }
  /** An address that the worker opens itself, where raw descriptors cannot be had. */
  | (ListenRow & { readonly kind: "address" });

export interface WorkerOptions {
  readonly listeners: readonly WorkerListener[];
  readonly resolver: ResolverOptions;
  /** What encrypted rows are served with; undefined where there are none. */
  readonly tls: TlsMaterial | undefined;
  /** Proxies whose word counts for who a client is. */
  readonly proxyFrom: readonly { readonly ip: Uint8Array; readonly bits: number }[];
  readonly outgoing: readonly Uint8Array[];
  readonly listeningPorts: readonly number[];
  /** Where the thread notes what it opens: whoever sees it die closes that. */
  readonly descriptors: SharedArrayBuffer;
  /** The board of all workers; undefined where there is one worker. */
  readonly board: SharedArrayBuffer | undefined;
}

/** An address that cannot be listened at. */
export interface CannotListen {
  readonly kind: "cannot-listen";
  /** Row of `listen`. */
  readonly row: number;
  readonly why: string;
}

/** What a worker says once: that it answers, with the ports of its rows, or that it cannot. */
export type StartMessage =
  | { readonly kind: "ready"; readonly ports: readonly number[] }
  | CannotListen;

export type WorkerMessage =
  | StartMessage
  /** What became of an operator's order. */
  | { readonly kind: "controlled"; readonly id: number; readonly answer: ControlAnswer }
  /** The keys of a zone that has a trust anchor, as it was told to look at them, or saw them. */
  | KeysTold
  /** Whether a zone with a negative trust anchor would validate. */
  | Probed;

export interface Probed {
  readonly kind: "probed";
  readonly zone: Name;
  readonly validates: boolean;
}

export interface KeysTold {
  readonly kind: "keys";
  readonly why: "told-to-look" | "by-the-way";
  readonly zone: Name;
  /** Undefined: none came. */
  readonly keySet: RecordSet | undefined;
}

/** What a worker is told later. */
export type WorkerOrder =
  /** To get the keys of a zone from its servers, and to tell what came. */
  | { readonly kind: "look-at-keys"; readonly zone: Name }
  /** To look whether a zone with a negative trust anchor would validate, and to tell. */
  | { readonly kind: "probe"; readonly zone: Name }
  /** To drop the negative trust anchor of a zone. */
  | { readonly kind: "drop-negative"; readonly zone: Name }
  /** To believe these trust anchors from now on. */
  | { readonly kind: "believe"; readonly anchors: readonly TrustAnchor[] }
  /** To show another certificate from the next connection on, or to seal tickets anew. */
  | { readonly kind: "tls"; readonly material: TlsMaterial }
  /** To carry out an operator's order, or to take other options; `id` is told with the answer. */
  | { readonly kind: "control"; readonly id: number; readonly order: ControlOrder | ReloadOrder }
  /** To stop as soon as what is under way has ended, or has had its time. */
  | { readonly kind: "drain" }
  /** To answer from a copy of a zone for so long; to have none where it is undefined. */
  | {
      readonly kind: "copy";
      readonly zone: Name;
      readonly packed: SharedArrayBuffer | undefined;
      readonly forMs: number;
    }
  /** To fail as a mistake of ours would make it fail: for tests of what comes then. */
  | { readonly kind: "fail" };
