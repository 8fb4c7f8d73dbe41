/** Certificates for tests, all of one key: made once by certificates/make.sh. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const directory: string = join(import.meta.dirname, "certificates");

/** Where the parts of a server's identity are. */
export function certificateFile(
  of: "server" | "expired" | "other-name" | "stranger" | "self-signed" | "authority",
): string {
  return join(directory, `${of}.pem`);
}

/** The file of the key that all certificates of servers are for. */
export const keyFile: string = join(directory, "server.key");

/** SHA-256 of that key, in base64. */
export const keyPin: string = readFileSync(join(directory, "server.pin"), "latin1").trim();

/** The authority that is to be trusted, in PEM. */
export const authorityPem: string = readFileSync(certificateFile("authority"), "latin1");

/** What the certificate `server` is for, beside 127.0.0.1 and 127.0.0.53. */
export const serverName = "dns.corp.example";
