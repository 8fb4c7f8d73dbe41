/**
 * Which zones of a hostile world a resolver must be able to reach, within its budget.
 *
 * Conservative on purpose: the costs below are more than what a resolver that tries servers one
 * after the other needs, and a zone counts as reachable only over links that lose nothing. What
 * is not surely reachable may fail; it may never be answered wrongly.
 */
import { type NameServer, type Tree, type TreeZone, isWithin } from "./hostile-tree.ts";
import { zoneOf } from "./reference.ts";

/** What the costs of reaching one zone after the other add up to. */
interface Cost {
  readonly asks: number;
  readonly ms: number;
}

/** Says of an address whether a good server answers there, and how long it may hold one up. */
export interface Manners {
  /**
   * A server that gives right answers over a link without loss; its round trip, in milliseconds.
   */
  worksAt(ip: string): number | undefined;
  /** What is asked of a zone is not proven by all of its servers, though it must be. */
  lacksProofs(zone: TreeZone): boolean;
}

const NEVER: Cost = { asks: Number.POSITIVE_INFINITY, ms: Number.POSITIVE_INFINITY };

/**
 * Half of what a client's question may cost, and of its time: the rest is for what others cause.
 */
const ASKS_SURE = 50;
const MS_SURE = 6000;

/** A server that works is asked for each part of a name, and may need a fallback or two. */
const ASKS_PER_ZONE = 4;
const TRIPS_PER_ZONE = 8;

/**
 * What a server that does not work may cost before the next one is asked: two time-outs, more
 * where the next one has no known address.
 */
const ASKS_PER_BROKEN = 3;
const MS_PER_BROKEN = 800;

export class Reach {
  readonly #tree: Tree;
  readonly #manners: Manners;
  readonly #known = new Map<TreeZone, Cost>();

  readonly #share: number;

  /** `share`: the part of the bounds below that may be counted on; proofs cost as much again. */
  constructor(tree: Tree, manners: Manners, share: number) {
    this.#tree = tree;
    this.#manners = manners;
    this.#share = share;
  }

  /** Says whether a resolver must get an answer from each of these zones. */
  isSure(zones: readonly TreeZone[]): boolean {
    let asks = 0;
    let ms = 0;
    for (const zone of new Set(zones)) {
      const cost = this.#costOf(zone, new Set());
      asks += cost.asks;
      ms += cost.ms;
    }
    return asks <= ASKS_SURE * this.#share && ms <= MS_SURE * this.#share;
  }

  #costOf(zone: TreeZone, above: ReadonlySet<TreeZone>): Cost {
    const known = this.#known.get(zone);
    if (known !== undefined) return known;
    if (above.has(zone)) return NEVER; // a circle: somebody must be asked who cannot be found
    if (this.#manners.lacksProofs(zone)) return NEVER;
    const within = new Set([...above, zone]);
    const parent =
      zone.parent === undefined ? { asks: 1, ms: 0 } : this.#costOf(zone.parent, within);
    const own = this.#costOfServers(zone, within);
    const cost = { asks: parent.asks + own.asks, ms: parent.ms + own.ms };
    if (above.size === 0 || Number.isFinite(cost.asks)) this.#known.set(zone, cost);
    return cost;
  }

  /** The cheapest way is not taken: every server that stands before a good one is paid for. */
  #costOfServers(zone: TreeZone, within: ReadonlySet<TreeZone>): Cost {
    let asks = ASKS_PER_ZONE;
    let ms = 0;
    let slowestMs: number | undefined;
    for (const server of zone.servers) {
      const lookup = this.#lookupCost(zone, server, within);
      if (!Number.isFinite(lookup.asks) || server.ips.length === 0) {
        asks += 2 * ASKS_PER_BROKEN;
        ms += MS_PER_BROKEN;
        continue;
      }
      asks += lookup.asks;
      ms += lookup.ms;
      for (const ip of server.ips) {
        const rttMs = this.#manners.worksAt(ip);
        if (rttMs === undefined) {
          asks += ASKS_PER_BROKEN;
          ms += MS_PER_BROKEN;
        } else {
          slowestMs = Math.max(slowestMs ?? 0, rttMs);
        }
      }
    }
    return slowestMs === undefined ? NEVER : { asks, ms: ms + TRIPS_PER_ZONE * slowestMs };
  }

  /** What it costs to learn the address of a name server of a zone: nothing where glue has it. */
  #lookupCost(zone: TreeZone, server: NameServer, within: ReadonlySet<TreeZone>): Cost {
    if (zone.parent === undefined || isWithin(server.name, zone.apex)) return { asks: 0, ms: 0 };
    const home = zoneOf(this.#tree.root, server.name);
    if (home === zone.parent) return { asks: 0, ms: 0 };
    return this.#costOf(home, within);
  }
}
