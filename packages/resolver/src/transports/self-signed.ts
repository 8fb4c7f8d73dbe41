/**
 * A certificate that nobody has vouched for, for a server that has none yet.
 *
 * Clients that do not check names use it as it is (RFC 8310 §5: opportunistic privacy); others can
 * be given its digest. It names what the operator says that the server is called.
 */
import { isIP } from "node:net";
import { keyInPem, newKeys, signatureAlgorithm, x509Library } from "../system/x509.ts";
import type { KeyPair } from "./tls.ts";

/** Days that it is good for: RFC 9325 has no word on it; browsers take 398 at most. */
const DAYS = 90;
const DAY_MS = 86_400_000;
/** Clocks of clients that are a little slow believe it as well. */
const BEFORE_MS = 3_600_000;

/** Makes a key and a certificate for these names and addresses; there is at least one. */
export async function selfSigned(names: readonly string[], nowMs: number): Promise<KeyPair> {
  const x509 = await x509Library();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [names[0]!] }],
    notBefore: new Date(nowMs - BEFORE_MS),
    notAfter: new Date(nowMs + DAYS * DAY_MS),
    signingAlgorithm: signatureAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
      ),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await keyInPem(keys) };
}
