/** Whose word counts for the servers that are asked over TLS: `resolve.tls-roots`. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Trust } from "../base/secure-terms.ts";
import { type Wrong, wrong } from "./command.ts";

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The authorities of a file, or Node's own list where there is none; `key` is for complaints. */
export function trustOf(file: string | undefined, key: string): Trust | Wrong {
  if (file === undefined) return { kind: "authorities", roots: undefined };
  const expected = `${key}${file}: expected a file of certificates in PEM`;
  let text: string;
  try {
    text = readFileSync(file, "latin1");
  } catch (error) {
    return wrong(`${expected} (${(error as NodeJS.ErrnoException).code})`);
  }
  const blocks = text.match(PEM) ?? [];
  if (blocks.length === 0) return wrong(expected);
  if (!blocks.every(isCertificate)) return wrong(`${expected}; one of them cannot be read`);
  return { kind: "authorities", roots: blocks.join("\n") };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
