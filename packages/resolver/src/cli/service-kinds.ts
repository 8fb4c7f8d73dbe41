/** Kinds of settings of what stands behind HTTP. */
import { limits } from "../base/limits.ts";
import type { RelayTarget } from "../transports/oblivious/target-connection.ts";
import { type Kind, type Toml, listOf } from "./setting-kinds.ts";

const HTTPS_PORT = 443;

/** The target of a URL: https, no user, no query. */
const relayTarget: Kind<RelayTarget> = {
  expected: 'a URL like "https://dns.example/dns-query"',
  unit: "URL",
  read: (value) => {
    const url = typeof value === "string" ? httpsUrl(value) : undefined;
    if (url === undefined || url.search !== "" || url.hash !== "") return undefined;
    const port = url.port === "" ? HTTPS_PORT : Number(url.port);
    return { host: url.hostname, port, path: decodeURI(url.pathname) };
  },
};

export const relayTargets = listOf(
  relayTarget,
  'a list of URLs like ["https://dns.example/dns-query"]',
  limits.relayTargetsMax,
);

/** Octets of a string of a record, less those of the key before it. */
const URL_BYTES_MAX = 255 - "infourl=".length;

/** A page, as short as a string of a record can be. */
export const infoUrl: Kind<string> = {
  expected: `a URL of at most ${URL_BYTES_MAX} characters like "https://dns.example/help"`,
  unit: "URL",
  read: (value: Toml) => {
    const url = typeof value === "string" ? httpsUrl(value) : undefined;
    return url === undefined || url.href.length > URL_BYTES_MAX ? undefined : url.href;
  },
};

function httpsUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === "https:" && url.username === "" && url.password === "" ? url : undefined;
}
