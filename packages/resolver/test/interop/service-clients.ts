/** Public clients of what HTTPS has beside messages, and of what is told of a server. */
import type { Spoken, TransportClient } from "./transport-clients.ts";

const NAME = "www.good.lethe";
const ANSWER = /"AD":true.*"Answer":\[\{"name":"www\.good\.lethe\.?","type":1,.*198\.18\.2\.1"\}/;

/** curl at a path; what is more stands before it. */
const curl = (
  spoken: Spoken,
  path: string,
  more: readonly string[],
  sees: readonly RegExp[],
): TransportClient => {
  return {
    spoken,
    program: "curl",
    args: (at) => ["-sS", "--cacert", at.trust, ...more, `https://127.0.0.1:${at.https}${path}`],
    sees,
  };
};

const dig = (
  owner: (name: string) => string,
  type: string,
  more: readonly string[],
  sees: readonly RegExp[],
): TransportClient => {
  return {
    spoken: "Discovery",
    program: "dig",
    args: (at) => ["@127.0.0.1", "-p", at.plain, ...more, owner(at.name), type],
    sees,
  };
};

const AS_JSON = ["-H", "accept: application/dns-json"];

export const serviceClients: readonly TransportClient[] = [
  curl("JSON, as 1.1.1.1 has it", `/dns-query?name=${NAME}&type=A`, AS_JSON, [ANSWER]),
  curl("JSON, as 1.1.1.1 has it", `/dns-query?name=${NAME}&cd=2`, AS_JSON, [
    /^\{"error":"Invalid CD flag `2`\. Expected to be empty or one of /,
  ]),
  curl("JSON, as 8.8.8.8 has it", `/resolve?name=${NAME}&type=1`, ["--http1.1"], [ANSWER]),
  curl(
    "JSON, as 8.8.8.8 has it",
    `/resolve?name=${NAME}&edns_client_subnet=192.0.2.0/24`,
    [],
    [/^\{"error":"No client subnet is used or told here\./],
  ),
  curl(
    "Purge",
    `/api/v1/purge?domain=${NAME}&type=A`,
    ["-X", "POST"],
    [/^\{"msg":"the name will be asked for anew"\}$/],
  ),
  curl(
    "Oblivious DNS: the key",
    "/.well-known/odohconfigs",
    ["-o", "/dev/null", "-w", "%{http_code} %{size_download}"],
    [/^200 46$/],
  ),
  dig(
    () => "_dns.resolver.arpa",
    "SVCB",
    ["+short"],
    [
      /^1 dns\.example\. alpn="h2,h3" port=\d+ ipv4hint=127\.0\.0\.1 key7="\/dns-query\{\?dns\}"$/m,
      /^2 dns\.example\. alpn="dot" port=\d+ ipv4hint=127\.0\.0\.1$/m,
      /^3 dns\.example\. alpn="doq" port=\d+ ipv4hint=127\.0\.0\.1$/m,
    ],
  ),
  dig((name) => `_dns.${name}`, "SVCB", ["+short"], [/^1 dns\.example\. alpn="h2,h3"/m]),
  dig((name) => name, "HTTPS", ["+short"], [/^1 \. alpn="h2,h3" port=\d+ .* key32769=/]),
  dig(() => "resolver.arpa", "TYPE261", ["+norecurse"], [/flags: qr aa ra;/, /qnamemin/]),
];
