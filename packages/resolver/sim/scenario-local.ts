/** Local zones and views of a scenario's configuration: Unbound's `local-zone` and its kin. */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT, isAtOrUnder, nameEqual } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { ipFromText } from "../src/base/address.ts";
import type { ClientNetwork } from "../src/serve/admit.ts";
import type { LocalZone } from "../src/serve/local-zones.ts";
import type { ViewOptions } from "../src/serve/views.ts";
import { Unreadable } from "./entry.ts";
import type { Row } from "./scenario-settings.ts";
import { type Seen, TagDraft, tagRows } from "./scenario-tags.ts";
import { networkOf, yesOrNo, zoneOf } from "./scenario-values.ts";

/** The TTL that Unbound gives records without one, in seconds. */
const TTL_S = 3600;

/** What a kind of zone is here; `bare`: records that are written for it do not count. */
interface Kind {
  readonly others: LocalZone["others"];
  readonly noTypes?: readonly number[];
  readonly records?: string;
  readonly bare?: boolean;
}

/** Unbound's kinds of zones, but for those that have no like here. */
const KINDS: Readonly<Record<string, Kind>> = {
  static: { others: "no-name" },
  transparent: { others: "resolve" },
  typetransparent: { others: "resolve-types" },
  inform: { others: "resolve" },
  deny: { others: "drop" },
  inform_deny: { others: "drop" },
  refuse: { others: "refuse" },
  redirect: { others: "apex" },
  inform_redirect: { others: "apex" },
  always_transparent: { others: "resolve", bare: true },
  always_deny: { others: "drop", bare: true },
  always_refuse: { others: "refuse", bare: true },
  always_nxdomain: { others: "no-name", bare: true },
  always_nodata: { others: "no-data", bare: true },
  always_null: { others: "apex", bare: true, records: "@ A 0.0.0.0\n@ AAAA ::" },
  block_a: { others: "resolve", bare: true, noTypes: [rrType.A] },
  block_aaaa: { others: "resolve", bare: true, noTypes: [rrType.AAAA] },
  block_a_wdata: { others: "resolve", noTypes: [rrType.A] },
  block_aaaa_wdata: { others: "resolve", noTypes: [rrType.AAAA] },
};

interface KindAt {
  readonly zone: Name;
  readonly kind: string;
}

/** Zones and records that belong together: everybody's, or a view's. */
interface Scope {
  name: string;
  readonly zones: KindAt[];
  readonly records: ResourceRecord[];
  /** What it has not, everybody's zones have. */
  isFirst: boolean;
}

function newScope(): Scope {
  return { name: "", zones: [], records: [], isFirst: false };
}

export class LocalDraft {
  readonly tags = new TagDraft();
  readonly #all = newScope();
  readonly #views: Scope[] = [];
  readonly #overrides: { readonly network: ClientNetwork; readonly at: KindAt }[] = [];
  readonly #viewNetworks: { readonly network: ClientNetwork; readonly view: string }[] = [];

  /** A view begins: what follows belongs to it. */
  view(): void {
    this.#views.push(newScope());
  }

  nameView(name: string): void {
    this.#views.at(-1)!.name = name;
  }

  askAllFirst(isFirst: boolean): void {
    this.#views.at(-1)!.isFirst = isFirst;
  }

  networkOfView(network: ClientNetwork, view: string): void {
    this.#viewNetworks.push({ network, view });
  }

  /** Adds a zone; gives the feature that it needs, where Lethe lacks it. */
  zone(value: string, isInView: boolean, line: number): string | undefined {
    const [text = "", kind = ""] = value.replaceAll('"', "").split(/\s+/);
    const zone = zoneOf(text, line);
    // The virtual Internet has the names that Unbound answers by itself.
    if (kind === "nodefault") return undefined;
    if (!Object.hasOwn(KINDS, kind)) return `local zones of the kind ${kind}`;
    this.#scope(isInView).zones.push({ zone, kind });
    return undefined;
  }

  /** A zone that is of another kind for some clients. */
  override(value: string, line: number): string | undefined {
    const [text = "", network = "", kind = ""] = value.replaceAll('"', "").split(/\s+/);
    if (!Object.hasOwn(KINDS, kind)) return `local zones of the kind ${kind}`;
    const at = { zone: zoneOf(text, line), kind };
    this.#overrides.push({ network: networkOf(network, line), at });
    return undefined;
  }

  /** Adds a record in the form of a zone file's. */
  data(value: string, isInView: boolean, line: number): void {
    const read = readZoneFile(value, { origin: ROOT, ttlS: TTL_S });
    if ("kind" in read) throw new Unreadable(line, `local-data: ${read.why}`);
    this.#scope(isInView).records.push(...read.records);
  }

  /** Adds the name of an address: `192.0.2.1 3600 host.example`. */
  pointer(value: string, isInView: boolean, line: number): void {
    const [address = "", ...rest] = value.split(/\s+/);
    const ip = ipFromText(address);
    if (ip === undefined) throw new Unreadable(line, `"${address}" is no address`);
    const [ttl, target] = rest.length > 1 ? rest : [TTL_S, rest[0] ?? ""];
    this.data(`${reverseOf(ip)} ${ttl} IN PTR ${target}`, isInView, line);
  }

