/** Keeps the QUIC process of a server: where it listens, with which certificate, for whom. */
import { isDeepStrictEqual } from "node:util";
import { ipToText } from "../base/address.ts";
import type { AdmitOptions } from "../serve/admit.ts";
import type { Libc } from "../system/libc.ts";
import type { KeyPair } from "../transports/tls.ts";
import type { WorkerPool } from "../worker/pool.ts";
import { QuicHost } from "../worker/quic-host.ts";
import type { QuicRow } from "../worker/quic-orders.ts";
import { type Wrong, wrong } from "./command.ts";
import { type ListenSetting, isByDefault, listeningAt } from "./listen-rows.ts";
import type { Settings } from "./settings.ts";

/** A row that is listened at over QUIC, with where it comes from. */
interface QuicSetting extends QuicRow {
  /** The address as the configuration has it. */
  readonly text: string;
  /** It stands in no configuration: where it cannot be had, the server goes on without it. */
  readonly isOptional: boolean;
}

/** What QUIC needs of the rest. */
export interface QuicParts {
  readonly libc: Libc | undefined;
  readonly pool: WorkerPool;
  /** The rows of the workers, with the ports that are listened at. */
  readonly rows: readonly ListenSetting[];
  readonly admit: AdmitOptions;
  readonly pair: KeyPair;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
}

const WORDS = { doq: "DNS over QUIC", h3: "HTTP/3" } as const;
const WITHOUT = "the server goes on without QUIC";

export class QuicWatch {
  readonly #host: QuicHost;
  /** What is spoken, and at which ports. */
  readonly rows: readonly QuicRow[];
  #pair: KeyPair;
  #admit: AdmitOptions;

  private constructor(host: QuicHost, rows: readonly QuicRow[], { pair, admit }: QuicParts) {
    this.#host = host;
    this.rows = rows;
    this.#pair = pair;
    this.#admit = admit;
  }

  /** Starts the process where QUIC is wanted and can be had; undefined where it is not. */
  static async begin(settings: Settings, parts: QuicParts): Promise<QuicWatch | Wrong | undefined> {
    const { libc, pool, admit, pair, say, complain } = parts;
    let wanted = quicRowsOf(settings, parts.rows);
    if (wanted.length === 0) return undefined;
    if (libc === undefined) {
      if (wanted.some(({ isOptional }) => !isOptional)) {
        complain(`listen.quic: QUIC needs resolve.system-calls; ${WITHOUT}`);
      }
      return undefined;
    }
    while (wanted.length > 0) {
      const onDeath = (why: string): void =>
        complain(`the QUIC process died (${why}); starting another`);
      const host = new QuicHost(libc, { rows: wanted, pair, admit }, pool, onDeath);
      const told = await host.start();
      if (told.kind === "listening") {
        const rows = wanted.map((row, i) => ({ ...row, port: told.ports[i]! }));
        for (const { text, port, speaks } of rows) say(listeningAt(text, port, WORDS[speaks]));
        pool.onServes((worker) => host.tie(worker));
        return new QuicWatch(host, rows, parts);
      }
      if (told.kind === "no-library") {
        complain(`listen.quic: the QUIC library does not load here; ${WITHOUT}`);
        return undefined;
      }
      const row = wanted[told.row]!;
      const key = row.speaks === "doq" ? "listen.quic" : "listen.https, HTTP/3";
      const line = `${key} = ${row.text}: expected an address that is free (${told.why})`;
      if (!row.isOptional) return wrong(line);
      complain(`${line}; the server goes on without it`);
      wanted = wanted.filter((one) => one !== row);
    }
    return undefined;
  }

  /** Admits clients by these rules from now on; those that it has change nothing. */
  admit(admit: AdmitOptions): void {
    if (isDeepStrictEqual(admit, this.#admit)) return;
    this.#admit = admit;
    this.#host.admit(admit);
  }

  /** Takes another certificate; the one that it has changes nothing. */
  certified(pair: KeyPair): void {
    if (pair.certificate === this.#pair.certificate && pair.key === this.#pair.key) return;
    this.#pair = pair;
    this.#host.certify(pair);
  }

  async end(): Promise<void> {
    await this.#host.end();
  }
}

/** DNS over QUIC where the settings say, and HTTP/3 beside HTTPS. */
function quicRowsOf(settings: Settings, rows: readonly ListenSetting[]): QuicSetting[] {
  const endpoints = settings["listen.quic"];
  const isOptional = isByDefault("listen.quic", endpoints);
  const doq = endpoints.map(({ ip, port, text }, i) => ({
    ip: ipToText(ip),
    port,
    speaks: "doq" as const,
    listener: rows.length + i,
    isOptional,
    text,
  }));
  const https = rows.filter(({ spoken }) => spoken === "https");
  const h3 = (settings["listen.http3"] ? https : []).map(({ ip, port, text }, i) => ({
    ip: ipToText(ip),
    port,
    speaks: "h3" as const,
    listener: rows.length + doq.length + i,
    isOptional: true,
    text,
  }));
  return [...doq, ...h3];
}
