/**
 * The one table of settings: parser, defaults and `lethe config` all read it.
 *
 * Keys are `table.key` of the TOML file. A default is written as in the file; "" in `default`
 * means that there is none.
 */
import { limits } from "../base/limits.ts";
import {
  type Kind,
  type Toml,
  addresses,
  count,
  duration,
  endpoints,
  networks,
  oneOf,
  path,
  port,
  size,
  text,
  yesOrNo,
} from "./setting-kinds.ts";
import { localZones, names, zones } from "./zone-settings.ts";

interface Setting<T, D extends Toml | undefined> {
  readonly kind: Kind<T>;
  /** In the form of the file; undefined where the setting is absent by default. */
  readonly default: D;
  readonly meaning: string;
}

function setting<T, D extends Toml | undefined>(
  kind: Kind<T>,
  byDefault: D,
  meaning: string,
): Setting<T, D> {
  return { kind, default: byDefault, meaning };
}

export const settingsTable = {
  "listen.dns": setting(
    endpoints,
    ["127.0.0.1:5335", "[::1]:5335"],
    "addresses to answer at, UDP and TCP",
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
  "resolve.validate": setting(
    yesOrNo,
    true,
    "check the signatures of answers, and refuse wrong ones",
  ),
  "resolve.upstream-port": setting(port, 53, "port of all authorities; another one serves tests"),
  "resolve.outgoing": setting(
    addresses,
    [],
    "source addresses of upstream questions; the kernel chooses where empty",
  ),
  "resolve.stub": setting(
    zones,
    [],
    "zones whose authorities are named here, with port 53 where none is; instead of the parent's",
  ),
  "resolve.forward": setting(
    zones,
    [],
    "zones that resolvers named here have, with everything below; port 53 where none is named",
  ),
  "resolve.insecure": setting(
    names,
    [],
    "zones taken as unsigned, whatever their parents say (RFC 7646)",
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
  "resolve.verify-glue": setting(
    yesOrNo,
    false,
    "ask name servers' own zones for their addresses before glue is used",
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
  "cache.negative-ttl-ceiling": setting(
    duration(limits.ttlCeilingMaxS),
    "1h",
    "longest time that an answer of no data or no name is kept",
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
  local: setting(localZones, [], "zones answered from the records given here"),
  "identity.server": setting(
    text,
    undefined,
    "name of this server, for id.server CH TXT and NSID; neither is told where absent",
  ),
  "identity.version": setting(
    text,
    undefined,
    "answer to version.server CH TXT; not told where absent",
  ),
  "privacy.level": setting(oneOf("N0"), "N0", "what is kept about questions: counters only"),
  "state.directory": setting(path, undefined, "where state is written; nothing is written yet"),
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
export const notBuiltYet: readonly string[] = [
  "listen.tls",
  "listen.https",
  "listen.quic",
  "listen.metrics",
  "listen.admin",
  "tls.certificate",
  "tls.key",
  "privacy.retention",
];
