/** Public clients for each transport: how each asks, and what it is to see. */
import { serviceClients } from "./service-clients.ts";

/** Where a server is, and what a client may know of it. */
export interface At {
  readonly plain: string;
  readonly tls: string;
  readonly https: string;
  readonly quic: string;
  readonly name: string;
  /** A file with the certificate that is trusted. */
  readonly trust: string;
  /** The digest of its public key. */
  readonly pin: string;
  /** A file with questions for `dnsperf`. */
  readonly questions: string;
}

/** How the command lines are shown. */
export const placeholders: At = {
  plain: "53",
  tls: "853",
  https: "443",
  quic: "853",
  name: "dns.example",
  trust: "cert.pem",
  pin: "PIN",
  questions: "questions",
};

export type Spoken =
  | "UDP"
  | "TCP"
  | "TLS"
  | "TLS at the HTTPS port"
  | "HTTPS, HTTP/2, GET"
  | "HTTPS, HTTP/2, POST"
  | "HTTPS, HTTP/1.1"
  | "QUIC"
  | "HTTPS, HTTP/3, GET"
  | "JSON, as 1.1.1.1 has it"
  | "JSON, as 8.8.8.8 has it"
  | "Purge"
  | "Oblivious DNS: the key"
  | "Discovery";

export interface TransportClient {
  readonly spoken: Spoken;
  readonly program: string;
  readonly args: (at: At) => readonly string[];
  /** All of these are in what it prints. */
  readonly sees: readonly RegExp[];
}

/** `www.good.lethe A`, id 0, as RFC 8484 §4.1.1 has it in a URL. */
const QUESTION = "AAABAAABAAAAAAAAA3d3dwRnb29kBWxldGhlAAABAAE";
const NAME = "www.good.lethe";
const ADDRESS = /198\.18\.2\.1\b/;
/** RFC 8467 §4.1. */
const PADDED = [ADDRESS, /PADDING: 4\d\d B/, /Received 468 B/];

const dig = (
  spoken: Spoken,
  port: "plain" | "tls" | "https",
  ...more: string[]
): TransportClient => {
  return {
    spoken,
    program: "dig",
    args: (at) => ["@127.0.0.1", "-p", at[port], ...more, "+short", NAME],
    sees: [ADDRESS],
  };
};

const kdig = (
  spoken: Spoken,
  port: "plain" | "tls" | "https" | "quic",
  more: (at: At) => readonly string[],
  sees: readonly RegExp[],
): TransportClient => {
  return {
    spoken,
    program: "kdig",
    args: (at) => ["@127.0.0.1", "-p", at[port], ...more(at), NAME],
    sees,
  };
};

const curl = (
  spoken: Spoken,
  version: string,
  more: readonly string[],
  sees: RegExp[],
): TransportClient => {
  return {
    spoken,
    program: "curl",
    args: (at) => {
      const out = ["-o", "/dev/null", "-w", "%{http_version} %{http_code} %{content_type}"];
      const url = `https://127.0.0.1:${at.https}/dns-query`;
      return ["-sS", "--cacert", at.trust, version, ...out, ...more, url];
    },
    sees,
  };
};

const GET = ["-G", "-d", `dns=${QUESTION}`];
const AS_DNS = ["-H", "content-type: application/dns-message"];
const load = (at: At): string => `https://127.0.0.1:${at.https}/dns-query?dns=${QUESTION}`;

