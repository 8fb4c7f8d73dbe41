/**
 * Copies of zones, which answer in the place of the zones' servers (RFC 8806 for the root).
 *
 * What a copy says is kept and judged as if a server had told it, so it is trusted no further than
 * one. A copy whose time is over is as good as none.
 * PRIVACY: nobody outside learns which names are asked for in a copied zone, and of the root's the
 * mistyped ones least.
 */
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { Referral, Telling } from "./classify.ts";
import { ZoneCopy } from "./zone-copy.ts";
import { readingFrom } from "./zone-reading.ts";

interface Copy {
  readonly zone: Name;
  readonly copy: ZoneCopy;
  readonly untilMs: number;
}

export class ZoneCopies {
  #copies: readonly Copy[] = [];

  /** Answers from a packed zone until a monotonic time; from none where it is undefined. */
  use(zone: Name, packed: SharedArrayBuffer | undefined, untilMs: number): void {
    const others = this.#copies.filter((one) => !nameEqual(one.zone, zone));
    const own = packed === undefined ? [] : [{ zone, copy: new ZoneCopy(packed), untilMs }];
    this.#copies = [...others, ...own];
  }

  /** Says whether there is a copy of a zone whose time is not over. */
  isThere(zone: Name, nowMs: number): boolean {
    return this.#find(zone, nowMs) !== undefined;
  }

  /** What a server of a zone would reply; undefined where one has to be asked. */
  reading(zone: Name, question: Question, nowMs: number): Telling | Referral | undefined {
    const copy = this.#find(zone, nowMs);
    return copy && readingFrom(copy, zone, question);
  }

  /** PERF: called for each exchange with the root's servers; mostly there is no copy at all. */
  #find(zone: Name, nowMs: number): ZoneCopy | undefined {
    for (const one of this.#copies) {
      if (nameEqual(one.zone, zone)) return nowMs < one.untilMs ? one.copy : undefined;
    }
    return undefined;
  }
}
