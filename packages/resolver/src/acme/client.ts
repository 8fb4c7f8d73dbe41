/**
 * A client of a certificate authority that speaks ACME (RFC 8555).
 *
 *   directory ─► account ─► order ─► authorizations ─► challenges ─► finalize ─► certificate
 *
 * Failures are values, in words for the operator. An authority may answer anything: what is not as
 * the RFC wants it is a failure, and nothing of it is used.
 */
import { limits } from "../base/limits.ts";
import type { AccountKey } from "./account.ts";
import { type Fetched, type NotFetched, fetchOnce } from "./fetch.ts";
import { type Json, arrayOf, numberOf, objectOf, parseJson, textOf } from "./json.ts";

const NONCE_TRIES = limits.acmeNonceTriesMax.value;
const POLLS_MAX = limits.acmePollsMax.value;
const RETRY_AFTER_MAX_S = limits.acmeRetryAfterMaxS.value;

/** What a certificate is to be for: a name, or an address (RFC 8738). */
export interface Identifier {
  readonly type: "dns" | "ip";
  readonly value: string;
}

export interface Failed {
  readonly kind: "failed";
  readonly why: string;
}

export interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly token: string;
}

export interface Authorization {
  readonly identifier: Identifier;
  readonly status: string;
  readonly challenges: readonly Challenge[];
}

export interface Order {
  readonly kind: "order";
  readonly url: string;
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate: string | undefined;
}

/** When a certificate is to be renewed (RFC 9773 §4.2). */
export interface RenewalInfo {
  readonly kind: "renewal";
  readonly startMs: number;
  readonly endMs: number;
  /** When to ask again. */
  readonly retryAfterS: number;
}

interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly renewalInfo: string | undefined;
}

export interface AcmeOptions {
  readonly directory: string;
  readonly key: AccountKey;
  /** URLs that the authority may write to: `mailto:…`. */
  readonly contacts: readonly string[];
  readonly roots: string | undefined;
  readonly sleep: (ms: number) => Promise<void>;
}

export class AcmeClient {
  readonly #options: AcmeOptions;
  #directory: Directory | undefined;
  #nonce: string | undefined;
  #account: string | undefined;

  constructor(options: AcmeOptions) {
    this.#options = options;
  }

