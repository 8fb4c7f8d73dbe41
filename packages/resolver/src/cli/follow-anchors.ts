/** `lethe serve` and the rollovers of its trust anchors: from settings to the watch over them. */
import { wallS } from "../system/clock.ts";
import { AnchorWatch } from "../worker/anchor-watch.ts";
import type { KeysTold } from "../worker/options.ts";
import type { WorkerPool } from "../worker/pool.ts";
import { type Wrong, wrong } from "./command.ts";
import { complain } from "./print.ts";
import type { Place } from "./resolver-options.ts";
import type { Settings } from "./settings.ts";
import { type KeptAnchors, keptAnchorsOf } from "./trust-anchors.ts";

/** The place with the anchors that are trusted by now, and what keeps them so. */
export interface Followed {
  readonly place: Place;
  /** Takes what a worker tells. */
  heard(told: KeysTold): void;
  start(pool: WorkerPool): void;
  stop(): void;
}

/** Reads what was kept of the anchors, and makes sure that it can be kept. */
export function followAnchors(settings: Settings, place: Place): Followed | Wrong {
  if (place.anchors.length === 0 || !settings["resolve.anchor-rollover"]) return unfollowed(place);
  const kept = keptAnchorsOf(place.anchors, settings, wallS());
  if ("kind" in kept) return kept;
  const refusal = prepare(kept, settings);
  if (refusal !== undefined) return refusal;
  const { keeper } = kept;
  const watch = new AnchorWatch({ keeper, nowS: wallS, save: () => save(kept) });
  return {
    place: { ...place, anchors: keeper.anchors },
    heard: (told) => watch.heard(told),
    start: (pool) => watch.start(pool),
    stop: () => watch.stop(),
  };
}

function unfollowed(place: Place): Followed {
  return { place, heard: () => {}, start: () => {}, stop: () => {} };
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

/** What cannot be kept still counts: the next change is kept, or the next start looks anew. */
function save({ file, keeper }: KeptAnchors): void {
  const problem = file?.write(keeper.points);
  if (problem === undefined || file === undefined) return;
  complain(`${file.path}: the state of the trust anchors cannot be kept (${problem.why})`);
}
