/**
 * What the server proves itself with, and what it seals tickets with, as time goes by.
 *
 *   files that the operator names ─► looked at every certificateLookMs, taken when they changed
 *   none named ────────────────────► self-signed, kept in the state directory, renewed in time
 *   ticket keys ───────────────────► new ones each hour, in memory only
 *
 * What cannot be used is told of once, and what was there stays. Certificate and key are two files,
 * and nobody replaces both at one moment: so they are taken when they have stood still for a look.
 * PRIVACY: ticket keys that are gone are nowhere, so nobody can open what was resumed with them.
 */
import { randomBytes } from "node:crypto";
import { limits } from "../base/limits.ts";
import { makeDirectory } from "../system/safe-file.ts";
import { selfSigned } from "../transports/self-signed.ts";
import { type KeyPair, TICKET_KEYS_BYTES, type TlsMaterial } from "../transports/tls.ts";
import {
  type CertificateFiles,
  type NoCertificate,
  factsOf,
  readCertificate,
  readKept,
  stampOf,
  writeKept,
} from "./certificate-files.ts";

const LOOK_MS = limits.certificateLookMs.value;
const TICKET_MS = limits.tlsTicketLifetimeS.value * 1000;
/** A self-signed certificate is made anew when it is good for no longer than this. */
const RENEW_MS = 30 * 86_400_000;

/** What the configuration says of certificates. */
export interface CertificateSource {
  /** Undefined: self-signed. */
  readonly files: CertificateFiles | undefined;
  /** Names and addresses that the self-signed one is for; there is at least one. */
  readonly names: readonly string[];
  /** Where the self-signed one is kept; undefined: in memory only. */
  readonly directory: string | undefined;
}

export interface CertificateParts {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
}

export class CertificateKeeper {
  readonly #parts: CertificateParts;
  #source: CertificateSource;
  #pair: KeyPair;
  #ticketKeys: Uint8Array = randomBytes(TICKET_KEYS_BYTES);
  /** When the self-signed certificate is made anew; never where files are named. */
  #renewMs = Infinity;
  /** Of the files that were taken or refused, and of those that were seen at the last look. */
  #stamp = "";
  #seen = "";
  #use: ((material: TlsMaterial) => void) | undefined;
  #timers: NodeJS.Timeout[] = [];

  private constructor(
    parts: CertificateParts,
    source: CertificateSource,
    pair: KeyPair,
    stamp: string,
  ) {
    this.#parts = parts;
    this.#source = source;
    this.#pair = pair;
    this.#take(source, pair, stamp);
  }

  /** Reads or makes the first certificate. */
  static async begin(
    source: CertificateSource,
    parts: CertificateParts,
  ): Promise<CertificateKeeper | NoCertificate> {
    const stamp = stampOfSource(source);
    const pair = await pairOf(source, parts);
    return "kind" in pair ? pair : new CertificateKeeper(parts, source, pair, stamp);
  }

  get material(): TlsMaterial {
    return { pair: this.#pair, ticketKeys: this.#ticketKeys };
  }

  /** Goes on by itself; `use` is given what counts from then on. Timers keep no process alive. */
  start(use: (material: TlsMaterial) => void): void {
    this.#use = use;
    this.#timers = [
      setInterval(() => this.look(), LOOK_MS).unref(),
      setInterval(() => this.rotate(), TICKET_MS).unref(),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#use = undefined;
  }

  /** Seals tickets with new keys: what the old ones sealed cannot be opened any more. */
  rotate(): void {
    this.#ticketKeys = randomBytes(TICKET_KEYS_BYTES);
    this.#use?.(this.material);
  }

  /** Takes files that have changed, or renews what is self-signed and due. */
  look(): void {
    const { files } = this.#source;
    if (files === undefined) {
      if (this.#parts.nowMs() >= this.#renewMs) void this.reload(this.#source);
      return;
    }
    const stamp = stampOf(files);
    const stands = stamp === this.#seen;
    this.#seen = stamp;
    if (!stands || stamp === this.#stamp) return;
    this.#stamp = stamp;
    void this.reload(this.#source);
  }

  /** Reads all anew, from where the configuration says now. */
  async reload(source: CertificateSource): Promise<void> {
    const { complain, say } = this.#parts;
    const { files } = source;
    const stamp = stampOfSource(source);
    const before = this.#pair;
    const own = this.#source.files === undefined ? before : undefined;
    this.#renewMs = Infinity;
    const pair = await pairOf(source, this.#parts, own);
    if ("kind" in pair) {
      this.#stamp = stamp;
      complain(`tls.${pair.file} = ${files?.[pair.file]}: ${pair.why}; the old one stays`);
      return;
    }
    this.#take(source, pair, stamp);
    if (before.certificate === pair.certificate && before.key === pair.key) return;
    say(this.line);
    this.#use?.(this.material);
  }

  /** A line that says what is shown to clients. */
  get line(): string {
    const { endMs, pin } = factsOf(this.#pair);
    const { files, names } = this.#source;
    const what = files?.certificate ?? `self-signed for ${names.join(", ")}`;
    const end = new Date(endMs).toISOString().slice(0, 10);
    const until = endMs > this.#parts.nowMs() ? "until" : "which has ended on";
    return `certificate: ${what}, ${until} ${end}, pin ${pin}`;
  }

  #take(source: CertificateSource, pair: KeyPair, stamp: string): void {
    this.#source = source;
    this.#pair = pair;
    this.#stamp = stamp;
    this.#seen = stamp;
    this.#renewMs = source.files === undefined ? factsOf(pair).endMs - RENEW_MS : Infinity;
  }
}

function stampOfSource({ files }: CertificateSource): string {
  return files === undefined ? "" : stampOf(files);
}

/** The certificate that the configuration wants; `own` is the self-signed one in use. */
async function pairOf(
  { files, names, directory }: CertificateSource,
  { nowMs, complain }: CertificateParts,
  own?: KeyPair,
): Promise<KeyPair | NoCertificate> {
  if (files !== undefined) return readCertificate(files);
  for (const pair of [own, directory === undefined ? undefined : readKept(directory)]) {
    if (pair === undefined) continue;
    const { endMs, isFor } = factsOf(pair);
    if (isFor(names) && endMs - nowMs() > RENEW_MS) return pair;
  }
  const pair = await selfSigned(names, nowMs());
  if (directory === undefined) return pair;
  const problem = makeDirectory(directory) ?? writeKept(directory, pair);
  if (problem !== undefined) {
    complain(`state.directory = ${directory}: the certificate is not kept: ${problem.why}`);
  }
  return pair;
}
