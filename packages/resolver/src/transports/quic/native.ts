/**
 * The QUIC library, as far as it is used: its native servers, driven by events.
 *
 * The library's own server for HTTP/3 listens for HTTP/2 on the same port over TCP, which is taken
 * by our own listeners; so the native layer below it is loaded, whose types the package declares.
 * It is optional: where it does not load there is no QUIC, and everything else is as ever.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What happened; numbers as the library has them. */
export const event = {
  newSession: 1,
  /** A stream's first octets, of a server without HTTP/3. */
  newStream: 2,
  headers: 3,
  data: 4,
  finished: 5,
  reset: 6,
  sessionClose: 7,
  drain: 8,
  shutdownComplete: 15,
  writeReady: 18,
} as const;

export interface NativeHeader {
  readonly name: string;
  readonly value: string;
}

export interface NativeEvent {
  readonly eventType: number;
  readonly connHandle: number;
  readonly streamId: number;
  readonly headers?: readonly NativeHeader[];
  readonly data?: Uint8Array;
  readonly fin?: boolean;
  readonly meta?: {
    readonly remoteAddr?: string;
    readonly remotePort?: number;
  };
}

/** What both servers can do. */
export interface NativeServer {
  /** Throws where it cannot listen. */
  listen(port: number, host: string): { readonly port: number };
  /** `written` octets were taken where `status` is 0; else none, until `writeReady`. */
  streamSend(
    connection: number,
    stream: number,
    data: Buffer,
    fin: boolean,
  ): { readonly status: number; readonly written: number };
  streamClose(connection: number, stream: number, errorCode: number): boolean;
  closeSession(connection: number, errorCode: number, reason: string): boolean;
  /** Gives credit for events that were taken. */
  ackEventBatch(count: number): void;
  requestShutdown(): boolean;
  joinWorker(): void;
}

export interface NativeHttp3Server extends NativeServer {
  /** False where the library's queue is full. */
  sendResponse(
    connection: number,
    stream: number,
    headers: readonly NativeHeader[],
    data: Buffer,
    fin: boolean,
  ): boolean;
}

export interface NativeOptions {
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly alpn?: readonly string[];
  readonly runtimeMode: "portable";
  readonly maxIdleTimeoutMs: number;
  readonly initialMaxData: number;
  readonly initialMaxStreamDataBidiLocal: number;
  readonly initialMaxStreamsBidi: number;
  readonly maxConnections: number;
  readonly disableRetry: boolean;
  readonly disableActiveMigration: boolean;
  readonly qpackMaxTableCapacity?: number;
}

export type OnEvents = (error: Error | null, events: readonly NativeEvent[]) => void;

export interface NativeQuic {
  readonly NativeQuicServer: new (options: NativeOptions, onEvents: OnEvents) => NativeServer;
  readonly NativeWorkerServer: new (
    options: NativeOptions,
    onEvents: OnEvents,
  ) => NativeHttp3Server;
}

/** The library, or undefined where it is not installed or does not load here. */
export function loadQuic(): NativeQuic | undefined {
  const require = createRequire(import.meta.url);
  try {
    const main = require.resolve("@currentspace/http3");
    return require(join(dirname(main), "..", "index.js")) as NativeQuic;
  } catch {
    return undefined;
  }
}
