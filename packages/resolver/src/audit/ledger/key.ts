/**
 * The key that signs a ledger's checkpoints: made at the first start, readable by its owner alone.
 *
 * The file holds it as Go's tools for notes write signer keys, one line:
 * `PRIVATE+KEY+name+id+base64(type ‖ seed)`.
 */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { parseBase64, parseUtf8, toUtf8 } from "@lethe/tlog/decimal.ts";
import { type VerifierKey, verifierKey } from "@lethe/tlog/verifier-key.ts";
import type { FileProblem } from "../../system/safe-file.ts";
import { type Damage, damaged } from "./damage.ts";
import { type LedgerFiles, isProblem, replaceFile } from "./files.ts";

const KEY = "key";
const KEY_BYTES_MAX = 1024;
const SEED_BYTES = 32;

/** PKCS #8 and SPKI around the 32 bytes of an Ed25519 seed and key (RFC 8410 §4, §7). */
const PKCS8_START = Uint8Array.fromHex("302e020100300506032b657004220420");
const SPKI_BYTES = 44;

export interface LedgerKey {
  readonly verifier: VerifierKey;
  /** The Ed25519 signature of a message: for one message always the same. */
  sign(message: Uint8Array): Uint8Array;
}

/** Reads the key; undefined where there is none. */
export function readKey(files: LedgerFiles): LedgerKey | undefined | Damage | FileProblem {
  const bytes = files.read(KEY, 0, KEY_BYTES_MAX);
  if (bytes === undefined || isProblem(bytes)) return bytes;
  const match = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([^\n]+)\n$/.exec(parseUtf8(bytes) ?? "");
  const typed = parseBase64(match?.[3] ?? "");
  if (match === null || typed?.length !== 1 + SEED_BYTES || typed[0] !== 1) {
    return damaged("the key cannot be read");
  }
  const key = keyOf(match[1]!, typed.subarray(1));
  const isWhole = key !== undefined && key.verifier.id === Number.parseInt(match[2]!, 16);
  return isWhole ? key : damaged("the key is another than its id");
}

/** Makes and keeps a key from 32 random bytes. */
export function makeKey(
  files: LedgerFiles,
  name: string,
  seed: Uint8Array,
): LedgerKey | Damage | FileProblem {
  const key = keyOf(name, seed);
  if (key === undefined) return damaged(`${name} can be no name of a key`);
  const id = key.verifier.id.toString(16).padStart(8, "0");
  const line = `PRIVATE+KEY+${name}+${id}+${Uint8Array.of(1, ...seed).toBase64()}\n`;
  return replaceFile(files, KEY, toUtf8(line), true)?.problem ?? key;
}

/** A key by its name and seed; undefined where the name cannot be one. */
export function keyOf(name: string, seed: Uint8Array): LedgerKey | undefined {
  const der = Buffer.concat([PKCS8_START, seed]);
  const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  const spki = createPublicKey(secret).export({ format: "der", type: "spki" });
  const verifier = verifierKey(name, "ed25519", new Uint8Array(spki.subarray(SPKI_BYTES - 32)));
  if (verifier === undefined) return undefined;
  return { verifier, sign: (message) => new Uint8Array(sign(null, message, secret)) };
}

/** The name of a ledger that nobody named: it belongs to its key, and to nobody else. */
export function namelessOf(seed: Uint8Array): string {
  const { publicKey } = keyOf("unnamed.invalid", seed)!.verifier;
  return `unnamed.invalid/${publicKey.subarray(0, 8).toHex()}`;
}
