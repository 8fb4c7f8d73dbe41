/**
 * What a running resolver believes beforehand: trust anchors, which roll over as time goes by, and
 * negative ones, below which nothing is proven until they end (RFC 7646).
 *
 * The nearer one decides, and of two at one name the negative one (RFC 7646 §3).
 */
import { type Name, ROOT, isAtOrUnder, nameEqual } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { type TrustAnchor, anchorOver } from "./anchor.ts";
import { isRevoked, parseKey } from "./key.ts";

/** A name below which answers count as unsigned. */
export interface NegativeAnchor {
  readonly zone: Name;
  /** Seconds since 1970 from when on it counts no more; undefined: it always counts. */
  readonly untilS: number | undefined;
  /** Why, in the operator's words; empty where none were given. */
  readonly reason: string;
}

/** Hears the DNSKEY set of a zone that has a trust anchor and revokes keys, before it is judged. */
export type KeyWatcher = (zone: Name, keySet: RecordSet) => void;

export interface BeliefsParts {
  readonly anchors: readonly TrustAnchor[];
  readonly negative: readonly NegativeAnchor[];
  /** Zones with a trust anchor are told which of their keys are trusted (RFC 8145 §5). */
  readonly signalsKeyTags: boolean;
  readonly watcher: KeyWatcher | undefined;
}

export class Beliefs {
  readonly signalsKeyTags: boolean;
  readonly #watcher: KeyWatcher | undefined;
  #anchors: readonly TrustAnchor[];
  #negative: readonly NegativeAnchor[];
  /** Zones whose negative anchor was dropped before its date. */
  #dropped: readonly Name[] = [];

  constructor({ anchors, negative, signalsKeyTags, watcher }: BeliefsParts) {
    this.signalsKeyTags = signalsKeyTags;
    this.#anchors = anchors;
    this.#negative = negative;
    this.#watcher = watcher;
  }

  get anchors(): readonly TrustAnchor[] {
    return this.#anchors;
  }

  /** The trust anchor that a name is judged from. */
  anchorOver(name: Name): TrustAnchor | undefined {
    return anchorOver(name, this.#anchors);
  }

  /** The negative anchor by which a name counts as unsigned; a nearer trust anchor wins. */
  negativeOver(name: Name, nowS: number | undefined): NegativeAnchor | undefined {
    let nearest: NegativeAnchor | undefined;
    for (const one of this.#negative) {
      if (!isAtOrUnder(name, one.zone) || isOver(one, nowS)) continue;
      if (nearest === undefined || one.zone.length > nearest.zone.length) nearest = one;
    }
    if (nearest === undefined) return undefined;
    const anchor = this.anchorOver(name);
    return anchor !== undefined && anchor.zone.length > nearest.zone.length ? undefined : nearest;
  }

  /** The anchor of this very zone. */
  anchorOf(zone: Name): TrustAnchor | undefined {
    return this.#anchors.find((anchor) => nameEqual(anchor.zone, zone));
  }

  /** Key tags of what is trusted of a zone, each once, in order. */
  tagsOf(zone: Name): readonly number[] {
    const anchor = this.anchorOf(zone);
    if (anchor === undefined) return [];
    const tags = [...anchor.ds.map(({ keyTag }) => keyTag), ...anchor.keys.map(({ tag }) => tag)];
    return [...new Set(tags)].toSorted((a, b) => a - b);
  }

  /** Key tags of the root's trusted keys. */
  get rootTags(): readonly number[] {
    return this.tagsOf(ROOT);
  }

  /** Believes these trust anchors from now on. */
  believe(anchors: readonly TrustAnchor[]): void {
    this.#anchors = anchors;
  }

  /** Drops the negative anchor of a zone. */
  dropNegative(zone: Name): void {
    const stay = this.#negative.filter((one) => !nameEqual(one.zone, zone));
    if (stay.length < this.#negative.length) this.#dropped = [...this.#dropped, zone];
    this.#negative = stay;
  }

  /**
   * Says whether a negative anchor that counts no more stood over a name: what was taken as
   * unsigned then may have been so for that reason only.
   */
  wasNegativeOver(name: Name, nowS: number | undefined): boolean {
    const ended = this.#negative.filter((one) => isOver(one, nowS)).map(({ zone }) => zone);
    return [...ended, ...this.#dropped].some((zone) => isAtOrUnder(name, zone));
  }

  /** Tells of a key set that was got; what is believed may be something else afterwards. */
  saw(zone: Name, keySet: RecordSet): void {
    const keys = keySet.rdatas.map(parseKey);
    if (keys.some((key) => key !== undefined && isRevoked(key))) this.#watcher?.(zone, keySet);
  }
}

/** A moment as people write it: `2026-11-30T00:00:00Z`. */
export function dateText(atS: number): string {
  return new Date(1000 * atS).toISOString().replace(".000", "");
}

function isOver({ untilS }: NegativeAnchor, nowS: number | undefined): boolean {
  return untilS !== undefined && nowS !== undefined && nowS >= untilS;
}
