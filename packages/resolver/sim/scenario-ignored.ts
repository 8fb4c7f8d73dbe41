/**
 * Settings of scenarios that change nothing in a replay, each with the reason, and those that need
 * what Lethe lacks.
 */
import type { Row } from "./scenario-settings.ts";
import { yesOrNo } from "./scenario-values.ts";

/** Why a setting does not matter, and its keys. */
const NOTHING: readonly (readonly [why: string, keys: string])[] = [
  ["Lethe has its own rules and bounds of validation", "val-max-restart val-log-level fake-sha1"],
  ["so it has", "prefetch-key val-bogus-ttl val-clean-additional"],
  ["so it has", "disable-dnssec-lame-check root-key-sentinel val-sig-skew-min val-sig-skew-max"],
  ["Lethe sends no key tags in replays (RFC 8145)", "trust-anchor-signaling"],
  ["no addresses are fetched ahead in replays", "target-fetch-policy"],
  ["sections that are not compared", "minimal-responses"],
  ["answers are compared as sets", "rrset-roundrobin"],
  ["Extended DNS Errors are always sent", "ede ede-serve-expired"],
  ["glue from outside is always the last resort", "harden-glue"],
  ["the parent's word is taken, as when this is off", "harden-referral-path"],
  ["RFC 8020 is always on", "harden-below-nxdomain"],
  ["signatures that are stripped are always missed", "harden-dnssec-stripped"],
  ["only addresses are read from additional sections", "harden-unknown-additional"],
  ["what was not asked for is never kept", "iter-scrub-promiscuous"],
  ["hints are always primed", "stub-prime"],
  ["the name of a hint; addresses are what counts", "stub-name"],
  ["virtual clients wait for ever", "discard-timeout jostle-timeout"],
  ["keepalive is told to who asks for it", "edns-tcp-keepalive"],
  [
    "Lethe's own bounds hold; a file about another bound fails",
    "iter-scrub-ns iter-scrub-rrsig iter-scrub-cname max-global-quota max-query-restarts " +
      "max-sent-count outbound-msg-retry num-queries-per-thread msg-cache-size rrset-cache-size " +
      "key-cache-size neg-cache-size wait-limit wait-limit-cookie infra-host-ttl " +
      "infra-cache-min-rtt infra-cache-max-rtt infra-keep-probing unwanted-reply-threshold " +
      "outgoing-range incoming-num-tcp outgoing-num-tcp unknown-server-time-limit " +
      "qname-minimisation-strict max-udp-size edns-buffer-size msg-buffer-size " +
      "harden-short-bufsize harden-large-queries fast-server-num fast-server-permil delay-close " +
      "tcp-idle-timeout tcp-reuse-timeout max-reuse-tcp-queries tcp-auth-query-timeout",
  ],
  [
    "what Unbound prints",
    "verbosity log-servfail log-time-ascii log-queries log-replies log-local-actions " +
      "log-tag-queryreply log-identity statistics-interval extended-statistics use-syslog logfile",
  ],
  [
    "sockets and processes, which a replay has not",
    "interface port outgoing-interface so-reuseport num-threads do-daemonize pidfile directory " +
      "chroot username udp-connect do-udp do-tcp prefer-ip4 prefer-ip6 outgoing-port-permit " +
      "outgoing-port-avoid ip-address interface-automatic so-rcvbuf so-sndbuf " +
      "tls-cert-bundle tls-service-key tls-service-pem msg-cache-slabs rrset-cache-slabs infra-cache-slabs key-cache-slabs",
  ],
  [
    "nobody controls a replay",
    "control-enable control-interface control-port control-use-cert server-key-file " +
      "server-cert-file control-key-file control-cert-file",
  ],
  ["letter case is never random in replays", "use-caps-for-id caps-exempt caps-whitelist"],
  [
    "the virtual Internet has the names that Unbound answers by itself",
    "unblock-lan-zones insecure-lan-zones",
  ],
];

/** What a setting needs whatever its value, and its keys. */
const LACKING: readonly (readonly [feature: string, keys: string])[] = [
  ["servers of stub and forward zones by their names", "stub-host forward-host"],
  ["transfers of zones in replays", "master primary url allow-notify"],
  [
    "response policy zones",
    "rpz-action-override rpz-cname-override rpz-log rpz-log-name rpz-signal-nxdomain-ra " +
      "response-ip response-ip-data",
  ],
  ["DNS64", "dns64-prefix dns64-synthall dns64-ignore-aaaa do-nat64 nat64-prefix"],
  ["a secret of the file's for cookies", "cookie-secret cookie-secret-file"],
  [
    "rules by the interface that was asked",
    "interface-action interface-view interface-tag interface-tag-action interface-tag-data",
  ],
  ["response policy zones", "response-ip-tag"],
  ["options that name a resolver to its servers", "edns-client-string edns-client-string-opcode"],
  [
    "client subnet, which is never sent",
    "send-client-subnet client-subnet-zone client-subnet-always-forward max-client-subnet-ipv4 " +
      "max-client-subnet-ipv6 min-client-subnet-ipv4 min-client-subnet-ipv6 " +
      "max-ecs-tree-size-ipv4 max-ecs-tree-size-ipv6",
  ],
  ["modules of Knot Resolver", "feature-list features"],
  [
    "limits on the rate of questions",
    "ratelimit ratelimit-for-domain ratelimit-below-domain ratelimit-factor ip-ratelimit " +
      "ip-ratelimit-factor ip-ratelimit-cookie",
  ],
];

/** What a setting needs where it is turned on. */
const LACKING_IF_ON: readonly (readonly [feature: string, keys: string])[] = [
  ["answers that are bogus", "val-permissive-mode"],
  ["clients whose CD does not count", "ignore-cd-flag"],
  ["TTLs that do not run down", "serve-original-ttl"],
  [
    "forwarding over TLS in replays",
    "stub-tls-upstream stub-ssl-upstream forward-tls-upstream forward-ssl-upstream tls-upstream " +
      "ssl-upstream",
  ],
  ["a secret of the file's for cookies", "answer-cookie"],
];

export const ignoredRows: Readonly<Record<string, Row>> = Object.fromEntries([
  ...rowsOf(NOTHING, () => () => {}),
  ...rowsOf(LACKING, (feature) => (draft) => {
    draft.lacking.add(feature);
  }),
  ...rowsOf(LACKING_IF_ON, (feature) => (draft, value, line) => {
    if (yesOrNo(value, line)) draft.lacking.add(feature);
  }),
]);

function rowsOf(
  table: readonly (readonly [text: string, keys: string])[],
  row: (text: string) => Row,
): [string, Row][] {
  return table.flatMap(([text, keys]) =>
    keys.split(" ").map((key): [string, Row] => [key, row(text)]),
  );
}
