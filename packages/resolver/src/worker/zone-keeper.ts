/**
 * Keeps a copy of a zone fresh, as the numbers of its SOA record say (RFC 1034 §4.3.5; RFC 8806 §3
 * for the root).
 *
 *   fetch ─► check ─► in use for `expire` seconds ─► after `refresh` seconds: fetch again
 *     └── nothing good: again after `retry` seconds; the copy at hand serves until it expires
 *
 * The sources are tried in their order. A copy that is not believed is as good as none.
 */
import type { Name } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { limits } from "../base/limits.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import { WorkBudget } from "../dnssec/work-budget.ts";
import { type DigestTerms, type ZoneTimes, checkZone } from "../dnssec/zone-check.ts";
import type { World } from "../recursor/effect.ts";
import { packZone } from "../recursor/zone-copy.ts";
import type { Transferred } from "../upstream/zone-transfer.ts";

const WAIT_MIN_S = limits.zoneRefreshMinS.value;
const WAIT_MAX_S = limits.zoneRefreshMaxS.value;
/** Until a SOA record says otherwise. */
const RETRY_S = limits.zoneRetryS.value;

/** A place that a copy can be had from. */
export interface ZoneSource {
  /** As the configuration has it, for complaints. */
  readonly text: string;
  /** `serial`: of the copy at hand, which need not be got again. */
  readonly fetch: (serial: number | undefined) => Promise<Transferred>;
}

export interface ZoneKeeperOptions {
  readonly zone: Name;
  readonly sources: readonly ZoneSource[];
  /** Whether the zone must have a digest that proves it (RFC 8976). */
  readonly digest: DigestTerms;
  /** The zone's own; undefined: what the zone holds is not proven by keys here. */
  readonly anchor: TrustAnchor | undefined;
  readonly time: Pick<World, "after" | "nowMs" | "wallS">;
  /** Is given the copy in use, until a monotonic time; undefined where there is none any more. */
  readonly onCopy: (zone: SharedArrayBuffer | undefined, untilMs: number) => void;
  /** Is told of each copy that was got, and of each source that had none. */
  readonly onNews: (line: string) => void;
}

interface Copy {
  readonly zone: SharedArrayBuffer;
  readonly times: ZoneTimes;
  untilMs: number;
}

export class ZoneKeeper {
  readonly #options: ZoneKeeperOptions;
  #copy: Copy | undefined;
  #stopWaiting: (() => void) | undefined;
  #isClosed = false;

  constructor(options: ZoneKeeperOptions) {
    this.#options = options;
  }

  /** Gets a copy, and goes on getting newer ones; settles when the first try has ended. */
  async start(): Promise<void> {
    const { time } = this.#options;
    this.#stopWaiting = undefined;
    const isFresh = await this.#refresh();
    if (this.#isClosed) return;
    const waitS = isFresh ? this.#copy?.times.refreshS : (this.#copy?.times.retryS ?? RETRY_S);
    const boundedS = Math.min(Math.max(waitS ?? RETRY_S, WAIT_MIN_S), WAIT_MAX_S);
    this.#stopWaiting = time.after(boundedS * 1000, () => void this.start());
  }

  /** Looks for a newer copy now; one that is being looked for comes by itself. */
  again(): void {
    if (this.#stopWaiting === undefined || this.#isClosed) return;
    this.#stopWaiting();
    void this.start();
  }

  /** Ends it; the copy at hand serves on for its time. */
  close(): void {
    this.#isClosed = true;
    this.#stopWaiting?.();
  }

  /** Asks one source after the other; says whether one had a copy that is good. */
  async #refresh(): Promise<boolean> {
    const { zone: apex, sources, time, onNews, onCopy } = this.#options;
    const what = apex.length === 1 ? "root" : nameToText(apex);
    for (const { text, fetch } of sources) {
      const got = await fetch(this.#copy?.times.serial);
      if (this.#isClosed) return false;
      const why = this.#take(got);
      if (why === undefined) {
        const { zone, untilMs } = this.#copy!;
        onCopy(zone, untilMs);
        if (got.kind === "zone") onNews(`${what}: serial ${this.#copy!.times.serial} from ${text}`);
        return true;
      }
      onNews(`${what}: no copy from ${text}: ${why}`);
    }
    if (this.#copy !== undefined && time.nowMs() >= this.#copy.untilMs) {
      this.#copy = undefined;
      onCopy(undefined, 0);
      onNews(`${what}: the copy has expired`);
    }
    return false;
  }

  /** Takes what a source gave; says why it is of no use, where it is not. */
  #take(got: Transferred): string | undefined {
    if (got.kind === "failed") return got.why;
    const { zone: apex, digest, anchor, time } = this.#options;
    const nowMs = time.nowMs();
    if (got.kind === "current") {
      if (this.#copy === undefined) return "it says that nothing has changed";
      this.#copy.untilMs = nowMs + this.#copy.times.expireS * 1000;
      return undefined;
    }
    const terms = { nowS: time.wallS(), trustsSha1: false, work: new WorkBudget() };
    const check = checkZone(got.records, apex, { ...terms, anchor, digest });
    if (check.kind === "bad") return check.why;
    const before = this.#copy?.times.serial;
    if (before !== undefined && ((check.times.serial - before) | 0) < 0) return "it is older";
    const untilMs = nowMs + check.times.expireS * 1000;
    this.#copy = { zone: packZone(got.records), times: check.times, untilMs };
    return undefined;
  }
}
