/**
 * Keeps a certificate from an authority: gets it, renews it, and hands each new one on.
 *
 *   state directory: acme-account.pem, acme-certificate.pem (mode 0600)
 *
 * What goes wrong is told in a line, and tried again later and later; the certificate in use stays.
 */
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import type { KeyPair } from "../transports/tls.ts";
import { AccountKey } from "./account.ts";
import { AcmeClient, type Failed, type Identifier, type RenewalInfo } from "./client.ts";
import { obtain, type Provers } from "./obtain.ts";
import { renewalMs } from "./renewal.ts";
import { accountKeyPem, factsOf, type CertificateFacts } from "./requests.ts";
import type { AcmeStore } from "./store.ts";

const RETRY_FIRST_MS = limits.acmeRetryFirstMs.value;
const RETRY_MAX_MS = limits.acmeRetryMaxMs.value;
const LOOK_MS = limits.acmeLookMs.value;

export interface KeeperOptions {
  readonly directory: string;
  readonly identifiers: readonly Identifier[];
  readonly contacts: readonly string[];
  readonly profile: string | undefined;
  readonly roots: string | undefined;
  readonly store: AcmeStore;
  readonly provers: Provers;
  readonly random: Random;
  readonly wallMs: () => number;
  readonly after: (ms: number, done: () => void) => () => void;
  /** Takes each certificate that is to be used from now on. */
  readonly onPair: (pair: KeyPair) => void;
  /** Lines for the operator. */
  readonly onNews: (line: string) => void;
}

export class AcmeKeeper {
  readonly #options: KeeperOptions;
  #facts: CertificateFacts | undefined;
  #chance: number;
  #retryMs: number = RETRY_FIRST_MS;
  #cancel = (): void => {};
  #isEnding = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#chance = options.random.uint32() / 0x1_0000_0000;
  }

  /** Takes the certificate that is kept, where it is for the same names; gives it. */
  async begin(): Promise<KeyPair | undefined> {
    const { store, identifiers, wallMs } = this.#options;
    const pair = store.readPair();
    const facts = pair && (await factsOf(pair.certificate));
    const wanted = identifiers.map(({ value }) => value).toSorted();
    const isOurs = facts !== undefined && sameNames(facts.names.toSorted(), wanted);
    if (!isOurs || facts.notAfterMs <= wallMs()) return undefined;
    this.#facts = facts;
    return pair;
  }

  /** Looks now whether a certificate is wanted, and from then on again and again. */
  start(): void {
    void this.#look();
  }

  close(): void {
    this.#isEnding = true;
    this.#cancel();
    this.#options.provers.http.close();
  }

  async #look(): Promise<void> {
    const problem = await this.#renewIfDue();
    this.#options.provers.http.close();
    if (this.#isEnding) return;
    let againMs: number = LOOK_MS;
    if (problem === undefined) {
      this.#retryMs = RETRY_FIRST_MS;
    } else {
      againMs = this.#retryMs;
      this.#retryMs = Math.min(2 * againMs, RETRY_MAX_MS);
      const minutes = Math.ceil(againMs / 60_000);
      this.#options.onNews(`tls.acme: ${problem.why}; trying again in ${minutes} minutes`);
    }
    this.#cancel = this.#options.after(againMs, () => void this.#look());
  }

  async #renewIfDue(): Promise<Failed | undefined> {
    const { wallMs } = this.#options;
    // A failure is none of the operator's affairs while the certificate is good for long.
    const isUrgent = this.#facts === undefined || this.#isDue();
    const client = await this.#client();
    if ("kind" in client) return isUrgent ? client : undefined;
    const problem = await client.client.begin();
    if (problem !== undefined) return isUrgent ? problem : undefined;
    const id = this.#facts?.renewalId;
    const suggested = id === undefined ? undefined : await client.client.renewalInfo(id);
    if (this.#facts !== undefined && !this.#isDue(suggested)) return undefined;
    const { identifiers, profile, store, provers, onPair, onNews } = this.#options;
    const wanted = { identifiers, profile, replaces: id };
    const pair = await obtain(client.client, client.key, wanted, provers, wallMs());
    if ("kind" in pair) return pair;
    const facts = await factsOf(pair.certificate);
    if (facts === undefined) return { kind: "failed", why: "a certificate that cannot be read" };
    const why = store.writePair(pair);
    if (why !== undefined) onNews(`tls.acme: the new certificate is used but not kept: ${why}`);
    this.#facts = facts;
    this.#chance = this.#options.random.uint32() / 0x1_0000_0000;
    onPair(pair);
    onNews(`tls.acme: a certificate until ${new Date(facts.notAfterMs).toISOString()}`);
    return undefined;
  }

  #isDue(suggested?: RenewalInfo): boolean {
    const facts = this.#facts!;
    return renewalMs(facts, suggested, this.#chance) <= this.#options.wallMs();
  }

  async #client(): Promise<{ client: AcmeClient; key: AccountKey } | Failed> {
    const { store, directory, contacts, roots, after } = this.#options;
    let pem = store.readAccount();
    if (pem === undefined) {
      pem = await accountKeyPem();
      const why = store.writeAccount(pem);
      if (why !== undefined)
        return { kind: "failed", why: `the account's key cannot be kept: ${why}` };
    }
    const key = AccountKey.ofPem(pem);
    if (key === undefined)
      return { kind: "failed", why: "the account's key is no P-256 key in PEM" };
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        after(ms, resolve);
      });
    return { client: new AcmeClient({ directory, key, contacts, roots, sleep }), key };
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
