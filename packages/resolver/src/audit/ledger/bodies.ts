/**
 * What a leaf only commits to: the bodies beside the ledger, which can be withdrawn.
 *
 * A leaf holds SHA-256 over a random salt and the body. Whoever has the body can check it; from the
 * leaf alone nobody can guess it, however short it is. When a body is withdrawn, the leaf stays
 * and tells that there was one, another leaf tells why it is gone, and the salt goes with it.
 */
import { toUtf8, parseBase64, parseUtf8 } from "@lethe/tlog/decimal.ts";
import { sha256 } from "@lethe/tlog/sha256.ts";
import { type Json, canonicalJson, parseCanonicalJson } from "../../base/canonical-json.ts";
import { limits } from "../../base/limits.ts";
import type { FileProblem } from "../../system/safe-file.ts";
import { type LedgerFiles, isProblem, replaceFile } from "./files.ts";

const BYTES_MAX = limits.ledgerBodyBytesMax.value;
const SALT_BYTES = 32;
const LABEL = "lethe-body/1\n";

export interface Body {
  /** What the leaf holds, and the name of its file. */
  readonly commitment: string;
  readonly bytes: Uint8Array;
}

/** A body with its salt, of 32 random bytes; undefined where it is too long or no JSON. */
export function bodyOf(body: Json, salt: Uint8Array): Body | undefined {
  const text = canonicalJson({ body, salt: salt.toBase64() });
  const bytes = text === undefined ? undefined : toUtf8(text);
  const commitment = bytes === undefined ? undefined : commitmentOf(bytes);
  return commitment === undefined ? undefined : { commitment, bytes: bytes! };
}

/** What the bytes of a body's file are committed to by; undefined where they are no body. */
export function commitmentOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > BYTES_MAX) return undefined;
  const value = parseCanonicalJson(parseUtf8(bytes) ?? "");
  if (typeof value !== "object" || value === null || !("salt" in value)) return undefined;
  const { salt: saltText, body, ...more } = value;
  const salt = typeof saltText === "string" ? parseBase64(saltText) : undefined;
  if (salt?.length !== SALT_BYTES || body === undefined || Object.keys(more).length > 0) {
    return undefined;
  }
  const text = toUtf8(canonicalJson(body)!);
  const label = toUtf8(LABEL);
  const all = new Uint8Array(label.length + SALT_BYTES + text.length);
  all.set(label);
  all.set(salt, label.length);
  all.set(text, label.length + SALT_BYTES);
  return sha256(all).toHex();
}

/** Keeps a body; to be done before its leaf is appended. */
export function keepBody(files: LedgerFiles, { commitment, bytes }: Body): FileProblem | undefined {
  return replaceFile(files, commitment, bytes)?.problem;
}

/** The bytes of a kept body; undefined where there is none, or where what is there is another. */
export function readBody(
  files: LedgerFiles,
  commitment: string,
): Uint8Array | undefined | FileProblem {
  if (!/^[0-9a-f]{64}$/.test(commitment)) return undefined;
  const bytes = files.read(commitment, 0, BYTES_MAX + 1);
  if (bytes === undefined || isProblem(bytes)) return bytes;
  return commitmentOf(bytes) === commitment ? bytes : undefined;
}

/** Ends a body; to be done after the leaf of its withdrawal was appended. */
export function dropBody(files: LedgerFiles, commitment: string): FileProblem | undefined {
  if (files.size(commitment) === undefined) return undefined;
  return files.remove(commitment) ?? files.syncNames();
}
