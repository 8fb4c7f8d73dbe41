/** One request to a certificate authority: JSON both ways, of bounded size and time. */
import { request } from "node:https";
import { limits } from "../base/limits.ts";

const BYTES_MAX = limits.acmeResponseBytesMax.value;
const TIME_MS = limits.acmeRequestMs.value;

export interface Fetched {
  readonly kind: "fetched";
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Why there is no response. */
export interface NotFetched {
  readonly kind: "not-fetched";
  readonly why: string;
}

export interface FetchOptions {
  readonly method: "GET" | "HEAD" | "POST";
  readonly body?: string;
  /** Certificates that the authority's own is checked with; Node's where absent. */
  readonly roots: string | undefined;
}

const wanted = ["replay-nonce", "location", "retry-after", "content-type"] as const;

/** Asks a URL with `https:`. Never rejects. */
export function fetchOnce(url: string, options: FetchOptions): Promise<Fetched | NotFetched> {
  const { method, body, roots } = options;
  return new Promise((resolve) => {
    const fail = (why: string): void => resolve({ kind: "not-fetched", why });
    if (!url.startsWith("https://")) return fail("a URL that is not https:");
    const headers = {
      "user-agent": "lethe",
      ...(body === undefined ? {} : { "content-type": "application/jose+json" }),
    };
    const asking = request(url, {
      method,
      headers,
      timeout: TIME_MS,
      signal: AbortSignal.timeout(TIME_MS),
      ...(roots === undefined ? {} : { ca: roots }),
    });
    asking.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.name));
    asking.on("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > BYTES_MAX) asking.destroy(new Error("too long"));
        else chunks.push(chunk);
      });
      response.on("error", () => fail("a response that breaks off"));
      response.on("end", () => {
        resolve({
          kind: "fetched",
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          headers: Object.fromEntries(wanted.map((name) => [name, textOf(response.headers[name])])),
        });
      });
    });
    asking.end(body);
  });
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
