/** What is kept for ACME in the state directory, readable by the owner alone. */
import { dirname, join } from "node:path";
import { limits } from "../base/limits.ts";
import { makeDirectory, readSmallFile, writeSafely } from "../system/safe-file.ts";
import type { KeyPair } from "../transports/tls.ts";

const BYTES_MAX = limits.acmeResponseBytesMax.value;
const ACCOUNT = "acme-account.pem";
/** The chain with its key behind it: one file, so that neither is ever without the other. */
const PAIR = "acme-certificate.pem";
const OWNER_ONLY = 0o600;
const KEY_BEGINS = "-----BEGIN PRIVATE KEY-----";

export class AcmeStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The account's key in PEM; undefined where there is none. */
  readAccount(): string | undefined {
    return this.#read(ACCOUNT);
  }

  /** Keeps the account's key; gives why it could not. */
  writeAccount(pem: string): string | undefined {
    return this.#write(ACCOUNT, pem);
  }

  /** The certificate that was kept last; undefined where there is none. */
  readPair(): KeyPair | undefined {
    const text = this.#read(PAIR);
    const at = text?.indexOf(KEY_BEGINS) ?? -1;
    return at < 0 ? undefined : { certificate: text!.slice(0, at), key: text!.slice(at) };
  }

  /** Keeps a certificate with its key; gives why it could not. */
  writePair({ certificate, key }: KeyPair): string | undefined {
    return this.#write(PAIR, `${certificate.trimEnd()}\n${key}`);
  }

  #read(name: string): string | undefined {
    const text = readSmallFile(join(this.#directory, name), BYTES_MAX);
    return typeof text === "string" ? text : undefined;
  }

  #write(name: string, text: string): string | undefined {
    const path = join(this.#directory, name);
    return (makeDirectory(dirname(path)) ?? writeSafely(path, text, OWNER_ONLY))?.why;
  }
}
