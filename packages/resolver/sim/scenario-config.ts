/**
 * The configuration that stands at the head of a scenario file, and what is made of each key.
 *
 * The two kinds of files write for two other resolvers. Each key that occurs is a row here: it
 * sets something, it needs a feature that Lethe lacks (the file is skipped, with the feature as
 * its reason), or it does not matter, and the row says why not. A key without a row makes the
 * file unreadable.
 */
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { ipFromText } from "../src/base/address.ts";
import type { ConfiguredZone, Validation } from "../src/recursor/options.ts";
import type { ClientNetwork } from "../src/serve/admit.ts";
import type { LocalZone } from "../src/serve/local-zones.ts";
import type { PrivateOptions } from "../src/serve/private-addresses.ts";
import type { StaleOptions } from "../src/serve/slow.ts";
import { type Line, Unreadable } from "./entry.ts";
import { COPY_SWITCHES, CopyDraft, type ScenarioCopy } from "./scenario-copies.ts";
import { LocalDraft } from "./scenario-local.ts";
import { addServer, amendZone } from "./scenario-zones.ts";
import { type StaleDraft, newStaleDraft, staleRows } from "./scenario-stale.ts";
import { NSEC3_ITERATIONS_MAX, dateOf, iterationsOf, validationOf } from "./scenario-validation.ts";
import { addressOf, networkOf, seconds, yesOrNo } from "./scenario-values.ts";

export interface ScenarioConfig {
  /** Addresses of the root servers, of four or sixteen bytes. */
  readonly rootIps: readonly Uint8Array[];
  /** Stub and forward zones. */
  readonly configuredZones: readonly ConfiguredZone[];
  readonly localZones: readonly LocalZone[];
  readonly copies: readonly ScenarioCopy[];
  readonly minimise: boolean;
  readonly verifyGlue: boolean;
  readonly aggressive: boolean;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly mayAskLoopback: boolean;
  readonly ttlMinS: number;
  readonly ttlMaxS: number;
  readonly negativeTtlMinS: number;
  readonly negativeTtlMaxS: number;
  readonly prefetch: boolean;
  readonly stale: StaleOptions | undefined;
  /** Undefined: the file has no trust anchor, or no module that validates. */
  readonly validation: Validation | undefined;
  /** The date by which signatures are valid; undefined: they always are. */
  readonly wallS: number | undefined;
  readonly allow: readonly ClientNetwork[];
  readonly refuse: readonly ClientNetwork[];
  readonly drop: readonly ClientNetwork[];
  readonly answersWithoutRd: boolean;
  readonly privateAddresses: PrivateOptions;
  /** What CH TXT questions are told; undefined: nothing. */
  readonly identity: string | undefined;
  readonly version: string | undefined;
  /** Features that the file needs and Lethe lacks, each once. */
  readonly lacking: readonly string[];
}

interface Draft {
  rootIps: Uint8Array[];
  readonly configuredZones: ConfiguredZone[];
  readonly localZones: LocalDraft;
  readonly copies: CopyDraft;
  minimise: boolean;
  verifyGlue: boolean;
  aggressive: boolean;
  ipv4: boolean;
  ipv6: boolean;
  mayAskLoopback: boolean;
  ttlMinS: number;
  ttlMaxS: number;
  negativeTtlMinS: number;
  negativeTtlMaxS: number;
  prefetch: boolean;
  readonly stale: StaleDraft;
  readonly anchors: string[];
  readonly insecure: Name[];
  nsec3IterationsMax: number;
  wallS: number | undefined;
  hasValidator: boolean;
  readonly allow: ClientNetwork[];
  readonly refuse: ClientNetwork[];
  readonly drop: ClientNetwork[];
  answersWithoutRd: boolean;
  readonly privateAddresses: { readonly networks: ClientNetwork[]; readonly exempt: Name[] };
  identity: string | undefined;
  isIdentityHidden: boolean;
  version: string | undefined;
  isVersionHidden: boolean;
  readonly lacking: Set<string>;
  /** The clause that the next keys belong to, and the zone that it is about. */
  clause: string;
  zone: Name | undefined;
}

/** What a key does with its value. */
type Row = (draft: Draft, value: string, line: number) => void;

function lacks(feature: string): Row {
  return (draft) => {
    draft.lacking.add(feature);
  };
}

/** A feature that is needed only where the value turns it on. */
function lacksIfOn(feature: string): Row {
  return (draft, value, line) => {
    if (yesOrNo(value, line)) draft.lacking.add(feature);
  };
}

