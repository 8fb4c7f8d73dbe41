/**
 * The one table of settings: parser, defaults and `lethe config` all read it.
 *
 * Keys are `table.key` of the TOML file. A default is written as in the file; "" in `default`
 * means that there is none.
 */
import { limits } from "../base/limits.ts";
import { copies } from "./copy-settings.ts";
import { listenSettings } from "./listen-settings.ts";
import { negativeAnchors } from "./negative-anchor-settings.ts";
import {
  addresses,
  octets,
  count,
  duration,
  hostName,
  hostNames,
  milliseconds,
  networks,
  oneOf,
  path,
  port,
  secret,
  size,
  text,
  yesOrNo,
} from "./setting-kinds.ts";
import { type Setting, setting } from "./setting-row.ts";
import { views } from "./view-settings.ts";
import { infoUrl, relayTargets } from "./service-kinds.ts";
import { localZones, names, zoneSources, zones } from "./zone-settings.ts";

export const settingsTable = {
  ...listenSettings,
  "tls.certificate": setting(
    path,
    undefined,
    "certificate and those above it, in PEM; read again when it changes; self-signed where absent",
  ),
  "tls.key": setting(path, undefined, "its key, in PEM"),
  "tls.names": setting(
    hostNames,
    [],
    "names of this server that a self-signed certificate has beside the addresses",
  ),
  "discovery.name": setting(
    hostName,
    undefined,
    "name of this server, told to clients with its encrypted transports (RFC 9462, RFC 9606); the " +
      "first of tls.names where absent, and nothing is told where there is none",
  ),
  "discovery.addresses": setting(
    addresses,
    [],
    "addresses that clients know this server by; those that are listened at where empty",
  ),
  "discovery.info-url": setting(
    infoUrl,
    undefined,
    "a page for people about this server, told in RESINFO",
  ),
  "oblivious.target": setting(
    yesOrNo,
    true,
    "answer questions that are sealed and come by a relay (RFC 9230), at listen.https",
  ),
  "oblivious.secret": setting(
    secret,
    undefined,
    "32 hex digits that the target's daily keys come of, alike in all servers at one address; " +
      "random keys where absent, which nobody can find again",
  ),
  "relay.targets": setting(
    relayTargets,
    [],
    "oblivious targets that sealed questions are passed on to, at /proxy of listen.https: servers " +
      "of other operators, and no others",
  ),
  "relay.allow": setting(
    networks,
    ["127.0.0.0/8", "::1/128"],
    "client networks whose sealed questions are passed on",
  ),
  "relay.authorities": setting(
    path,
    undefined,
    "certificates of authorities, in PEM, that vouch for targets; built in where absent",
  ),
  "resolve.root-hints": setting(
    path,
    undefined,
    "root servers, a zone file; built in where absent",
  ),
  "resolve.trust-anchors": setting(
    path,
    undefined,
    "DNSSEC trust anchors, DS or DNSKEY records; the root's are built in where absent",
  ),
  "resolve.anchor-rollover": setting(
    yesOrNo,
    true,
    "follow the rollovers of trust anchors' keys (RFC 5011)",
  ),
  "resolve.signal-trust-anchors": setting(
    yesOrNo,
    true,
    "tell zones with a trust anchor which of their keys are trusted, and nothing of who asks",
  ),
  "resolve.validate": setting(
    yesOrNo,
    true,
    "check the signatures of answers, and refuse wrong ones",
  ),
  "resolve.proof": setting(
    oneOf("one-path", "every-algorithm", "any-digest"),
    "one-path",
    "what proves a zone: any one path (RFC 6840 §5.11), one for each algorithm that its parent or " +
      "anchor names, or one that may go by SHA-1 digests where better ones fail",
  ),
  "resolve.upstream-port": setting(port, 53, "port of all authorities; another one serves tests"),
  "resolve.outgoing": setting(
    addresses,
    [],
    "source addresses of upstream questions; the kernel chooses where empty",
  ),
  "resolve.local-root": setting(
    zoneSources,
    [],
    "servers that transfer the root zone, or files that hold it, tried in this order: a copy that " +
      "its digest and the trust anchor prove answers in the place of the root's servers (RFC 8806)",
  ),
  "resolve.copy": setting(
    copies,
    [],
    "zones of which copies answer, from servers that transfer them or files that hold them; " +
      'digest = "required" or "ignored" where "if-there" will not do; or-others = true: where ' +
      "there is no copy the zone's servers are asked; authoritative = true: clients are answered " +
      "as by an authority",
  ),
  "resolve.stub": setting(
    zones,
    [],
    "zones whose authorities are named here, by address or name, with port 53 where none is; " +
      "instead of the parent's",
  ),
  "resolve.forward": setting(
    zones,
    [],
    "zones that resolvers named here have, with everything below: as those of stub, or over TLS " +
      'as "tls://192.0.2.2#dns.corp.example", "https://dns.corp.example/dns-query"',
  ),
  "resolve.authority-tls": setting(
    yesOrNo,
    false,
    "ask authorities over TLS where they speak it, whoever they are (RFC 9539); no question waits " +
      "for it",
  ),
  "resolve.authority-tls-port": setting(
    port,
    853,
    "port of authorities over TLS; another one serves tests",
  ),
  "resolve.tls-roots": setting(
    path,
    undefined,
    "authorities that certificates of servers over TLS must come from, in PEM; Node's own list " +
      "where absent, and a zone's tls-pins before either",
  ),
  "resolve.report-errors": setting(
    yesOrNo,
    false,
    "tell zones' agents what fails of them (RFC 9567): they learn what was asked here",
  ),
  "resolve.insecure": setting(
    names,
    [],
    "zones taken as unsigned for good, whatever their parents say: private ones",
  ),
  "resolve.negative-trust-anchors": setting(
    negativeAnchors,
    [],
    "zones that fail to validate by mistake, taken as unsigned until a date (RFC 7646)",
  ),
  "resolve.private-addresses": setting(
    networks,
    [],
    "networks whose addresses no answer from elsewhere may hold, against rebinding",
  ),
  "resolve.private-names": setting(
    names,
    [],
    "zones whose answers may hold these; stub, forward and local zones may anyway",
  ),
  "resolve.system-calls": setting(
    yesOrNo,
    true,
    "sockets by system calls in batches; without: Node's own, and one worker",
  ),
  "resolve.workers": setting(count(0, limits.workersMax), 0, "threads that serve; 0: one per core"),
  "resolve.minimise": setting(yesOrNo, true, "show servers no more of a name than they need"),
  "resolve.case-randomisation": setting(
    yesOrNo,
    true,
    "random letter case in upstream questions, against spoofed replies",
  ),
  "resolve.cookies": setting(
    yesOrNo,
    true,
    "cookies towards servers, against spoofed replies (RFC 7873); the key changes each hour",
  ),
  "resolve.verify-glue": setting(
    yesOrNo,
    false,
    "ask name servers' own zones for their addresses before glue is used",
  ),
  "resolve.aggressive": setting(
    yesOrNo,
    true,
    "proven denials in the cache answer for the other names that they deny (RFC 8198)",
  ),
  "resolve.tcp-only": setting(yesOrNo, false, "ask all servers over TCP only"),
  "resolve.never-ask": setting(
    networks,
    [],
    "networks whose addresses are never asked, whoever names them",
  ),
  "resolve.ipv4": setting(yesOrNo, true, "ask servers over IPv4"),
  "resolve.ipv6": setting(yesOrNo, true, "ask servers over IPv6"),
  "resolve.loopback-servers": setting(
    yesOrNo,
    false,
    "ask servers at loopback addresses too; for tests",
  ),
  "resolve.fetch-ahead": setting(
    yesOrNo,
    true,
    "look up further addresses of name servers while nobody waits",
  ),
  "cache.size": setting(
    size(limits.cacheBytesMin, limits.cacheBytesMax),
    "256 MiB",
    "memory of all caches together, over all workers",
  ),
  "cache.ttl-floor": setting(duration(limits.ttlFloorMaxS), 0, "shortest time an answer is kept"),
  "cache.ttl-ceiling": setting(duration(limits.ttlCeilingMaxS), "1d", "longest time it is kept"),
  "cache.negative-ttl-floor": setting(
    duration(limits.ttlFloorMaxS),
    0,
    "shortest time that an answer of no data or no name is kept, unless it is proven for less",
  ),
  "cache.negative-ttl-ceiling": setting(
    duration(limits.ttlCeilingMaxS),
    "1h",
    "longest time that an answer of no data or no name is kept",
  ),
  "cache.prefetch": setting(
    yesOrNo,
    true,
    "ask anew for answers that are asked for in the last tenth of their TTL",
  ),
  "cache.stale": setting(
    duration(limits.staleMaxS),
    0,
    "how long past its TTL an answer may be told where none is to be had (RFC 8767); 0: never",
  ),
  "cache.stale-ttl": setting(duration(limits.staleTtlMaxS), 30, "TTL of what is told then"),
  "cache.stale-recheck": setting(
    duration(limits.staleTtlMaxS),
    30,
    "after how long a fresh answer is asked for again then",
  ),
  "cache.stale-client-timeout": setting(
    milliseconds(limits.staleClientTimeoutMaxMs),
    "1800ms",
    "how long a client waits for a fresh answer where there is a stale one; 0: not at all",
  ),
  "access.allow": setting(
    networks,
    ["127.0.0.0/8", "::1/128"],
    "client networks that are answered",
  ),
  "access.refuse": setting(networks, [], "networks within these that are not; the longest wins"),
  "access.drop": setting(networks, [], "networks that get no answer at all; the longest wins"),
  "access.others": setting(oneOf("refuse", "drop"), "refuse", "what all others get"),
  "access.recursion-without-rd": setting(
    oneOf("refuse", "answer"),
    "refuse",
    "questions with RD=0: REFUSED, so that nobody can look into the cache, or resolved",
  ),
  "access.any": setting(
    oneOf("short", "all"),
    "short",
    "questions of type ANY: one short record (RFC 8482), or all that the zone's servers tell",
  ),
  local: setting(
    localZones,
    [],
    'zones answered from the records given here; others = "no-name", "no-data", "refuse", "drop", ' +
      '"apex", "resolve" or "resolve-types" for names without, no-types = ["AAAA"] for what they lack',
  ),
  view: setting(
    views,
    [],
    "networks of clients that see local, stub and forward zones of their own; who may ask is " +
      "decided by access alone",
  ),
  "identity.server": setting(
    text,
    undefined,
    "name of this server, for id.server CH TXT and NSID; neither is told where absent",
  ),
  "identity.nsid": setting(
    octets,
    undefined,
    "what NSID tells (RFC 5001), as text or as 0x and hex digits; identity.server where absent",
  ),
  "identity.version": setting(
    text,
    undefined,
    "answer to version.server CH TXT; not told where absent",
  ),
  "privacy.level": setting(oneOf("N0"), "N0", "what is kept about questions: counters only"),
  "state.directory": setting(
    path,
    undefined,
    "where the state of trust anchors, a self-signed certificate and the ledger are kept; the " +
      "first two in memory only where absent, and there is no ledger then",
  ),
  "ledger.name": setting(
    text,
    undefined,
    "name of this server's ledger, an address without a scheme such as dns.example/ledger; it is " +
      "made with the ledger and kept; one of its key's where absent",
  ),
} as const;

type Table = typeof settingsTable;
export type Key = keyof Table;

/** Every setting with its value; undefined only where the table has no default. */
export type Settings = {
  readonly [K in Key]: Table[K] extends Setting<infer T, infer D>
    ? undefined extends D
      ? T | undefined
      : T
    : never;
};

/** Keys of the blueprint whose parts are not built yet; an empty list is as good as absent. */
export const notBuiltYet: readonly string[] = ["listen.metrics", "privacy.retention"];
