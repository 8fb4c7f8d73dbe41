/** The local zones of a scenario's configuration: Unbound's `local-zone` and `local-data`. */
import { type Name, ROOT, isAtOrUnder, nameEqual } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import type { LocalZone } from "../src/serve/local-zones.ts";
import { Unreadable } from "./entry.ts";

/** The TTL that Unbound gives records without one, in seconds. */
const TTL_S = 3600;

/** Kinds of zones that Lethe has too; the others are Unbound's own. */
const KINDS: Readonly<Record<string, LocalZone["others"]>> = {
  static: "no-name",
  transparent: "resolve",
  typetransparent: "resolve-types",
};

export class LocalDraft {
  readonly #zones: { readonly zone: Name; readonly others: LocalZone["others"] }[] = [];
  readonly #records: ResourceRecord[] = [];

  /** Adds a zone; gives the feature that it needs, where Lethe lacks it. */
  zone(value: string, line: number): string | undefined {
    const [text = "", kind = ""] = value.replaceAll('"', "").split(/\s+/);
    const zone = nameFromText(text, ROOT);
    if (zone === undefined) throw new Unreadable(line, `"${text}" is no name`);
    // The virtual Internet has the names that Unbound answers by itself.
    if (kind === "nodefault") return undefined;
    const others = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    if (others === undefined) return `local zones of the kind ${kind}`;
    this.#zones.push({ zone, others });
    return undefined;
  }

  /** Adds a record in the form of a zone file's. */
  data(value: string, line: number): void {
    const read = readZoneFile(value, { origin: ROOT, ttlS: TTL_S });
    if ("kind" in read) throw new Unreadable(line, `local-data: ${read.why}`);
    this.#records.push(...read.records);
  }

  /** The zones with their records; a record outside of them makes one at its own name. */
  get zones(): LocalZone[] {
    const zones = this.#zones.map((one) => ({ ...one, records: [] as ResourceRecord[] }));
    const byLength = (): typeof zones => zones.toSorted((a, b) => b.zone.length - a.zone.length);
    for (const record of this.#records) {
      const home = byLength().find(({ zone }) => isAtOrUnder(record.name, zone));
      if (home === undefined) {
        zones.push({ zone: record.name, others: "resolve", records: [record] });
      } else home.records.push(record);
    }
    return zones.filter(({ zone }, i) => zones.findIndex((a) => nameEqual(a.zone, zone)) === i);
  }
}
