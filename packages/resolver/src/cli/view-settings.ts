/**
 * Settings of views: clients of some networks see zones of their own.
 *
 * In a file each view is a table of an array, and its zones are tables within it: `[[view]]` with
 * `networks`, `[[view.local]]`, `[[view.stub]]` and `[[view.forward]]`.
 */
import type { Name } from "@lethe/wire/name.ts";
import { limits } from "../base/limits.ts";
import type { LocalZone } from "../serve/local-zones.ts";
import { type Kind, type NetworkText, type Toml, networks } from "./setting-kinds.ts";
import { type ZoneSetting, localZones, zones } from "./zone-settings.ts";

/** One view. */
export interface ViewSetting {
  readonly networks: readonly NetworkText[];
  readonly local: readonly LocalZone[];
  readonly stub: readonly ZoneSetting[];
  readonly forward: readonly ZoneSetting[];
}

const example = '{ networks = ["192.0.2.0/24"], local = […], stub = […], forward = […] }';

/** Views; a network stands in one of them only. */
export const views: Kind<readonly ViewSetting[]> = {
  expected: `views like ${example}, with a network at least, each in one view only`,
  unit: "",
  read: (value) => {
    if (!Array.isArray(value) || value.length > limits.viewsMax.value) return undefined;
    const read = (value as readonly Toml[]).map(viewOf);
    if (read.some((one) => one === undefined)) return undefined;
    const all = read as readonly ViewSetting[];
    const texts = all.flatMap((view) =>
      view.networks.map(({ ip, bits }) => `${ip.join()}/${bits}`),
    );
    const isEachOnce = new Set(texts).size === texts.length;
    return isEachOnce && texts.length <= limits.clientNetworksMax.value ? all : undefined;
  },
  refusal: (value) => zones.refusal?.(value),
};

function viewOf(value: Toml): ViewSetting | undefined {
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const {
    networks: of = [],
    local = [],
    stub = [],
    forward = [],
    ...more
  } = value as Record<string, Toml>;
  if (Object.keys(more).length > 0) return undefined;
  const view = {
    networks: networks.read(of),
    local: localZones.read(local),
    stub: zones.read(stub),
    forward: zones.read(forward),
  };
  if (Object.values(view).includes(undefined) || view.networks?.length === 0) return undefined;
  const read = view as ViewSetting;
  const stubs = new Set(read.stub.map(({ zone }) => zone.join()));
  return read.forward.some(({ zone }) => stubs.has(zone.join())) ? undefined : read;
}

/** Zones of a view with those of everybody, but for those whose names it has itself. */
export function withCommon<T extends { readonly zone: Name }>(
  own: readonly T[],
  common: readonly T[],
): readonly T[] {
  const names = new Set(own.map(({ zone }) => zone.join()));
  return [...own, ...common.filter(({ zone }) => !names.has(zone.join()))];
}
