/**
 * Views: what clients of some networks see that others do not (split horizon, RFC 8499 §6).
 *
 * A view has local zones of its own and may have stub and forward zones. One without such zones
 * asks what everybody asks, and shares the recursor and its caches; one that has them resolves for
 * itself, with caches of its own, so that nothing of what its servers tell is seen from elsewhere.
 * Packed answers are kept by view in either case.
 */
import type { Name } from "@lethe/wire/name.ts";
import type { World } from "../recursor/effect.ts";
import { type MemorySizes, newMemory } from "../recursor/memory.ts";
import { Mesh, type MeshParts } from "../recursor/mesh.ts";
import type { RecursorMemory, RecursorOptions } from "../recursor/options.ts";
import type { ZoneCopies } from "../recursor/zone-copies.ts";
import type { ClientNetwork } from "./admit.ts";
import { CopiedZones } from "./copied-zones.ts";
import { type LocalZone, LocalZones } from "./local-zones.ts";
import { PrivateAddresses, type PrivateOptions } from "./private-addresses.ts";
import { SpecialNames } from "./special-names.ts";
import type { Rules } from "./steps.ts";

/** One view of the configuration; plain data. */
export interface ViewOptions {
  /** Whose view it is, among those who may ask; of several views the longest network decides. */
  readonly networks: readonly ClientNetwork[];
  /** All that hold in it, those of everybody among them. */
  readonly localZones: readonly LocalZone[];
  /** Names that win over the special-use names in it. */
  readonly ownZones: readonly Name[];
  /** How it resolves; absent: as everybody's does. */
  readonly recursor?: RecursorOptions;
}

/** What answers the clients of a view. */
export interface View {
  readonly rules: Rules;
  readonly mesh: Mesh;
  readonly privateAddresses: PrivateAddresses;
  /** Its own caches, where it has them. */
  readonly memory: RecursorMemory | undefined;
}

/** What everybody's view is made of, which the others begin with. */
export interface Common {
  readonly rules: Rules;
  /** The copies of zones, and the time by which they are good. */
  readonly copies: ZoneCopies;
  readonly nowMs: () => number;
  readonly mesh: Mesh;
  readonly privateAddresses: PrivateAddresses;
  readonly privateOptions: PrivateOptions | undefined;
}

/** What a view that resolves for itself needs for it. */
export interface Own {
  readonly world: World;
  readonly parts: MeshParts;
  readonly sizes: MemorySizes;
}

/** The views beside everybody's, in their order: the first has the number 1. */
export function viewsOf(options: readonly ViewOptions[], common: Common, own: Own): View[] {
  const { world, parts, sizes } = own;
  return options.map((view) => {
    const { rules, told } = termsOf(view, common);
    const { mesh, privateAddresses, privateOptions } = common;
    if (told === undefined) return { rules, mesh, privateAddresses, memory: undefined };
    const memory = newMemory(sizes, world.random);
    return {
      rules,
      mesh: new Mesh(told, world, memory, parts),
      privateAddresses: privateAddressesOf(told, privateOptions),
      memory,
    };
  });
}

/** The same views by other options; those with caches of their own keep them. */
export function viewsAnew(
  views: readonly View[],
  options: readonly ViewOptions[],
  common: Common,
): View[] {
  return views.map(({ mesh, memory }, i) => {
    const { rules, told } = termsOf(options[i]!, common);
    if (told === undefined) {
      return { rules, mesh, privateAddresses: common.privateAddresses, memory };
    }
    mesh.reconfigure(told);
    const privateAddresses = privateAddressesOf(told, common.privateOptions);
    return { rules, mesh, privateAddresses, memory };
  });
}

function termsOf(
  { localZones, ownZones, recursor }: ViewOptions,
  common: Common,
): { readonly rules: Rules; readonly told: RecursorOptions | undefined } {
  const copiedZones = recursor ? copiedZonesOf(recursor, common) : common.rules.copiedZones;
  const rules: Rules = { ...common.rules, ...zoneRules(localZones, ownZones), copiedZones };
  return { rules, told: recursor && stopping(recursor, [rules.localZones]) };
}

/** The zones that are answered for as their authority where questions are resolved so. */
export function copiedZonesOf(
  { configuredZones = [] }: RecursorOptions,
  { copies, nowMs }: Pick<Common, "copies" | "nowMs">,
): CopiedZones {
  return new CopiedZones(configuredZones, copies, nowMs);
}

/** What answers may not hold where questions are resolved so. */
export function privateAddressesOf(
  { configuredZones = [] }: RecursorOptions,
  options: PrivateOptions | undefined,
): PrivateAddresses {
  return new PrivateAddresses(
    options,
    configuredZones.map(({ zone }) => zone),
  );
}

/** Has the recursor follow no alias into local zones: names in them are answered from here. */
export function stopping(options: RecursorOptions, zones: readonly LocalZones[]): RecursorOptions {
  const some = zones.filter((one) => !one.isEmpty);
  if (some.length === 0) return options;
  return { ...options, stopsAt: (name) => some.some((one) => one.has(name)) };
}

/** The rules that zones of the configuration make. */
export function zoneRules(
  localZones: readonly LocalZone[],
  ownZones: readonly Name[],
): Pick<Rules, "localZones" | "specialNames"> {
  return {
    localZones: new LocalZones(localZones),
    // In a local zone that lets others be asked for, a special name is asked for too; not where
    // the zone is there to leave types out.
    specialNames: new SpecialNames([
      ...ownZones,
      ...localZones.filter(({ noTypes = [] }) => noTypes.length === 0).map(({ zone }) => zone),
    ]),
  };
}
