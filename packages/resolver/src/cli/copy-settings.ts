/**
 * Settings of zones that are copied whole: `[[resolve.copy]]` with `zone` and `from`.
 *
 * The root has a setting of its own, since it is believed on other terms (decision 37).
 */
import type { Name } from "@lethe/wire/name.ts";
import { limits } from "../base/limits.ts";
import type { DigestTerms } from "../dnssec/zone-check.ts";
import { type Kind, type Toml, oneOf, yesOrNo } from "./setting-kinds.ts";
import { type ZoneSource, zoneName, zoneSources } from "./zone-settings.ts";

/** A zone of which a copy answers. */
export interface CopySetting {
  readonly zone: Name;
  /** Servers and files, tried in this order. */
  readonly from: readonly ZoneSource[];
  readonly digest: DigestTerms;
  /** Where there is no copy, whoever has the zone otherwise is asked. */
  readonly orOthers: boolean;
  /** Clients are answered as by an authority of the zone. */
  readonly authoritative: boolean;
}

const example = '{ zone = "corp.example", from = ["192.0.2.1", "/var/lib/corp.zone"] }';

const digests = oneOf("if-there", "required", "ignored");

/** Copied zones, each once; never the root. */
export const copies: Kind<readonly CopySetting[]> = {
  expected: `copied zones like ${example}, each once`,
  unit: "",
  read: (value) => {
    if (!Array.isArray(value) || value.length > limits.copiedZonesMax.value) return undefined;
    const read = (value as readonly Toml[]).map(copyOf);
    if (read.some((one) => one === undefined)) return undefined;
    const all = read as readonly CopySetting[];
    return new Set(all.map(({ zone }) => zone.join())).size === all.length ? all : undefined;
  },
  refusal: (value) =>
    /"zone":"\."/.test(JSON.stringify(value))
      ? "expected a zone that is not the root: its copy is resolve.local-root"
      : undefined,
};

function copyOf(value: Toml): CopySetting | undefined {
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const {
    zone = "",
    from = [],
    digest = "if-there",
    "or-others": orOthers = false,
    authoritative = false,
    ...more
  } = value as Record<string, Toml>;
  if (Object.keys(more).length > 0) return undefined;
  const read = {
    zone: zone === "" || zone === "." ? undefined : zoneName.read(zone),
    from: zoneSources.read(from),
    digest: digests.read(digest),
    orOthers: yesOrNo.read(orOthers),
    authoritative: yesOrNo.read(authoritative),
  };
  const isWhole = !Object.values(read).includes(undefined) && read.from?.length !== 0;
  return isWhole ? (read as CopySetting) : undefined;
}