/** The key does not matter here, for this reason. */
function nothing(_why: string): Row {
  return () => {};
}

const orOthers: Row = (draft, value, line) =>
  amendZone(draft.configuredZones, draft.zone, { orOthers: yesOrNo(value, line) });

const byName = lacks("servers of stub and forward zones by their names");
const uncached = lacks("zones that are not cached");
const transfer = lacks("transfers of zones in replays");
const copySwitch =
  (key: string): Row =>
  (draft, value, line) =>
    draft.copies.turn(key, value, line);
const rpz = lacks("response policy zones");
const dns64 = lacks("DNS64");
const subnet = lacks("client subnet, which is never sent");
const validating = nothing("Lethe's own rules and bounds of validation hold");
const printing = nothing("what Unbound prints");
const ownLimits = nothing("Lethe's own bounds hold; a file about another bound fails");

/** The same row for several keys. */
function rowsOf(row: Row, keys: string): Record<string, Row> {
  return Object.fromEntries(keys.split(" ").map((key) => [key, row]));
}

const ROWS: Readonly<Record<string, Row>> = {
  "stub-addr": (draft, value, line) => {
    const ip = addressOf(value, line);
    const { zone } = draft;
    if (draft.clause !== "stub-zone" || zone === undefined || zone.length === 1) {
      draft.rootIps.push(ip);
    } else addServer(draft.configuredZones, zone, ip, false);
  },
  "stub-host": byName,
  "stub-first": orOthers,
  "stub-no-cache": uncached,
  "stub-prime": nothing("hints are always primed"),
  "stub-name": nothing("the name of a hint; addresses are what counts"),
  name: (draft, value, line) => {
    draft.zone = nameFromText(value, ROOT);
    if (draft.zone === undefined) throw new Unreadable(line, `"${value}" is no name`);
    if (draft.clause === "auth-zone") draft.copies.name(draft.zone);
  },
  "forward-addr": (draft, value, line) => {
    const ip = addressOf(value, line);
    addServer(draft.configuredZones, draft.zone ?? ROOT, ip, true);
  },
  "forward-host": byName,
  "forward-first": orOthers,
  "forward-no-cache": uncached,
  "forward-tcp-upstream": (draft, value, line) => {
    amendZone(draft.configuredZones, draft.zone, { overTcp: yesOrNo(value, line) });
  },
  zonefile: (draft, value, line) => {
    if (draft.clause === "auth-zone") draft.copies.file(value, line);
  },
  ...rowsOf(transfer, "master primary url allow-notify"),
  ...Object.fromEntries(COPY_SWITCHES.map((key) => [key, copySwitch(key)])),
  "zonemd-permissive-mode": (draft, value, line) => {
    draft.copies.isPermissive = yesOrNo(value, line);
  },
  ...rowsOf(rpz, "rpz-action-override rpz-cname-override rpz-log rpz-log-name"),
  "rpz-signal-nxdomain-ra": rpz,
  "local-zone": (draft, value, line) => {
    const lacking = draft.localZones.zone(value, line);
    if (lacking !== undefined) draft.lacking.add(lacking);
  },
  "local-zone-override": lacks("local zones that differ by client in their kind"),
  "local-data": (draft, value, line) => draft.localZones.data(value, line),
  "access-control": (draft, value, line) => {
    const [network, action] = value.split(/\s+/);
    const row = networkOf(network ?? "", line);
    if (action === "refuse") draft.refuse.push(row);
    else if (action === "deny") draft.drop.push(row);
    else if (action === "allow" || action === "allow_snoop") draft.allow.push(row);
    else draft.lacking.add(`the access rule ${action}`);
    if (action === "allow_snoop") draft.answersWithoutRd = true;
  },
  "module-config": (draft, value) => {
    for (const module of value.split(/\s+/)) {
      if (module === "subnetcache") draft.lacking.add("client subnet, which is never sent");
      else if (module === "respip") draft.lacking.add("response policy zones");
      else if (module === "dns64") draft.lacking.add("DNS64");
      else if (module !== "validator" && module !== "iterator") draft.lacking.add(module);
    }
    draft.hasValidator = value.includes("validator");
  },
  "dns64-prefix": dns64,
  "do-nat64": dns64,
  "nat64-prefix": dns64,
  ...staleRows,
  "ede-serve-expired": nothing("the Extended DNS Error is always sent"),
  prefetch: (draft, value, line) => {
    draft.prefetch = yesOrNo(value, line);
  },
  "prefetch-key": validating,
  "private-address": (draft, value, line) => {
    draft.privateAddresses.networks.push(networkOf(value, line));
  },
  "private-domain": (draft, value) => {
    draft.privateAddresses.exempt.push(nameFromText(value, ROOT) ?? ROOT);
  },
  "do-not-query-address": lacks("servers that are never asked"),
  "tcp-upstream": lacksIfOn("TCP upstream only"),
  "edns-tcp-keepalive": lacksIfOn("settings of TCP keepalive"),
  "edns-tcp-keepalive-timeout": lacks("settings of TCP keepalive"),
  ...rowsOf(lacks("DNS cookies"), "answer-cookie cookie-secret"),
  "dns-error-reporting": lacksIfOn("DNS error reporting"),
  ...rowsOf(subnet, "send-client-subnet client-subnet-zone client-subnet-always-forward"),
  ...rowsOf(subnet, "max-client-subnet-ipv4 max-client-subnet-ipv6 max-ecs-tree-size-ipv4"),
  ...rowsOf(subnet, "min-client-subnet-ipv4 min-client-subnet-ipv6 max-ecs-tree-size-ipv6"),
  nsid: lacks("an NSID that is not the server's name"),
  identity: (draft, value) => {
    draft.identity = value;
  },
  version: (draft, value) => {
    draft.version = value;
  },
  "hide-identity": (draft, value, line) => {
    draft.isIdentityHidden = yesOrNo(value, line);
  },
  "hide-version": (draft, value, line) => {
    draft.isVersionHidden = yesOrNo(value, line);
  },
  ...rowsOf(lacks("modules of Knot Resolver"), "feature-list features"),
  "qname-minimisation": (draft, value, line) => {
    draft.minimise = yesOrNo(value, line);
  },
  "query-minimization": (draft, value, line) => {
    draft.minimise = yesOrNo(value, line);
  },
  "do-ip4": (draft, value, line) => {
    draft.ipv4 = yesOrNo(value, line);
  },
  "do-ip6": (draft, value, line) => {
    draft.ipv6 = yesOrNo(value, line);
  },
  "do-not-query-localhost": (draft, value, line) => {
    draft.mayAskLoopback = !yesOrNo(value, line);
  },
  "cache-min-ttl": (draft, value, line) => {
    draft.ttlMinS = seconds(value, line);
  },
  "cache-max-ttl": (draft, value, line) => {
    draft.ttlMaxS = seconds(value, line);
    draft.negativeTtlMaxS = Math.min(draft.negativeTtlMaxS, draft.ttlMaxS);
  },
  "cache-max-negative-ttl": (draft, value, line) => {
    draft.negativeTtlMaxS = seconds(value, line);
  },
  "cache-min-negative-ttl": (draft, value, line) => {
    draft.negativeTtlMinS = seconds(value, line);
  },
  "trust-anchor": (draft, value) => {
    // Unbound passes over remarks in the form of a zone file's.
    draft.anchors.push(value.replace(/;.*$/, ""));
  },
  "val-override-date": (draft, value, line) => {
    draft.wallS = dateOf(value, line);
  },
  "val-override-timestamp": (draft, value, line) => {
    draft.wallS = seconds(value, line);
  },
  "val-max-restart": validating,
  "val-log-level": validating,
  "val-nsec3-keysize-iterations": (draft, value, line) => {
    draft.nsec3IterationsMax = iterationsOf(value, line);
  },
  "domain-insecure": (draft, value, line) => {
    const name = nameFromText(value, ROOT);
    if (name === undefined) throw new Unreadable(line, `"${value}" is no name`);
    draft.insecure.push(name);
  },
  "fake-sha1": validating,
  "harden-algo-downgrade": validating,
  "trust-anchor-signaling": nothing("Lethe sends no key tags (RFC 8145)"),
  "aggressive-nsec": (draft, value, line) => {
    draft.aggressive = yesOrNo(value, line);
  },
  "target-fetch-policy": nothing("name servers' addresses are never fetched ahead in replays"),
  "minimal-responses": nothing("sections that are not compared"),
  "rrset-roundrobin": nothing("answers are compared as sets"),
  ede: nothing("Extended DNS Errors are always sent"),
  "harden-glue": nothing("glue from outside is always the last resort"),
  "harden-unverified-glue": (draft, value, line) => {
    draft.verifyGlue = yesOrNo(value, line);
  },
  "harden-referral-path": nothing("the parent's word is taken, as when this is off"),
  "harden-below-nxdomain": nothing("RFC 8020 is always on"),
  "harden-unknown-additional": nothing("only addresses are read from additional sections"),
  "iter-scrub-promiscuous": nothing("what was not asked for is never kept"),
  "iter-scrub-ns": ownLimits,
  "max-global-quota": ownLimits,
  "max-query-restarts": ownLimits,
  "outbound-msg-retry": ownLimits,
  "num-queries-per-thread": ownLimits,
  "msg-cache-size": ownLimits,
  "discard-timeout": nothing("virtual clients wait for ever"),
  verbosity: printing,
  ...rowsOf(printing, "log-servfail log-time-ascii"),
};