  /** Reads the directory and makes the account, or finds it, by its key (RFC 8555 §7.3). */
  async begin(): Promise<Failed | undefined> {
    const directory = await this.#read(this.#options.directory);
    if ("kind" in directory) return directory;
    const { newNonce, newAccount, newOrder, renewalInfo } = directory.json;
    const urls = [newNonce, newAccount, newOrder].map(textOf);
    if (urls.includes(undefined)) return failed("a directory without what RFC 8555 wants in it");
    this.#directory = {
      newNonce: urls[0]!,
      newAccount: urls[1]!,
      newOrder: urls[2]!,
      renewalInfo: textOf(renewalInfo),
    };
    const { contacts } = this.#options;
    const asked = {
      termsOfServiceAgreed: true,
      ...(contacts.length > 0 ? { contact: contacts } : {}),
    };
    const account = await this.#post(this.#directory.newAccount, asked);
    if (account.kind === "failed") return account;
    this.#account = account.headers["location"];
    return this.#account === undefined ? failed("an account without a URL") : undefined;
  }

  /** Orders a certificate; `replaces` names the one that it renews (RFC 9773 §5). */
  async order(
    identifiers: readonly Identifier[],
    profile: string | undefined,
    replaces: string | undefined,
  ): Promise<Order | Failed> {
    const asked = {
      identifiers,
      ...(profile === undefined ? {} : { profile }),
      ...(replaces === undefined || this.#directory!.renewalInfo === undefined ? {} : { replaces }),
    };
    const response = await this.#post(this.#directory!.newOrder, asked);
    if (response.kind === "failed") return response;
    return orderOf(response, response.headers["location"]);
  }

  async authorization(url: string): Promise<Authorization | Failed> {
    const response = await this.#post(url, undefined);
    if (response.kind === "failed") return response;
    const json = objectOf(parseJson(response.body));
    const identifier = objectOf(json["identifier"]);
    const type = textOf(identifier["type"]);
    const value = textOf(identifier["value"]);
    const status = textOf(json["status"]);
    if ((type !== "dns" && type !== "ip") || value === undefined || status === undefined) {
      return failed("an authorization that is none");
    }
    const challenges = arrayOf(json["challenges"]).flatMap((one) => {
      const challenge = objectOf(one);
      const [kind, at, token] = [challenge["type"], challenge["url"], challenge["token"]].map(
        textOf,
      );
      // RFC 8555 §8.3: a token goes into a path, so nothing else may stand in it.
      const isSound = token !== undefined && /^[A-Za-z0-9_-]{16,256}$/.test(token);
      return kind !== undefined && at !== undefined && isSound
        ? [{ type: kind, url: at, token }]
        : [];
    });
    return { identifier: { type, value }, status, challenges };
  }

  /** Says that a challenge is ready, and waits for what comes of its authorization. */
  async prove(challenge: Challenge, authorizationUrl: string): Promise<Failed | undefined> {
    const told = await this.#post(challenge.url, {});
    if (told.kind === "failed") return told;
    const ended = await this.#poll(authorizationUrl, ["pending", "processing"]);
    if (ended.kind === "failed") return ended;
    if (ended.status === "valid") return undefined;
    const problem = arrayOf(ended.json["challenges"])
      .map((one) => textOf(objectOf(objectOf(one)["error"])["detail"]))
      .find((detail) => detail !== undefined);
    return failed(`the authority could not verify it: ${problem ?? ended.status}`);
  }

  /** Sends the request that is to be signed, and gives the chain in PEM. */
  async finish(order: Order, csr: Uint8Array): Promise<string | Failed> {
    const ready = await this.#poll(order.url, ["pending"]);
    if (ready.kind === "failed") return ready;
    const sent = await this.#post(order.finalize, { csr: Buffer.from(csr).toString("base64url") });
    if (sent.kind === "failed") return sent;
    const done = await this.#poll(order.url, ["ready", "processing", "pending"]);
    if (done.kind === "failed") return done;
    const url = textOf(done.json["certificate"]);
    if (done.status !== "valid" || url === undefined)
      return failed(`an order that is ${done.status}`);
    const response = await this.#post(url, undefined);
    if (response.kind === "failed") return response;
    const isPem = response.body.includes("-----BEGIN CERTIFICATE-----");
    return isPem ? response.body : failed("a certificate that is none");
  }

  /** When the authority wants a certificate renewed; undefined where it does not say. */
  async renewalInfo(id: string): Promise<RenewalInfo | undefined> {
    const { renewalInfo } = this.#directory!;
    if (renewalInfo === undefined) return undefined;
    const read = await this.#read(`${renewalInfo}/${id}`);
    if ("kind" in read) return undefined;
    const suggested = objectOf(read.json["suggestedWindow"]);
    const startMs = Date.parse(textOf(suggested["start"]) ?? "");
    const endMs = Date.parse(textOf(suggested["end"]) ?? "");
    if (!(startMs <= endMs)) return undefined;
    return { kind: "renewal", startMs, endMs, retryAfterS: read.retryAfterS };
  }

  async #poll(
    url: string,
    goesOn: readonly string[],
  ): Promise<{ kind: "polled"; status: string; json: Readonly<Record<string, Json>> } | Failed> {
    for (let polls = 0; polls < POLLS_MAX; polls++) {
      const response = await this.#post(url, undefined);
      if (response.kind === "failed") return response;
      const json = objectOf(parseJson(response.body));
      const status = textOf(json["status"]);
      if (status === undefined) return failed("a status that is none");
      if (!goesOn.includes(status)) return { kind: "polled", status, json };
      await this.#options.sleep(retryAfterS(response, 1) * 1000);
    }
    return failed("an authority that does not come to an end");
  }

  /** A request without a signature. */
  async #read(
    url: string,
  ): Promise<{ json: Readonly<Record<string, Json>>; retryAfterS: number } | Failed> {
    const { roots } = this.#options;
    const response = await fetchOnce(url, { method: "GET", roots });
    if (response.kind === "not-fetched") return failed(response.why);
    if (response.status !== 200) return failed(`status ${response.status}`);
    const json = objectOf(parseJson(response.body));
    return { json, retryAfterS: retryAfterS(response, 0) };
  }

  /** A signed request; one that only lacked a good nonce is sent again (RFC 8555 §6.5). */
  async #post(url: string, payload: unknown): Promise<Fetched | Failed> {
    const { key, roots } = this.#options;
    for (let tries = 0; tries < NONCE_TRIES; tries++) {
      const nonce = this.#nonce ?? (await this.#freshNonce());
      if (typeof nonce !== "string") return nonce;
      this.#nonce = undefined;
      const body = JSON.stringify(key.sign(url, nonce, this.#account, payload));
      const response = await fetchOnce(url, { method: "POST", body, roots });
      if (response.kind === "not-fetched") return failed(response.why);
      this.#nonce = response.headers["replay-nonce"];
      if (response.status < 300) return response;
      const problem = objectOf(parseJson(response.body));
      const type = textOf(problem["type"]);
      if (type !== "urn:ietf:params:acme:error:badNonce") {
        return failed(textOf(problem["detail"]) ?? `status ${response.status}`);
      }
    }
    return failed("an authority that takes none of its nonces");
  }

  async #freshNonce(): Promise<string | Failed> {
    const { roots } = this.#options;
    const response = await fetchOnce(this.#directory!.newNonce, { method: "HEAD", roots });
    const nonce = response.kind === "fetched" ? response.headers["replay-nonce"] : undefined;
    return nonce ?? failed(whyNot(response, "no nonce"));
  }
}

function orderOf(response: Fetched, url: string | undefined): Order | Failed {
  const json = objectOf(parseJson(response.body));
  const status = textOf(json["status"]);
  const finalize = textOf(json["finalize"]);
  const listed = arrayOf(json["authorizations"]);
  const authorizations = listed.map(textOf).filter((one) => one !== undefined);
  const isWhole = authorizations.length === listed.length;
  if (url === undefined || status === undefined || finalize === undefined || !isWhole) {
    return failed("an order that is none");
  }
  const certificate = textOf(json["certificate"]);
  return {
    kind: "order",
    url,
    status,
    finalize,
    certificate,
    authorizations,
  };
}

function whyNot(response: Fetched | NotFetched, otherwise: string): string {
  return response.kind === "not-fetched" ? response.why : otherwise;
}

/** Seconds that the authority wants to be left in peace, within bounds. */
function retryAfterS(response: Fetched, otherwise: number): number {
  const said = numberOf(response.headers["retry-after"]);
  return Math.min(said ?? otherwise, RETRY_AFTER_MAX_S);
}

function failed(why: string): Failed {
  return { kind: "failed", why };
}
