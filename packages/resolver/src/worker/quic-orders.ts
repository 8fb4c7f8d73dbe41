/** What the main thread and the QUIC process tell each other: plain data. */
import type { AdmitOptions } from "../serve/admit.ts";
import type { KeyPair } from "../transports/tls.ts";

/** An address that is listened at over QUIC. */
export interface QuicRow {
  readonly ip: string;
  readonly port: number;
  readonly speaks: "doq" | "h3";
  /** Row of the listener, as the workers count it. */
  readonly listener: number;
}

export interface QuicOptions {
  readonly rows: readonly QuicRow[];
  readonly pair: KeyPair;
  readonly admit: AdmitOptions;
}

export type QuicOrder =
  | { readonly kind: "start"; readonly options: QuicOptions }
  /** With the socket to a worker. */
  | { readonly kind: "worker" }
  /** Other access rules from now on. */
  | { readonly kind: "admit"; readonly admit: AdmitOptions }
  /** Another certificate: listens anew, so that connections that stand are closed. */
  | { readonly kind: "certificate"; readonly pair: KeyPair }
  | { readonly kind: "end" };

export type QuicTold =
  | { readonly kind: "listening"; readonly ports: readonly number[] }
  | { readonly kind: "cannot-listen"; readonly row: number; readonly why: string }
  /** The library does not load here. */
  | { readonly kind: "no-library" };
