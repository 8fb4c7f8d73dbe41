/** Certificates with their keys in files: those that an operator names, and our own self-signed. */
import { X509Certificate, createHash } from "node:crypto";
import { statSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { limits } from "../base/limits.ts";
import { type FileProblem, readSmallFile, writeSafely } from "../system/safe-file.ts";
import { type KeyPair, whyUnusable } from "../transports/tls.ts";

const BYTES_MAX = limits.certificateBytesMax.value;
const OWNER_ONLY = 0o600;
const KEPT = "self-signed.pem";

/** Files of PEM that the operator names. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Why files cannot be used, and which of them. */
export interface NoCertificate {
  readonly kind: "no-certificate";
  readonly file: keyof CertificateFiles;
  readonly why: string;
}

/** Reads a certificate with its key, and sees whether they can be used. */
export function readCertificate(files: CertificateFiles): KeyPair | NoCertificate {
  const texts: { certificate: string; key: string } = { certificate: "", key: "" };
  for (const file of ["certificate", "key"] as const) {
    const text = readSmallFile(files[file], BYTES_MAX);
    if (typeof text !== "string") {
      return { kind: "no-certificate", file, why: text?.why ?? "ENOENT" };
    }
    texts[file] = text;
  }
  const why = whyUnusable(texts);
  return why === undefined ? texts : { kind: "no-certificate", file: "certificate", why };
}

/** What tells of files whether they have changed; the same while they can not be looked at. */
export function stampOf(files: CertificateFiles): string {
  return [files.certificate, files.key].map(stampOfFile).join(" ");
}

function stampOfFile(path: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino}-${size}-${mtimeNs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
}

/** The self-signed certificate that a directory keeps; undefined where there is none of use. */
export function readKept(directory: string): KeyPair | undefined {
  const text = readSmallFile(join(directory, KEPT), BYTES_MAX);
  if (typeof text !== "string") return undefined;
  const pair = { certificate: text, key: text };
  return whyUnusable(pair) === undefined ? pair : undefined;
}

/** Keeps a self-signed certificate where nobody but its owner reads it. */
export function writeKept(directory: string, pair: KeyPair): FileProblem | undefined {
  return writeSafely(join(directory, KEPT), `${pair.certificate}\n${pair.key}\n`, OWNER_ONLY);
}

/** What is to be known of the certificate of a pair that can be used. */
export interface CertificateFacts {
  readonly endMs: number;
  /** SHA-256 of its public key in base64, as clients are told to pin it (RFC 7858 §4.2). */
  readonly pin: string;
  /** Says whether it is for all of these names and addresses. */
  readonly isFor: (names: readonly string[]) => boolean;
}

export function factsOf({ certificate }: KeyPair): CertificateFacts {
  const read = new X509Certificate(certificate);
  const spki = read.publicKey.export({ type: "spki", format: "der" });
  return {
    endMs: read.validToDate.getTime(),
    pin: createHash("sha256").update(spki).digest("base64"),
    isFor: (names) =>
      names.every((name) => {
        return (isIP(name) === 0 ? read.checkHost(name) : read.checkIP(name)) !== undefined;
      }),
  };
}
