/**
 * Zones that the operator writes into the configuration: answered from there, nobody is asked.
 *
 * A name that has records of another type has no data of this one. What becomes of a name without
 * any is the zone's choice: it does not exist, or it is asked for as if the zone were not there.
 * An alias is given as it stands, with its target's records where they are in a local zone too.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  type NameKey,
  isAtOrUnder,
  nameFromBytes,
  nameKey,
  parentOf,
} from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import { refusalReasons, tell } from "../base/extended-errors.ts";
import { limits } from "../base/limits.ts";
import type { Answered } from "../recursor/outcome.ts";
import { localOutcome } from "./local-answers.ts";

/** One zone of the configuration; plain data. */
export interface LocalZone {
  readonly zone: Name;
  /** All of class IN, all at or below the zone. */
  readonly records: readonly ResourceRecord[];
  readonly others: OtherNames;
  /** Types that no name has beside its records here, where others are asked for. */
  readonly noTypes?: readonly number[] | undefined;
}

/**
 * What a name without records gets.
 *
 *   no-name, no-data      a denial
 *   refuse, drop          REFUSED; no answer at all
 *   apex                  what the zone's own name has
 *   resolve               it is asked for
 *   resolve-types         so is one that has records of other types than the one wanted
 */
export type OtherNames =
  | "no-name"
  | "no-data"
  | "refuse"
  | "drop"
  | "apex"
  | "resolve"
  | "resolve-types";

const RESOLVED: ReadonlySet<OtherNames> = new Set(["resolve", "resolve-types"]);

const ALIASES_MAX = limits.localAliasesMax.value;
const REFUSAL = tell(refusalReasons.blocked, {});
/** How long a client may keep that a name is not there, in seconds; there may be no SOA to say. */
const NO_TTL_S = 0;

/** The sets of a zone by name; a name above one with records exists too. */
class Zone {
  readonly apex: Name;
  readonly others: OtherNames;
  readonly noTypes: readonly number[];
  readonly #nodes = new Map<NameKey, RecordSet[]>();

  constructor({ zone, records, others, noTypes = [] }: LocalZone) {
    this.apex = zone;
    this.others = others;
    this.noTypes = noTypes;
    for (const record of records) this.#add(record);
  }

  /** The sets at a name; undefined where it does not exist. */
  at(name: Name): readonly RecordSet[] | undefined {
    const own = this.#nodes.get(nameKey(name));
    return own === undefined && this.others === "apex"
      ? (this.#nodes.get(nameKey(this.apex)) ?? [])
      : own;
  }

  #add(record: ResourceRecord): void {
    const { name, type, class: rrclass, ttl, rdata } = record;
    const sets = this.#node(name);
    const at = sets.findIndex((set) => set.type === type);
    const known = sets[at];
    if (known === undefined) {
      sets.push({ name, type, class: rrclass, ttl, rdatas: [rdata], signatures: [] });
    } else {
      sets[at] = {
        ...known,
        ttl: Math.min(ttl, known.ttl),
        rdatas: [...known.rdatas, rdata],
      };
    }
    for (let above = name; above.length > this.apex.length;) {
      above = parentOf(above);
      this.#node(above);
    }
  }

  #node(name: Name): RecordSet[] {
    const key = nameKey(name);
    const sets = this.#nodes.get(key) ?? [];
    this.#nodes.set(key, sets);
    return sets;
  }
}

export class LocalZones {
  /** The longest names first: the nearest zone of a name is found first. */
  readonly #zones: readonly Zone[];

  constructor(zones: readonly LocalZone[]) {
    const sorted = zones.toSorted((a, b) => b.zone.length - a.zone.length);
    this.#zones = sorted.map((zone) => new Zone(zone));
  }

  get isEmpty(): boolean {
    return this.#zones.length === 0;
  }

  /** Says whether a name is answered from here, be it that it does not exist. */
  has(name: Name): boolean {
    const zone = this.#zoneOf(name);
    if (zone === undefined) return false;
    return !RESOLVED.has(zone.others) || zone.at(name) !== undefined;
  }

  /** Says whether nobody is answered who asks for a name. */
  drops(name: Name): boolean {
    const zone = this.#zoneOf(name);
    return zone?.others === "drop" && zone.at(name) === undefined;
  }

  /**
   * The answer to a question for a name in a local zone; undefined where somebody is asked. An
   * alias that leads out of the local zones is an answer with `next`.
   */
  answer(question: Question): Answered | undefined {
    const chain: RecordSet[] = [];
    let { name } = question;
    for (let aliases = 0; aliases <= ALIASES_MAX; aliases++) {
      const zone = this.#zoneOf(name);
      const told = zone === undefined ? undefined : answerIn(zone, name, question.type, chain);
      if (told === undefined) return chain.length > 0 ? leadingTo(name, chain) : undefined;
      if (told.kind === "answered") return told;
      chain.push(told.alias);
      if (told.target === undefined) break;
      name = told.target;
    }
    return localOutcome(rcode.NOERROR, chain, []);
  }

  #zoneOf(name: Name): Zone | undefined {
    return this.#zones.find(({ apex }) => isAtOrUnder(name, apex));
  }
}

interface Led {
  readonly kind: "led";
  readonly alias: RecordSet;
  readonly target: Name | undefined;
}

/** What a zone says of a name behind these aliases; undefined where others are to be asked. */
function answerIn(
  zone: Zone,
  name: Name,
  type: number,
  chain: readonly RecordSet[],
): Answered | Led | undefined {
  const sets = zone.at(name);
  if (sets === undefined) return answerWithout(zone, type, chain);
  const found = sets.find((set) => set.type === type);
  // Its owner in the letters of the question, which the answer may point to.
  if (found !== undefined) return localOutcome(rcode.NOERROR, [...chain, { ...found, name }], []);
  const alias = sets.find((set) => set.type === rrType.CNAME);
  if (alias !== undefined) {
    return { kind: "led", alias: { ...alias, name }, target: nameFromBytes(alias.rdatas[0]!) };
  }
  return zone.others === "resolve-types"
    ? answerWithout(zone, type, chain)
    : denied(zone, rcode.NOERROR, chain);
}

/** What a zone says of a name that it has nothing of; undefined where others are to be asked. */
function answerWithout(
  zone: Zone,
  type: number,
  chain: readonly RecordSet[],
): Answered | undefined {
  const { others } = zone;
  if (others === "refuse") {
    return { ...localOutcome(rcode.REFUSED, chain, []), errors: [REFUSAL], ttlS: NO_TTL_S };
  }
  const lacksType = RESOLVED.has(others) && zone.noTypes.includes(type);
  if (RESOLVED.has(others) && !lacksType) return undefined;
  // Who asks for a name that is dropped gets no answer; an alias that leads there leads nowhere.
  const isAbsent = others === "no-name" || others === "drop";
  return denied(zone, isAbsent ? rcode.NXDOMAIN : rcode.NOERROR, chain);
}

function leadingTo(next: Name, chain: readonly RecordSet[]): Answered {
  return { ...localOutcome(rcode.NOERROR, chain, []), next };
}

function denied(zone: Zone, code: number, chain: readonly RecordSet[]): Answered {
  const authority = soaOf(zone);
  const outcome = localOutcome(code, chain, authority);
  return authority.length > 0 ? outcome : { ...outcome, ttlS: NO_TTL_S };
}

function soaOf(zone: Zone): readonly RecordSet[] {
  return zone.at(zone.apex)?.filter((set) => set.type === rrType.SOA) ?? [];
}
