/** One certificate, from the order to the chain. */
import { ipFromText } from "../base/address.ts";
import type { KeyPair } from "../transports/tls.ts";
import type { AccountKey } from "./account.ts";
import type { AcmeClient, Authorization, Challenge, Failed, Identifier } from "./client.ts";
import { HttpProofs, type TlsProofs, serverName } from "./proofs.ts";
import { provingCertificate, signingRequest } from "./requests.ts";

export interface Wanted {
  readonly identifiers: readonly Identifier[];
  readonly profile: string | undefined;
  /** The certificate that this one replaces (RFC 9773 §5). */
  readonly replaces: string | undefined;
}

export interface Provers {
  readonly http: HttpProofs;
  /** Undefined where no TLS listener can be reached at port 443. */
  readonly tls: TlsProofs | undefined;
}

/** Obtains a certificate for names and addresses, proving each as the authority lets us. */
export async function obtain(
  client: AcmeClient,
  key: AccountKey,
  { identifiers, profile, replaces }: Wanted,
  provers: Provers,
  nowMs: number,
): Promise<KeyPair | Failed> {
  const order = await client.order(identifiers, profile, replaces);
  if (order.kind === "failed") return order;
  for (const url of order.authorizations) {
    const authorization = await client.authorization(url);
    if ("kind" in authorization) return authorization;
    if (authorization.status === "valid") continue;
    const problem = await prove(client, key, url, authorization, provers, nowMs);
    if (problem !== undefined) {
      return { kind: "failed", why: `${authorization.identifier.value}: ${problem.why}` };
    }
  }
  const { csr, key: privateKey } = await signingRequest(identifiers);
  const chain = await client.finish(order, csr);
  if (typeof chain !== "string") return chain;
  return { certificate: chain, key: privateKey };
}

/** Proves one name by the first way that is there at both sides. */
async function prove(
  client: AcmeClient,
  key: AccountKey,
  url: string,
  { identifier, challenges }: Authorization,
  { http, tls }: Provers,
  nowMs: number,
): Promise<Failed | undefined> {
  const find = (type: string): Challenge | undefined =>
    challenges.find((challenge) => challenge.type === type);
  const inTls = tls === undefined ? undefined : find("tls-alpn-01");
  if (tls !== undefined && inTls !== undefined) {
    const name = serverName(identifier, ipFromText(identifier.value));
    const authorization = key.keyAuthorization(inTls.token);
    tls.show(name, await provingCertificate(identifier, authorization, nowMs));
    const problem = await client.prove(inTls, url);
    tls.hide(name);
    return problem;
  }
  const overHttp = http.isThere ? find("http-01") : undefined;
  if (overHttp === undefined) {
    return { kind: "failed", why: "the authority offers no challenge that can be met here" };
  }
  const why = await http.open();
  if (why !== undefined) return { kind: "failed", why: `tls.acme-http = ${why}` };
  http.show(overHttp.token, key.keyAuthorization(overHttp.token));
  const problem = await client.prove(overHttp, url);
  http.hide(overHttp.token);
  return problem;
}
