/** What is signed for a certificate: the request itself, and the certificate that proves a name. */
import { X509Certificate, createHash } from "node:crypto";
import { keyInPem, newKeys, signatureAlgorithm, x509Library } from "../system/x509.ts";
import type { KeyPair } from "../transports/tls.ts";
import type { Identifier } from "./client.ts";

/** `id-pe-acmeIdentifier` (RFC 8737 §3). */
const ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";
/** DER of an OCTET STRING of 32 octets, up to these. */
const OCTETS_32 = [0x04, 0x20];
const DAY_MS = 86_400_000;

/** A new key, and the request for a certificate for it (RFC 2986, RFC 8555 §7.4). */
export async function signingRequest(
  identifiers: readonly Identifier[],
): Promise<{ readonly csr: Uint8Array; readonly key: string }> {
  const x509 = await x509Library();
  const keys = await newKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: signatureAlgorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([...identifiers])],
  });
  return { csr: new Uint8Array(request.rawData), key: await keyInPem(keys) };
}

/** The certificate that is shown to prove a name by TLS-ALPN-01 (RFC 8737 §3). */
export async function provingCertificate(
  identifier: Identifier,
  keyAuthorization: string,
  nowMs: number,
): Promise<KeyPair> {
  const x509 = await x509Library();
  const keys = await newKeys();
  const digest = createHash("sha256").update(keyAuthorization).digest();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ["ACME challenge"] }],
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + DAY_MS),
    signingAlgorithm: signatureAlgorithm,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ ...identifier }]),
      new x509.Extension(ACME_IDENTIFIER, true, Uint8Array.of(...OCTETS_32, ...digest)),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await keyInPem(keys) };
}

/** A new key for an account, in PEM. */
export async function accountKeyPem(): Promise<string> {
  return await keyInPem(await newKeys());
}

/** What a certificate says of itself. */
export interface CertificateFacts {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** How renewal information is asked for (RFC 9773 §4.1); undefined without a key identifier. */
  readonly renewalId: string | undefined;
  /** Names and addresses that it is for. */
  readonly names: readonly string[];
}

/** Reads the first certificate of a chain in PEM; undefined where there is none. */
export async function factsOf(chain: string): Promise<CertificateFacts | undefined> {
  const x509 = await x509Library();
  try {
    const certificate = new X509Certificate(chain);
    const parsed = new x509.X509Certificate(certificate.raw);
    const authority = parsed.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
    const serial = derInteger(certificate.serialNumber).toString("base64url");
    const names = parsed.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
    return {
      notBeforeMs: parsed.notBefore.getTime(),
      notAfterMs: parsed.notAfter.getTime(),
      renewalId:
        authority === undefined
          ? undefined
          : `${Buffer.from(authority, "hex").toString("base64url")}.${serial}`,
      names: names.map(({ value }) => value),
    };
  } catch {
    return undefined;
  }
}

/** The contents of an INTEGER in DER: a number above zero whose first bit is not set. */
function derInteger(hex: string): Buffer {
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return (octets[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), octets]) : octets;
}
