/**
 * The key of an ACME account, and what it signs (RFC 8555 §6.2, RFC 7515).
 *
 * P-256 with SHA-256 (ES256), which every authority takes.
 */
import { type KeyObject, createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";

/** The public key as it is sent (RFC 7517), in the order that RFC 7638 §3 hashes it in. */
interface PublicJwk {
  readonly crv: "P-256";
  readonly kty: "EC";
  readonly x: string;
  readonly y: string;
}

/** A signed request's body. */
export interface Jws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

export class AccountKey {
  readonly #key: KeyObject;
  readonly #jwk: PublicJwk;

  private constructor(key: KeyObject) {
    this.#key = key;
    const { x, y } = createPublicKey(key).export({ format: "jwk" });
    this.#jwk = { crv: "P-256", kty: "EC", x: x!, y: y! };
  }

  /** Takes a key in PEM; undefined where that is none, or of another kind. */
  static ofPem(pem: string): AccountKey | undefined {
    try {
      const key = createPrivateKey(pem);
      const isP256 = key.asymmetricKeyDetails?.namedCurve === "prime256v1";
      return isP256 ? new AccountKey(key) : undefined;
    } catch {
      return undefined;
    }
  }

  /** What proves that whoever has this key was given a token (RFC 8555 §8.1). */
  keyAuthorization(token: string): string {
    return `${token}.${this.#thumbprint()}`;
  }

  /**
   * Signs a request to a URL. `kid` is the account's URL; where there is none the key is sent.
   *
   * `payload` undefined is a POST-as-GET (RFC 8555 §6.3).
   */
  sign(url: string, nonce: string, kid: string | undefined, payload: unknown): Jws {
    const who = kid === undefined ? { jwk: this.#jwk } : { kid };
    const head = base64url(JSON.stringify({ alg: "ES256", nonce, url, ...who }));
    const body = payload === undefined ? "" : base64url(JSON.stringify(payload));
    const signature = sign("sha256", Buffer.from(`${head}.${body}`), {
      key: this.#key,
      dsaEncoding: "ieee-p1363",
    });
    return { protected: head, payload: body, signature: signature.toString("base64url") };
  }

  /** RFC 7638. */
  #thumbprint(): string {
    return createHash("sha256").update(JSON.stringify(this.#jwk)).digest("base64url");
  }
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