/** What a clause header does by itself. */
const CLAUSES: Readonly<Record<string, Row>> = {
  server: nothing("general settings"),
  "stub-zone": nothing("its name decides"),
  "forward-zone": nothing("its servers decide"),
  "auth-zone": (draft) => draft.copies.begin(),
  rpz,
};

/** Reads the lines before CONFIG_END. */
export function readConfig(
  lines: readonly Line[],
  files: ReadonlyMap<string, string>,
): ScenarioConfig {
  const draft: Draft = {
    rootIps: [],
    configuredZones: [],
    localZones: new LocalDraft(),
    copies: new CopyDraft(),
    minimise: true,
    verifyGlue: false,
    aggressive: true,
    ipv4: true,
    ipv6: true,
    mayAskLoopback: false,
    ttlMinS: 0,
    ttlMaxS: 86400,
    negativeTtlMinS: 0,
    negativeTtlMaxS: 3600,
    prefetch: false,
    stale: newStaleDraft(),
    anchors: [],
    insecure: [],
    nsec3IterationsMax: NSEC3_ITERATIONS_MAX,
    wallS: undefined,
    hasValidator: true,
    allow: [
      { ip: Uint8Array.of(127, 0, 0, 0), bits: 8 },
      { ip: ipFromText("::1")!, bits: 128 },
    ],
    refuse: [],
    drop: [],
    answersWithoutRd: false,
    privateAddresses: { networks: [], exempt: [] },
    identity: undefined,
    isIdentityHidden: false,
    version: undefined,
    isVersionHidden: false,
    lacking: new Set(),
    clause: "server",
    zone: undefined,
  };
  for (const line of lines) readConfigLine(draft, line);
  const validation = draft.hasValidator
    ? validationOf(draft.anchors, draft.insecure, draft.nsec3IterationsMax)
    : undefined;
  return {
    ...draft,
    configuredZones: [...draft.configuredZones, ...draft.copies.zones],
    copies: draft.copies.copies(files, validation?.anchors ?? [], draft.wallS),
    localZones: draft.localZones.zones,
    // Whoever writes a loopback address as a root server's means it.
    mayAskLoopback: draft.mayAskLoopback || draft.rootIps.some((ip) => ip[0] === 127),
    stale: draft.stale.isOn ? draft.stale.terms : undefined,
    validation,
    identity: draft.isIdentityHidden ? undefined : draft.identity,
    version: draft.isVersionHidden ? undefined : draft.version,
    lacking: [...draft.lacking],
  };
}

