/** The library that writes certificates, and what keys of ours are made for. */
import type { webcrypto } from "node:crypto";

/** Keys that every client and every authority takes. */
export const signatureAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Loads the library where it is needed: it is large, and most starts do without. */
export async function x509Library(): Promise<typeof import("@peculiar/x509")> {
  // It finds its parts by decorators, and wants what they are kept in to be there first.
  await import("reflect-metadata");
  return await import("@peculiar/x509");
}

/** A new key pair whose private key can be written down. */
export async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await crypto.subtle.generateKey(signatureAlgorithm, true, ["sign", "verify"]);
}

/** A private key in PEM. */
export async function keyInPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const { PemConverter } = await x509Library();
  return PemConverter.encode(await crypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY");
}
