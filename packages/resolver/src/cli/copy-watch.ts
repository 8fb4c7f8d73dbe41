/** Keeps the copies of zones that the settings want, and gives them to who answers. */
import { type Name, ROOT, nameEqual } from "@lethe/wire/name.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import { monotonicMs, wallS } from "../system/clock.ts";
import { ZoneKeeper } from "../worker/zone-keeper.ts";
import { zoneFile, zoneServer } from "../worker/zone-sources.ts";
import type { CopySetting } from "./copy-settings.ts";
import type { Settings } from "./settings.ts";

/** Who is given the copies, until monotonic times. */
export type OnCopy = (zone: Name, packed: SharedArrayBuffer | undefined, untilMs: number) => void;

export interface KeptCopies {
  /** Settles when each copy has been tried to be got once. */
  readonly started: Promise<unknown>;
  /** Looks for newer ones now, files among them. */
  again(): void;
  close(): void;
}

/** `anchors`: what is trusted at the time it is called. */
export function keepCopies(
  settings: Settings,
  anchors: () => readonly TrustAnchor[],
  onCopy: OnCopy,
  onNews: (line: string) => void,
): KeptCopies {
  const ending = new AbortController();
  const keepers = copiesWanted(settings).map(({ zone, from, digest }) => {
    return new ZoneKeeper({
      zone,
      digest,
      sources: from.map((one) =>
        one.kind === "file"
          ? zoneFile(zone, one.path)
          : zoneServer(zone, one.text, one.server, settings["resolve.outgoing"], ending.signal),
      ),
      get anchor() {
        return anchors().find((anchor) => nameEqual(anchor.zone, zone));
      },
      time: { nowMs: monotonicMs, wallS, after },
      onCopy: (packed, untilMs) => onCopy(zone, packed, untilMs),
      onNews,
    });
  });
  return {
    started: Promise.all(keepers.map((keeper) => keeper.start())),
    again: () => {
      for (const keeper of keepers) keeper.again();
    },
    close: () => {
      ending.abort();
      for (const keeper of keepers) keeper.close();
    },
  };
}

type Wanted = Pick<CopySetting, "zone" | "from" | "digest">;

/** The root's copy is proven as a whole or not used (decision 37). */
function copiesWanted(settings: Settings): Wanted[] {
  const from = settings["resolve.local-root"];
  const root: Wanted[] = from.length === 0 ? [] : [{ zone: ROOT, from, digest: "required" }];
  return [...root, ...settings["resolve.copy"]];
}

function after(ms: number, done: () => void): () => void {
  const timer = setTimeout(done, ms);
  return () => clearTimeout(timer);
}
