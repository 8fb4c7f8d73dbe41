/**
 * Tags of a scenario's local zones, read as views.
 *
 * In Unbound a zone with tags is seen by those clients only who have one of them, and may be of
 * another kind for a tag, with other data: what a view says, in other words.
 */
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import type { ClientNetwork } from "../src/serve/admit.ts";
import type { Row } from "./scenario-settings.ts";
import { networkOf, zoneOf } from "./scenario-values.ts";

interface TaggedNetwork {
  readonly network: ClientNetwork;
  readonly text: string;
  tags: readonly string[];
  /** By tag: of which kind its zones are, and the data of those that redirect. */
  readonly kinds: Map<string, string>;
  readonly data: Map<string, string[]>;
}

/** How a zone is seen: not at all, as it is, or as of a kind with data of its own. */
export type Seen =
  | { readonly kind: "hidden" }
  | { readonly kind: "as-it-is" }
  | { readonly kind: "as"; readonly zoneKind: string; readonly data: readonly string[] };

export class TagDraft {
  readonly #networks: TaggedNetwork[] = [];
  readonly #zones: { readonly zone: Name; readonly tags: readonly string[] }[] = [];

  /** Gives the tagged network of a setting, made anew where it is the first of it. */
  at(text: string, line: number): TaggedNetwork {
    const known = this.#networks.find((one) => one.text === text);
    if (known !== undefined) return known;
    const network = networkOf(text, line);
    const made = { network, text, tags: [], kinds: new Map(), data: new Map() };
    this.#networks.push(made);
    return made;
  }

  tagZone(zone: Name, tags: readonly string[]): void {
    this.#zones.push({ zone, tags });
  }

  get networks(): readonly TaggedNetwork[] {
    return this.#networks;
  }

  /** How the clients of a network see a zone; undefined: clients without tags. */
  seen(zone: Name, network: TaggedNetwork | undefined): Seen {
    const own = this.#zones.filter((one) => nameEqual(one.zone, zone)).flatMap(({ tags }) => tags);
    if (own.length === 0) return { kind: "as-it-is" };
    const shared = own.filter((tag) => network?.tags.includes(tag));
    if (network === undefined || shared.length === 0) return { kind: "hidden" };
    const tag = shared.find((one) => network.kinds.has(one));
    if (tag === undefined) return { kind: "as-it-is" };
    return { kind: "as", zoneKind: network.kinds.get(tag)!, data: network.data.get(tag) ?? [] };
  }
}

function words(value: string): string[] {
  return (value.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
}

export const tagRows: Readonly<Record<string, Row>> = {
  "define-tag": () => {},
  "local-zone-tag": (draft, value, line) => {
    const [zone = "", ...tags] = words(value);
    draft.localZones.tags.tagZone(
      zoneOf(zone, line),
      tags.flatMap((one) => one.split(" ")),
    );
  },
  "access-control-tag": (draft, value, line) => {
    const [network = "", ...tags] = words(value);
    draft.localZones.tags.at(network, line).tags = tags.flatMap((one) => one.split(" "));
  },
  "access-control-tag-action": (draft, value, line) => {
    const [network = "", tag = "", kind = ""] = words(value);
    draft.localZones.tags.at(network, line).kinds.set(tag, kind);
  },
  "access-control-tag-data": (draft, value, line) => {
    const [network = "", tag = "", data = ""] = words(value);
    const { data: known } = draft.localZones.tags.at(network, line);
    known.set(tag, [...(known.get(tag) ?? []), data]);
  },
};