/** A line holds one setting, or several: `forward-zone: name: "." forward-addr: 192.0.2.1`. */
function readConfigLine(draft: Draft, line: Line): void {
  const words = line.text.replace(/(^|\s)#.*$/, "").match(/"[^"]*"|\S+/g) ?? [];
  for (let i = 0; i < words.length;) {
    const key = /^([\w-]+):$/.exec(words[i]!)?.[1];
    if (key === undefined) throw new Unreadable(line.number, `"${words[i]}" is no setting`);
    const values: string[] = [];
    for (i++; i < words.length && !isKey(words[i]!); i++) values.push(words[i]!);
    readSetting(draft, key, values.join(" ").replace(/^"(.*)"$/, "$1"), line.number);
  }
}

function isKey(word: string): boolean {
  const key = word.slice(0, -1);
  return word.endsWith(":") && (Object.hasOwn(ROWS, key) || Object.hasOwn(CLAUSES, key));
}

function readSetting(draft: Draft, key: string, value: string, line: number): void {
  const isClause = value === "" && Object.hasOwn(CLAUSES, key);
  const row = isClause ? CLAUSES[key] : Object.hasOwn(ROWS, key) ? ROWS[key] : undefined;
  if (row === undefined) throw new Unreadable(line, `the setting ${key} is unknown`);
  if (isClause) {
    draft.clause = key;
    draft.zone = undefined;
  }
  row(draft, value, line);
}
