/**
 * What is made of each setting of a scenario's configuration.
 *
 * The two kinds of files write for two other resolvers. Each key that may occur is a row here: it
 * sets something, it needs a feature that Lethe lacks (the file is skipped, with the feature as
 * its reason), or it does not matter, and the row says why not.
 */
import { ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { Unreadable } from "./entry.ts";
import { COPY_SWITCHES } from "./scenario-copies.ts";
import type { Draft } from "./scenario-draft.ts";
import { ignoredRows } from "./scenario-ignored.ts";
import { localRows } from "./scenario-local.ts";
import { staleRows } from "./scenario-stale.ts";
import { dateOf, iterationsOf } from "./scenario-validation.ts";
import { addressOf, bytesOf, networkOf, seconds, yesOrNo } from "./scenario-values.ts";
import { addServer, amendZone } from "./scenario-zones.ts";

/** What a key does with its value. */
export type Row = (draft: Draft, value: string, line: number) => void;

const orOthers: Row = (draft, value, line) =>
  amendZone(draft.configuredZones, draft.zone, { orOthers: yesOrNo(value, line) });

const uncached: Row = (draft, value, line) =>
  amendZone(draft.configuredZones, draft.zone, { isUncached: yesOrNo(value, line) });

const overTcp: Row = (draft, value, line) =>
  amendZone(draft.configuredZones, draft.zone, { overTcp: yesOrNo(value, line) });

const copySwitch =
  (key: string): Row =>
  (draft, value, line) =>
    draft.copies.turn(key, value, line);

export const ROWS: Readonly<Record<string, Row>> = {
  "stub-addr": (draft, value, line) => {
    const ip = addressOf(value, line);
    const { zone } = draft;
    if (draft.clause !== "stub-zone" || zone === undefined || zone.length === 1) {
      draft.rootIps.push(ip);
    } else addServer(draft.configuredZones, zone, ip, false);
  },
  "stub-first": orOthers,
  name: (draft, value, line) => {
    draft.zone = nameFromText(value, ROOT);
    if (draft.zone === undefined) throw new Unreadable(line, `"${value}" is no name`);
    if (draft.clause === "auth-zone") draft.copies.name(draft.zone);
    if (draft.clause === "view") draft.localZones.nameView(value);
  },
  "forward-addr": (draft, value, line) => {
    const ip = addressOf(value, line);
    addServer(draft.configuredZones, draft.zone ?? ROOT, ip, true);
  },
  "forward-first": orOthers,
  "stub-no-cache": uncached,
  "forward-no-cache": uncached,
  "stub-tcp-upstream": overTcp,
  "forward-tcp-upstream": overTcp,
  zonefile: (draft, value, line) => {
    if (draft.clause === "auth-zone") draft.copies.file(value, line);
  },
  ...Object.fromEntries(COPY_SWITCHES.map((key) => [key, copySwitch(key)])),
  "zonemd-permissive-mode": (draft, value, line) => {
    draft.copies.isPermissive = yesOrNo(value, line);
  },
  ...localRows,
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
  ...staleRows,
  ...ignoredRows,
  prefetch: (draft, value, line) => {
    draft.prefetch = yesOrNo(value, line);
  },
  "private-address": (draft, value, line) => {
    draft.privateAddresses.networks.push(networkOf(value, line));
  },
  "private-domain": (draft, value) => {
    draft.privateAddresses.exempt.push(nameFromText(value, ROOT) ?? ROOT);
  },
  "do-not-query-address": (draft, value, line) => {
    draft.neverAsk.push(networkOf(value, line));
  },
  "tcp-upstream": (draft, value, line) => {
    draft.overTcp = yesOrNo(value, line);
  },
  "dns-error-reporting": (draft, value, line) => {
    draft.reportErrors = yesOrNo(value, line);
  },
  nsid: (draft, value, line) => {
    draft.nsid = bytesOf(value, line);
  },
  "edns-tcp-keepalive-timeout": (draft, value, line) => {
    draft.idleS = Math.floor(seconds(value, line) / 1000);
  },
  "trust-anchor-file": (draft, value) => {
    draft.anchors.push(...(draft.files.get(value) ?? "").split("\n"));
  },
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
  "val-nsec3-keysize-iterations": (draft, value, line) => {
    draft.nsec3IterationsMax = iterationsOf(value, line);
  },
  "harden-algo-downgrade": (draft, value, line) => {
    draft.demand = yesOrNo(value, line) ? "every-algorithm" : "any-digest";
  },
  "domain-insecure": (draft, value, line) => {
    const name = nameFromText(value, ROOT);
    if (name === undefined) throw new Unreadable(line, `"${value}" is no name`);
    draft.insecure.push(name);
  },
  "aggressive-nsec": (draft, value, line) => {
    draft.aggressive = yesOrNo(value, line);
  },
  "harden-unverified-glue": (draft, value, line) => {
    draft.verifyGlue = yesOrNo(value, line);
  },
};

/** What a clause header does by itself. */
export const CLAUSES: Readonly<Record<string, Row>> = {
  server: () => {},
  "stub-zone": () => {},
  "forward-zone": () => {},
  view: (draft) => draft.localZones.view(),
  "remote-control": () => {},
  "auth-zone": (draft) => draft.copies.begin(),
  rpz: (draft) => {
    draft.lacking.add("response policy zones");
  },
};
