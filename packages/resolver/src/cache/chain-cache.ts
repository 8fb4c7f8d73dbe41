/**
 * What is known of the chain of trust: keys of zones that are proven, where it ends, where it
 * breaks, and names that are no cuts.
 *
 * A link is found by the keyed hash of its name; the names of what is kept lie in the keys only.
 */
import type { Name } from "@lethe/wire/name.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";
import type { ZoneKeys } from "../dnssec/judge-set.ts";
import type { Bogus, Insecure } from "../dnssec/verdict.ts";
import { SlotTable } from "./slot-table.ts";

/** What stands at a name, as far as the chain of trust goes. */
export type ChainLink =
  /** A zone begins here, and these are its keys. */
  | { readonly kind: "secure"; readonly keys: ZoneKeys }
  /** No zone begins here. */
  | { readonly kind: "no-cut"; readonly isAlias?: true }
  /** The chain ends here by proof, or breaks; the same holds for all below. */
  | Insecure
  | Broken;

/** The chain breaks at a name. */
export interface Broken extends Bogus {
  /**
   * It is not even known that a zone begins there: neither a DS set nor its absence was proven.
   * What a zone above it has signed is not the worse for that.
   */
  readonly isCutUnknown?: boolean;
}

export class ChainCache {
  readonly #table: SlotTable;
  readonly #hash: SipHash;
  readonly #links: (ChainLink | undefined)[];

  constructor(options: { readonly entriesMax: number }, random: Random) {
    this.#table = new SlotTable(options.entriesMax);
    this.#hash = SipHash.keyed(random);
    this.#links = Array.from({ length: this.#table.size }, () => undefined);
  }

  /** What stands at the name that begins at `at` of another one, or undefined. */
  find(name: Name, nowMs: number, at = 0): ChainLink | undefined {
    this.#hash.hashFolded(name, at, name.length - at, 0, 0);
    const slot = this.#table.find(this.#hash, nowMs);
    return slot < 0 ? undefined : this.#links[slot];
  }

  /**
   * The nearest link at or above a name that is no mere "no cut", up to the zone `top`.
   *
   * `signer`: the zone above the name that has signed something of it; cuts below it that are only
   * suspected are passed over.
   */
  nearest(
    name: Name,
    top: Name,
    nowMs: number,
    signer?: Name,
  ): Exclude<ChainLink, NoCut> | undefined {
    for (let at = 0; name.length - at >= top.length; at += 1 + name[at]!) {
      const link = this.find(name, nowMs, at);
      const isBelow = signer !== undefined && name.length - at > signer.length;
      const isSuspected = link?.kind === "bogus" && link.isCutUnknown === true;
      const isPassed = isBelow && isSuspected;
      if (link !== undefined && link.kind !== "no-cut" && !isPassed) return link;
      if (name[at] === 0) return undefined;
    }
    return undefined;
  }

  /** Keeps a link for some seconds. */
  store(name: Name, link: ChainLink, ttlS: number, nowMs: number): void {
    if (ttlS <= 0) return;
    this.#hash.hashFolded(name, 0, name.length, 0, 0);
    const slot = this.#table.take(this.#hash, nowMs + ttlS * 1000);
    this.#links[slot] = link;
  }

  /** Forgets what stands at a name. */
  forget(name: Name): void {
    this.#hash.hashFolded(name, 0, name.length, 0, 0);
    const slot = this.#table.find(this.#hash, Number.NEGATIVE_INFINITY);
    if (slot < 0) return;
    this.#table.free(slot);
    this.#links[slot] = undefined;
  }

  /** Forgets everything. */
  clear(): void {
    this.#table.clear();
    this.#links.fill(undefined);
  }
}

type NoCut = { readonly kind: "no-cut" };
