/**
 * Zones that this server has whole and answers for as their authority, where its operator says so.
 *
 * What their copies say goes to clients as it stands, with AA and without a verdict: who asks an
 * authority judges by himself. Below a cut, and where there is no copy, nothing is said here: such
 * names are resolved like others.
 */
import { rcode } from "@lethe/wire/codes.ts";
import { type Name, isAtOrUnder } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { limits } from "../base/limits.ts";
import type { ConfiguredZone } from "../recursor/options.ts";
import type { Answered } from "../recursor/outcome.ts";
import type { ZoneCopies } from "../recursor/zone-copies.ts";
import { localOutcome } from "./local-answers.ts";

const ALIASES_MAX = limits.localAliasesMax.value;

export class CopiedZones {
  /** All zones of the configuration: of several that hold a name the nearest decides. */
  readonly #zones: readonly ConfiguredZone[];
  readonly #copies: ZoneCopies;
  readonly #nowMs: () => number;

  constructor(zones: readonly ConfiguredZone[], copies: ZoneCopies, nowMs: () => number) {
    const isAny = zones.some(({ authoritative }) => authoritative === true);
    this.#zones = isAny ? zones.toSorted((a, b) => b.zone.length - a.zone.length) : [];
    this.#copies = copies;
    this.#nowMs = nowMs;
  }

  /**
   * The answer to a question for a name in such a zone; undefined where somebody is asked. An
   * alias that leads elsewhere is an answer with `next`.
   */
  answer(question: Question): Answered | undefined {
    const chain: RecordSet[] = [];
    const proofs: RecordSet[] = [];
    let { name } = question;
    for (let aliases = 0; aliases <= ALIASES_MAX; aliases++) {
      const zone = this.#zoneOf(name);
      const told = zone && this.#copies.reading(zone, { ...question, name }, this.#nowMs());
      if (told?.kind !== "telling") {
        return chain.length === 0 ? undefined : { ...outcomeOf(chain, proofs), next: name };
      }
      const { ending, sets } = told;
      chain.push(...sets);
      proofs.push(...told.proofs);
      if (ending.kind === "data") return outcomeOf(chain, proofs);
      if (ending.kind !== "alias") return denied(ending, chain, proofs);
      if (ending.target === undefined) {
        return { ...outcomeOf(chain, proofs), rcode: rcode.YXDOMAIN };
      }
      name = ending.target;
    }
    return outcomeOf(chain, proofs);
  }

  #zoneOf(name: Name): Name | undefined {
    const nearest = this.#zones.find(({ zone }) => isAtOrUnder(name, zone));
    return nearest?.authoritative === true ? nearest.zone : undefined;
  }
}

function outcomeOf(chain: readonly RecordSet[], proofs: readonly RecordSet[]): Answered {
  return localOutcome(rcode.NOERROR, chain, proofs);
}

function denied(
  ending: { readonly kind: string; readonly authority: readonly RecordSet[] },
  chain: readonly RecordSet[],
  proofs: readonly RecordSet[],
): Answered {
  const code = ending.kind === "no-name" ? rcode.NXDOMAIN : rcode.NOERROR;
  return localOutcome(code, chain, [...ending.authority, ...proofs]);
}
