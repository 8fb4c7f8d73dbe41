/**
 * What a zone has that proves its denials, by NSEC (RFC 4035 §3.1.3) or NSEC3 (RFC 5155 §7.2).
 *
 * Of a zone without either there is nothing to give.
 */
import { toBase32Hex } from "@lethe/wire/base-text.ts";
import { getU16 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import {
  type Name,
  ancestorWithLabels,
  labelCount,
  labelsOf,
  nameEqual,
  nameFromLabels,
  parentOf,
} from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { wildcardBelow } from "../dnssec/canonical.ts";
import { type Nsec3Parameters, hashName } from "../dnssec/nsec3.ts";
import { WorkBudget } from "../dnssec/work-budget.ts";
import type { ZoneCopy } from "./zone-copy.ts";

/** Bytes of an NSEC3PARAM record before its salt. */
const PARAMETERS_FIXED_BYTES = 5;

export class ZoneProofs {
  readonly #zone: ZoneCopy;
  readonly #apex: Name;
  readonly #parameters: Nsec3Parameters | undefined;
  readonly #work = new WorkBudget();

  constructor(zone: ZoneCopy, apex: Name) {
    this.#zone = zone;
    this.#apex = apex;
    this.#parameters = parametersOf(zone, apex);
  }

  /** That a name does not exist below its closest encloser, nor a wildcard there. */
  noName(name: Name, encloser: Name): RecordSet[] {
    return this.#denials(
      this.#parameters && encloser,
      nextCloser(name, encloser),
      wildcardBelow(encloser),
    );
  }

  /** That a name does not exist, so that the wildcard below its closest encloser answers for it. */
  wildcard(name: Name, encloser: Name): RecordSet[] {
    return this.#denials(nextCloser(name, encloser));
  }

  /** That a name has no set of a type; or, by opt-out, that nothing signed is there. */
  noData(name: Name): RecordSet[] {
    const own = this.#denialOf(name);
    const isAt = own !== undefined && nameEqual(own.name, this.#keyOf(name) ?? name);
    if (this.#parameters === undefined || isAt) return own === undefined ? [] : [own];
    let below = name;
    for (let above = parentOf(name); labelCount(above) >= labelCount(this.#apex);) {
      const denial = this.#denialOf(above);
      const key = this.#keyOf(above);
      if (denial !== undefined && key !== undefined && nameEqual(denial.name, key)) {
        return this.#denials(above, below);
      }
      if (above.length === 1) break;
      below = above;
      above = parentOf(above);
    }
    return [];
  }

  /** What denies these names, each set once. */
  #denials(...names: readonly (Name | undefined)[]): RecordSet[] {
    const found: RecordSet[] = [];
    for (const name of names) {
      const denial = name && this.#denialOf(name);
      if (denial === undefined || found.some((set) => nameEqual(set.name, denial.name))) continue;
      found.push(denial);
    }
    return found;
  }

  #denialOf(name: Name): RecordSet | undefined {
    const key = this.#keyOf(name);
    return key && this.#zone.denialOf(key);
  }

  /** Under which name a name's denial is looked for; undefined where hashing it costs too much. */
  #keyOf(name: Name): Name | undefined {
    if (this.#parameters === undefined) return name;
    const hash = hashName(name, this.#parameters, this.#work);
    if (hash === undefined) return undefined;
    const label = new TextEncoder().encode(toBase32Hex(hash).toLowerCase());
    return nameFromLabels([label, ...labelsOf(this.#apex)]);
  }
}

/** The ancestor of a name that is one label longer than its closest encloser. */
function nextCloser(name: Name, encloser: Name): Name {
  return ancestorWithLabels(name, labelCount(encloser) + 1);
}

/** How a zone hashes its names; undefined where it does not (RFC 5155 §4). */
function parametersOf(zone: ZoneCopy, apex: Name): Nsec3Parameters | undefined {
  const set = zone.setsAt(apex).find(({ type }) => type === rrType.NSEC3PARAM);
  const rdata = set?.rdatas[0];
  if (rdata === undefined || rdata.length < PARAMETERS_FIXED_BYTES) return undefined;
  const salt = rdata.subarray(PARAMETERS_FIXED_BYTES, PARAMETERS_FIXED_BYTES + rdata[4]!);
  return { iterations: getU16(rdata, 2), salt };
}
