/** Ed25519 (RFC 8032) out of WebCrypto, as browsers and Node have it: the one file that asks it. */
import type { Ed25519Sign } from "./signing.ts";

const ALGORITHM = "Ed25519";
const SEED_BYTES = 32;

/** PKCS #8 around the 32 bytes of an Ed25519 seed (RFC 8410 §7). */
const PKCS8_START = Uint8Array.fromHex("302e020100300506032b657004220420");

/** Says whether a signature over a message is that of a public key of 32 bytes. */
export async function checkEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey.slice(), ALGORITHM, false, [
      "verify",
    ]);
    return await crypto.subtle.verify(ALGORITHM, key, signature.slice(), message.slice());
  } catch {
    // Bytes that are no point of the curve are nobody's key.
    return false;
  }
}

/** A key pair out of its seed: the public key, and what signs with the private one. */
export interface Ed25519Pair {
  readonly publicKey: Uint8Array;
  readonly sign: Ed25519Sign;
}

/** The pair of a seed of 32 bytes; undefined where it has another length. */
export async function ed25519Pair(seed: Uint8Array): Promise<Ed25519Pair | undefined> {
  if (seed.length !== SEED_BYTES) return undefined;
  const pkcs8 = new Uint8Array(PKCS8_START.length + SEED_BYTES);
  pkcs8.set(PKCS8_START);
  pkcs8.set(seed, PKCS8_START.length);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, ALGORITHM, true, ["sign"]);
  pkcs8.fill(0);
  const { x } = await crypto.subtle.exportKey("jwk", key);
  return {
    publicKey: Uint8Array.fromBase64(x!, { alphabet: "base64url" }),
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, message.slice())),
  };
}
