/**
 * What `lethe serve` trusts as time goes by: anchors that roll over, and negative ones that end.
 *
 * It stands between the configuration and the workers: they are told what is trusted by now, at
 * the start, on a reload, and whenever something changes.
 */
import { isDeepStrictEqual } from "node:util";
import { AnchorKeeper } from "../dnssec/anchor-keeper.ts";
import { keptPoints, resumePoints } from "../dnssec/anchor-state.ts";
import { wallS } from "../system/clock.ts";
import { AnchorWatch } from "../worker/anchor-watch.ts";
import { NegativeWatch } from "../worker/negative-watch.ts";
import type { KeysTold, Probed } from "../worker/options.ts";
import type { WorkerPool } from "../worker/pool.ts";
import { type Wrong, wrong } from "./command.ts";
import {
  type NegativeSetting,
  negativeAnchorEnd,
  negativeAnchorLines,
} from "./negative-anchor-settings.ts";
import { complain } from "./print.ts";
import type { Place } from "./resolver-options.ts";
import type { Settings } from "./settings.ts";
import { type KeptAnchors, keptAnchorsOf } from "./trust-anchors.ts";

const NEGATIVE = "resolve.negative-trust-anchors";

export class TrustWatch {
  #configured: Settings;
  #place: Place;
  #kept: KeptAnchors;
  #anchors: AnchorWatch;
  #negative: NegativeWatch;
  /** Negative trust anchors of the configuration that have ended before their dates. */
  #ended: readonly NegativeSetting[] = [];

  /** Called when what is trusted may have changed. */
  onNews: () => void = () => {};

  private constructor(settings: Settings, place: Place, kept: KeptAnchors) {
    this.#configured = settings;
    this.#place = place;
    this.#kept = kept;
    this.#anchors = this.#newAnchorWatch();
    this.#negative = this.#newNegativeWatch();
  }

  /** Reads what was kept of the anchors, and makes sure that it can be kept. */
  static begin(settings: Settings, place: Place): TrustWatch | Wrong {
    const kept = keptAnchorsOf(place.anchors, settings, wallS());
    if ("kind" in kept) return kept;
    const refusal = prepare(kept, settings);
    if (refusal !== undefined) return refusal;
    sayNegative(settings);
    return new TrustWatch(settings, place, kept);
  }

  /** The place with the anchors that are trusted by now. */
  get place(): Place {
    return { ...this.#place, anchors: this.#kept.keeper.anchors };
  }

  /** The settings without the negative trust anchors that have ended. */
  get settings(): Settings {
    const left = this.#configured[NEGATIVE].filter((one) => !isIn(this.#ended, one));
    return { ...this.#configured, [NEGATIVE]: left };
  }

  /** Takes keys that a worker got. */
  heard(told: KeysTold): void {
    this.#anchors.heard(told);
  }

  /** Takes what a worker's probe found. */
  probed({ zone, validates }: Probed): void {
    this.#negative.heard(zone, validates);
  }

  /** Watches, with a pool that serves. */
  start(pool: WorkerPool): void {
    if (this.#configured["resolve.anchor-rollover"]) this.#anchors.start(pool);
    this.#negative.start(pool);
  }

  stop(): void {
    this.#anchors.stop();
    this.#negative.stop();
  }

  /** Goes by other settings, and goes on where it was; `start` begins to watch again. */
  reload(settings: Settings, place: Place): void {
    this.stop();
    const { keeper, file } = this.#kept;
    const points = resumePoints(place.anchors, keptPoints(keeper.points), wallS());
    this.#kept = { keeper: new AnchorKeeper(points), file, complaint: undefined };
    if (!isDeepStrictEqual(settings[NEGATIVE], this.#configured[NEGATIVE])) sayNegative(settings);
    this.#configured = settings;
    this.#place = place;
    this.#anchors = this.#newAnchorWatch();
    this.#negative = this.#newNegativeWatch();
    this.#save();
  }

  #newAnchorWatch(): AnchorWatch {
    const { keeper } = this.#kept;
    return new AnchorWatch({ keeper, nowS: wallS, save: () => this.#save() });
  }

  #newNegativeWatch(): NegativeWatch {
    return new NegativeWatch({
      negative: this.settings[NEGATIVE].filter(({ isProbed }) => isProbed),
      nowS: wallS,
      onEnd: (zone) => {
        const isOf = (one: NegativeSetting): boolean => isDeepStrictEqual(one.zone, zone);
        this.#ended = [...this.#ended, ...this.#configured[NEGATIVE].filter(isOf)];
        complain(negativeAnchorEnd(zone));
      },
    });
  }

  /** What cannot be kept still counts: the next change is kept, or the next start looks anew. */
  #save(): void {
    const { file, keeper } = this.#kept;
    this.onNews();
    const problem = file?.write(keeper.points);
    if (problem === undefined || file === undefined) return;
    complain(`${file.path}: the state of the trust anchors cannot be kept (${problem.why})`);
  }
}

function isIn(ended: readonly NegativeSetting[], one: NegativeSetting): boolean {
  return ended.some((other) => isDeepStrictEqual(other, one));
}

function sayNegative(settings: Settings): void {
  for (const line of negativeAnchorLines(settings[NEGATIVE], wallS())) complain(line);
}

/** Puts a damaged state aside, and writes the one that counts. */
function prepare({ file, keeper, complaint }: KeptAnchors, settings: Settings): Wrong | undefined {
  if (file === undefined) return undefined;
  const where = `state.directory = ${settings["state.directory"]}`;
  const unmade = file.prepare();
  if (unmade !== undefined) {
    return wrong(`${where}: expected a directory that can be made (${unmade.why})`);
  }
  if (complaint !== undefined) {
    file.putAside();
    complain(`${complaint}; it is kept as ${file.asidePath}`);
  }
  const problem = file.write(keeper.points);
  if (problem === undefined) return undefined;
  return wrong(`${where}: expected a directory that can be written to (${problem.why})`);
}
