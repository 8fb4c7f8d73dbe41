/**
 * The trust anchors of a server as time goes by: trust points, moved on by the key sets that are
 * brought (RFC 5011).
 *
 * There is one keeper, whoever brings key sets: a look is asked for when it is due, and its set
 * moves the states on once. What somebody saw by the way counts only where it revokes a key: that
 * is the same however often it is told, and may not wait.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { TrustAnchor } from "./anchor.ts";
import { type TrustPoint, isDeleted, lookAtKeys, mayRevoke, trustAt } from "./anchor-rollover.ts";
import { judgeNow } from "./judging.ts";
import { WorkBudget } from "./work-budget.ts";

/** What became of a key set that was brought. */
export interface Moved {
  /** The state is another one: it must be kept. */
  readonly isNews: boolean;
  /** Other keys are trusted now. */
  readonly isTrustNews: boolean;
}

const UNMOVED: Moved = { isNews: false, isTrustNews: false };

export class AnchorKeeper {
  readonly #trustsSha1: boolean;
  #points: readonly TrustPoint[];

  constructor(points: readonly TrustPoint[], trustsSha1 = false) {
    this.#points = points;
    this.#trustsSha1 = trustsSha1;
  }

  get points(): readonly TrustPoint[] {
    return this.#points;
  }

  /** What is believed now; zones all of whose keys were revoked are left out (RFC 5011 §5). */
  get anchors(): readonly TrustAnchor[] {
    const living = this.#points.filter((point) => !isDeleted(point));
    return living.map((point) => ({ zone: point.zone, ...trustAt(point) }));
  }

  /** When the next look is due, in seconds since 1970; undefined: never. */
  get nextLookS(): number | undefined {
    const living = this.#points.filter((point) => !isDeleted(point));
    if (living.length === 0) return undefined;
    return Math.min(...living.map(({ nextLookS }) => nextLookS));
  }

  /** The zones whose keys should be looked at. */
  due(nowS: number): readonly Name[] {
    const due = this.#points.filter((point) => !isDeleted(point) && point.nextLookS <= nowS);
    return due.map(({ zone }) => zone);
  }

  /** Takes what a look that was due has brought; undefined: no keys came. */
  looked(zone: Name, set: RecordSet | undefined, nowS: number): Moved {
    const point = this.#pointOf(zone);
    if (point === undefined || point.nextLookS > nowS || isDeleted(point)) return UNMOVED;
    return this.#replace(point, this.#look(point, set, nowS));
  }

  /** Takes a key set that was seen by the way. */
  saw(zone: Name, set: RecordSet, nowS: number): Moved {
    const point = this.#pointOf(zone);
    if (point === undefined || !mayRevoke(point, set)) return UNMOVED;
    const next = this.#look(point, set, nowS);
    // One that revoked nothing may be forged, and must neither move nor put off anything.
    const isRevocation = revocations(next) > revocations(point);
    if (!isRevocation) return UNMOVED;
    const nextLookS = isDeleted(next) ? next.nextLookS : Math.min(point.nextLookS, next.nextLookS);
    return this.#replace(point, { ...next, nextLookS });
  }

  #pointOf(zone: Name): TrustPoint | undefined {
    return this.#points.find((point) => nameEqual(point.zone, zone));
  }

  #look(point: TrustPoint, set: RecordSet | undefined, nowS: number): TrustPoint {
    const terms = { nowS, trustsSha1: this.#trustsSha1, work: new WorkBudget() };
    return judgeNow(lookAtKeys(point, set ?? noKeys(point.zone), terms));
  }

  #replace(before: TrustPoint, after: TrustPoint): Moved {
    this.#points = this.#points.map((point) => (point === before ? after : point));
    return { isNews: true, isTrustNews: !isSameTrust(before, after) };
  }
}

function noKeys(name: Name): RecordSet {
  return { name, type: rrType.DNSKEY, class: rrClass.IN, ttl: 0, rdatas: [], signatures: [] };
}

function revocations({ keys }: TrustPoint): number {
  return keys.filter(({ state }) => state === "revoked").length;
}

function isSameTrust(a: TrustPoint, b: TrustPoint): boolean {
  return trustText(a) === trustText(b);
}

/** All that is trusted, in an order of its own. */
function trustText(point: TrustPoint): string {
  const { ds, keys } = trustAt(point);
  const dsTexts = ds.map((one) => `${one.keyTag} ${one.digest.join()}`);
  return [...dsTexts, ...keys.map(({ rdata }) => rdata.join())].toSorted().join("\n");
}