export const transportClients: readonly TransportClient[] = [
  dig("UDP", "plain"),
  kdig("UDP", "plain", () => [], [ADDRESS, /\(UDP\)/]),
  dig("TCP", "plain", "+tcp"),
  kdig("TCP", "plain", () => ["+tcp", "+keepopen"], [ADDRESS, /\(TCP\)/]),
  dig("TLS", "tls", "+tls"),
  kdig("TLS", "tls", (at) => [`+tls-pin=${at.pin}`, "+padding=128"], PADDED),
  kdig("TLS", "tls", (at) => [`+tls-ca=${at.trust}`, `+tls-hostname=${at.name}`], [
    ADDRESS,
    /TLS1\.3/,
  ]),
  {
    spoken: "TLS",
    program: "getdns_query",
    args: (at) => ["-s", `@127.0.0.1#${at.tls}~${at.name}`, "-l", "L", "-P", "128", NAME, "A"],
    sees: [/GETDNS_RESPSTATUS_GOOD/, /GETDNS_RCODE_NOERROR/],
  },
  {
    spoken: "TLS",
    program: "dnsperf",
    args: (at) => ["-m", "dot", "-s", "127.0.0.1", "-p", at.tls, "-d", at.questions, "-n", "300"],
    sees: [/Queries completed:\s+300 \(100\.00%\)/, /NOERROR 300 /],
  },
  {
    spoken: "TLS at the HTTPS port",
    program: "openssl",
    args: (at) => [
      "s_client",
      "-connect",
      `127.0.0.1:${at.https}`,
      "-alpn",
      "dot",
      "-CAfile",
      at.trust,
    ],
    sees: [/ALPN protocol: dot/, /Verify return code: 0 \(ok\)/],
  },
  kdig("QUIC", "quic", () => ["+quic"], [...PADDED, /QUICv1/]),
  {
    spoken: "HTTPS, HTTP/3, GET",
    program: "gtlsclient",
    args: (at) => [
      "--exit-on-all-streams-close",
      "--timeout=5s",
      "127.0.0.1",
      at.https,
      `https://127.0.0.1:${at.https}/dns-query?dns=${QUESTION}`,
    ],
    sees: [/:status: 200/, /content-type: application\/dns-message/],
  },
  dig("HTTPS, HTTP/2, POST", "https", "+https"),
  dig("HTTPS, HTTP/2, GET", "https", "+https-get"),
  kdig("HTTPS, HTTP/2, POST", "https", () => ["+https"], [...PADDED, /HTTP\/2-POST.*status: 200/]),
  kdig("HTTPS, HTTP/2, GET", "https", () => ["+https-get"], [
    ...PADDED,
    /HTTP\/2-GET.*status: 200/,
  ]),
  curl("HTTPS, HTTP/2, GET", "--http2", GET, [/^2 200 application\/dns-message$/]),
  curl("HTTPS, HTTP/1.1", "--http1.1", GET, [/^1\.1 200 application\/dns-message$/]),
  curl("HTTPS, HTTP/1.1", "--http1.1", ["-I", ...GET], [/^1\.1 200 application\/dns-message$/]),
  curl("HTTPS, HTTP/2, POST", "--http2", [...AS_DNS, "-d", "short"], [/^2 400 text\/plain/]),
  {
    spoken: "HTTPS, HTTP/2, POST",
    program: "curl",
    args: (at) => {
      const doh = `https://127.0.0.1:${at.https}/dns-query`;
      // Nothing is at the address that the name has: what counts is that it was found.
      return ["-sv", "-m", "3", "--doh-url", doh, "--doh-insecure", `http://${NAME}:9/`];
    },
    sees: [/DoH A: 198\.18\.2\.1/],
  },
  {
    spoken: "HTTPS, HTTP/2, GET",
    program: "dnsperf",
    // Version 2.10 keeps one answer of each read: with several outstanding it loses the others.
    args: (at) => {
      const where = ["-m", "doh", "-s", "127.0.0.1", "-p", at.https];
      return [...where, "-d", at.questions, "-n", "300", "-q", "1"];
    },
    sees: [/Queries completed:\s+300 \(100\.00%\)/, /NOERROR 300 /],
  },
  {
    spoken: "HTTPS, HTTP/2, GET",
    program: "h2load",
    args: (at) => ["-n", "1000", "-c", "4", "-m", "32", load(at)],
    sees: [/1000 succeeded, 0 failed/, /status codes: 1000 2xx/],
  },
  {
    spoken: "HTTPS, HTTP/1.1",
    program: "h2load",
    args: (at) => ["--h1", "-n", "300", "-c", "4", load(at)],
    sees: [/300 succeeded, 0 failed/, /status codes: 300 2xx/],
  },
  {
    spoken: "HTTPS, HTTP/2, GET",
    program: "nghttp",
    args: (at) => ["-nv", load(at)],
    sees: [/negotiated protocol: h2/, /:status: 200/, /cache-control: max-age=\d+/],
  },
  ...serviceClients,
];
