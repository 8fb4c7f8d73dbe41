/**
 * A small certificate authority that speaks ACME, for tests: it believes what it is told to.
 *
 * Written from RFC 8555 and RFC 9773, not from the client. pebble, which nobody here wrote, has
 * neither renewal information nor moods.
 */
import { createPublicKey, randomBytes, verify } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type Server, createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { selfSigned } from "../src/transports/self-signed.ts";

type Members = Record<string, unknown>;

/** What it does other than usual. */
export interface Moods {
  /** So many requests are refused for their nonce first. */
  badNonces?: number;
  /** What a URL's path is answered with instead. */
  instead?: (path: string) => { status: number; body: string } | undefined;
  /** What it suggests for renewals. */
  window?: { start: string; end: string };
  /** When it wants to be asked again, of whatever it answers instead. */
  retryAfter?: string;
  /** The detail that its verification fails with. */
  unproven?: string;
}

export class AcmeAuthority {
  readonly #server: Server;
  readonly #nonces = new Set<string>();
  readonly #orders: {
    identifiers: { type: string; value: string }[];
    chain?: string;
    replaces?: string;
  }[] = [];
  readonly #proven = new Set<number>();
  readonly moods: Moods = {};
  /** The certificate that its own server has. */
  readonly roots: string;
  /** Renewal identifiers that were asked for, and that orders named. */
  readonly asked: string[] = [];
  #key: Members | undefined;

  private constructor(server: Server, roots: string) {
    this.#server = server;
    this.roots = roots;
    server.on("request", (request, response) => {
      void this.#answer(request).then(({ status, body, headers }) => {
        response.writeHead(status, headers).end(body);
      });
    });
  }

  static async start(): Promise<AcmeAuthority> {
    const { certificate, key } = await selfSigned(["127.0.0.1"], Date.now());
    const server = createServer({ cert: certificate, key });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new AcmeAuthority(server, certificate);
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Certificates that were given. */
  get given(): number {
    return this.#orders.filter(({ chain }) => chain !== undefined).length;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(
    request: IncomingMessage,
  ): Promise<{ status: number; body: string; headers: Record<string, string> }> {
    const path = request.url ?? "";
    const nonce = randomBytes(16).toString("base64url");
    this.#nonces.add(nonce);
    const headers = { "replay-nonce": nonce, "content-type": "application/json" };
    const instead = this.moods.instead?.(path);
    if (instead !== undefined) {
      const { retryAfter } = this.moods;
      const later = retryAfter === undefined ? {} : { "retry-after": retryAfter };
      return { ...instead, headers: { ...headers, ...later } };
    }
    if (path === "/dir") return { status: 200, headers, body: JSON.stringify(this.#directory()) };
    if (path === "/nonce") return { status: 200, headers, body: "" };
    if (path.startsWith("/ari/")) {
      this.asked.push(path.slice(5));
      const body = JSON.stringify({ suggestedWindow: this.moods.window });
      return { status: 200, headers: { ...headers, "retry-after": "21600" }, body };
    }
    const read = await this.#read(request);
    if (read === undefined) {
      const type = "urn:ietf:params:acme:error:badNonce";
      return { status: 400, headers, body: JSON.stringify({ type, detail: "bad nonce" }) };
    }
    return await this.#carryOut(path, read, headers);
  }

  #directory(): Members {
    const { url } = this;
    return {
      newNonce: `${url}/nonce`,
      newAccount: `${url}/account`,
      newOrder: `${url}/order`,
      ...(this.moods.window === undefined ? {} : { renewalInfo: `${url}/ari` }),
    };
  }

  /** The payload of a request whose signature and nonce are good. */
  async #read(request: IncomingMessage): Promise<Members | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const jws = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
    const head = JSON.parse(Buffer.from(jws["protected"]!, "base64url").toString()) as Members;
    if (head["jwk"] !== undefined) this.#key = head["jwk"] as Members;
    const key = createPublicKey({ key: this.#key as never, format: "jwk" });
    const signed = Buffer.from(`${jws["protected"]}.${jws["payload"]}`);
    const signature = Buffer.from(jws["signature"]!, "base64url");
    const isGood = verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, signature);
    const isAddressed = head["url"] === `${this.url}${request.url}`;
    if ((this.moods.badNonces ?? 0) > 0) {
      this.moods.badNonces!--;
      return undefined;
    }
    if (!isGood || !isAddressed || !this.#nonces.delete(head["nonce"] as string)) return undefined;
    const payload = Buffer.from(jws["payload"]!, "base64url").toString();
    return payload === "" ? {} : (JSON.parse(payload) as Members);
  }

  async #carryOut(
    path: string,
    payload: Members,
    headers: Record<string, string>,
  ): Promise<{ status: number; body: string; headers: Record<string, string> }> {
    const json = (status: number, body: unknown, location?: string) => ({
      status,
      body: JSON.stringify(body),
      headers: location === undefined ? headers : { ...headers, location },
    });
    if (path === "/account") return json(201, { status: "valid" }, `${this.url}/account/1`);
    const i = Number(/\d+$/.exec(path)?.[0] ?? this.#orders.length);
    if (path === "/order") {
      const identifiers = payload["identifiers"] as { type: string; value: string }[];
      const { replaces } = payload;
      if (typeof replaces === "string") this.asked.push(`replaces ${replaces}`);
      this.#orders.push({ identifiers });
      return json(201, this.#order(i), `${this.url}/order/${i}`);
    }
    if (path.startsWith("/order/")) return json(200, this.#order(i));
    if (path.startsWith("/authorization/")) return json(200, this.#authorization(i));
    if (path.startsWith("/challenge/")) {
      this.#proven.add(i);
      return json(200, { status: "processing" });
    }
    if (path.startsWith("/finalize/")) {
      const names = this.#orders[i]!.identifiers.map(({ value }) => value);
      this.#orders[i]!.chain = await certificateFor(names);
      return json(200, this.#order(i));
    }
    return { status: 200, headers, body: this.#orders[i]?.chain ?? "" };
  }

  #order(i: number): Members {
    const { url } = this;
    const { identifiers, chain } = this.#orders[i]!;
    const status = chain !== undefined ? "valid" : this.#proven.has(i) ? "ready" : "pending";
    return {
      status,
      identifiers,
      authorizations: [`${url}/authorization/${i}`],
      finalize: `${url}/finalize/${i}`,
      ...(chain === undefined ? {} : { certificate: `${url}/certificate/${i}` }),
    };
  }

  #authorization(i: number): Members {
    const { unproven } = this.moods;
    const isProven = this.#proven.has(i);
    const error = { error: { detail: unproven } };
    return {
      status: !isProven ? "pending" : unproven === undefined ? "valid" : "invalid",
      identifier: this.#orders[i]!.identifiers[0],
      challenges: [
        {
          type: "tls-alpn-01",
          url: `${this.url}/challenge/${i}`,
          token: "a-token-of-22-octets--",
          ...(isProven && unproven !== undefined ? error : {}),
        },
      ],
    };
  }
}

/** A certificate whose authority and serial number are those of the example in RFC 9773 §4.1. */
async function certificateFor(names: readonly string[]): Promise<string> {
  const x509 = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "0087654321",
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 90 * 86_400_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
      new x509.AuthorityKeyIdentifierExtension("69885B6B87464041E1B37B847BA0AE2CDE01C8D4"),
    ],
  });
  return certificate.toString("pem");
}