  /** The zones of everybody; a record outside of them makes one at its own name. */
  get zones(): LocalZone[] {
    return this.#seenBy((zone) => this.tags.seen(zone, undefined));
  }

  /** Everybody's zones as some clients see them. */
  #seenBy(seen: (zone: Name) => Seen): LocalZone[] {
    return zonesOf(this.#all.zones, this.#all.records).flatMap((own) => {
      const as = seen(own.zone);
      if (as.kind === "hidden") return [];
      if (as.kind === "as-it-is" || !Object.hasOwn(KINDS, as.zoneKind)) return [own];
      const told = as.data.map((one) => `@ ${one}\n`).join("");
      const read = readZoneFile(told, { origin: own.zone, ttlS: TTL_S });
      const data = "kind" in read ? [] : read.records;
      const { bare = false, records: _, ...kind } = KINDS[as.zoneKind]!;
      const records = data.length > 0 ? data : bare ? [] : own.records;
      return [{ zone: own.zone, ...kind, records }];
    });
  }

  /** Views, and one for each network that sees some zone in another way. */
  get views(): ViewOptions[] {
    const views = this.#views.map(({ name, zones: own, records, isFirst }) => {
      const networks = this.#viewNetworks.filter(({ view }) => view === name);
      const zones = isFirst
        ? zonesOf([...own, ...this.#all.zones], [...records, ...this.#all.records])
        : zonesOf(own, records);
      return viewOf(
        networks.map(({ network }) => network),
        zones,
      );
    });
    const overrides = this.#overrides.map(({ network, at }) => {
      const others = this.#all.zones.filter(({ zone }) => !nameEqual(zone, at.zone));
      return viewOf([network], zonesOf([...others, at], this.#all.records));
    });
    const tagged = this.tags.networks.map((network) =>
      viewOf(
        [network.network],
        this.#seenBy((zone) => this.tags.seen(zone, network)),
      ),
    );
    return [...views, ...overrides, ...tagged];
  }

  #scope(isInView: boolean): Scope {
    return isInView ? this.#views.at(-1)! : this.#all;
  }
}

function viewOf(networks: readonly ClientNetwork[], localZones: readonly LocalZone[]): ViewOptions {
  // As in everybody's view, no name is special.
  return { networks, localZones, ownZones: [ROOT] };
}

function zonesOf(kinds: readonly KindAt[], records: readonly ResourceRecord[]): LocalZone[] {
  const zones = kinds.map(({ zone, kind }) => {
    const { bare = false, records: own = "", ...rest } = KINDS[kind]!;
    const read = readZoneFile(own, { origin: zone, ttlS: TTL_S });
    const made = "kind" in read ? [] : read.records;
    return { zone, bare, ...rest, records: [...made] };
  });
  for (const record of records) {
    const nearest = zones
      .filter(({ zone }) => isAtOrUnder(record.name, zone))
      .toSorted((a, b) => b.zone.length - a.zone.length)[0];
    if (nearest === undefined) {
      zones.push({ zone: record.name, bare: false, others: "resolve", records: [record] });
    } else if (!nearest.bare) nearest.records.push(record);
  }
  return zones.filter(({ zone }, i) => zones.findIndex((a) => nameEqual(a.zone, zone)) === i);
}

/** The name of an address below in-addr.arpa or ip6.arpa (RFC 1035 §3.5, RFC 3596 §2.5). */
function reverseOf(ip: Uint8Array): string {
  if (ip.length === 4) return `${[...ip].toReversed().join(".")}.in-addr.arpa.`;
  const nibbles = [...ip].flatMap((byte) => [byte >>> 4, byte & 15]);
  const labels = nibbles.toReversed().map((nibble) => nibble.toString(16));
  return `${labels.join(".")}.ip6.arpa.`;
}

function need(draft: { readonly lacking: Set<string> }, feature: string | undefined): void {
  if (feature !== undefined) draft.lacking.add(feature);
}

export const localRows: Readonly<Record<string, Row>> = {
  ...tagRows,
  "local-zone": (draft, value, line) => {
    need(draft, draft.localZones.zone(value, draft.clause === "view", line));
  },
  "local-zone-override": (draft, value, line) => {
    need(draft, draft.localZones.override(value, line));
  },
  "local-data": (draft, value, line) => {
    draft.localZones.data(value, draft.clause === "view", line);
  },
  "local-data-ptr": (draft, value, line) => {
    draft.localZones.pointer(value, draft.clause === "view", line);
  },
  "view-first": (draft, value, line) => draft.localZones.askAllFirst(yesOrNo(value, line)),
  "access-control-view": (draft, value, line) => {
    const [network = "", view = ""] = value.replaceAll('"', "").split(/\s+/);
    draft.localZones.networkOfView(networkOf(network, line), view);
  },
};
