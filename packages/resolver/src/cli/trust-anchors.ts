/** From settings to the trust anchors: those of a file, or those built in, as they are by now. */
import { readFileSync } from "node:fs";
import { nameToText } from "@lethe/wire/name-text.ts";
import { type TrustAnchor, readAnchors, rootAnchor } from "../dnssec/anchor.ts";
import { AnchorKeeper } from "../dnssec/anchor-keeper.ts";
import { newTrustPoint } from "../dnssec/anchor-rollover.ts";
import { whyInsecure } from "../dnssec/judge-keys.ts";
import { WorkBudget } from "../dnssec/work-budget.ts";
import { AnchorFile } from "../worker/anchor-file.ts";
import { type Wrong, wrong } from "./command.ts";
import type { Settings } from "./settings.ts";

/** The anchors in a file, or the root's where none is named. */
export function trustAnchorsOf(file: string | undefined): readonly TrustAnchor[] | Wrong {
  if (file === undefined) return [rootAnchor()];
  const where = `resolve.trust-anchors = ${file}`;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return wrong(`${where}: expected a file that can be read (${code})`);
  }
  const anchors = readAnchors(text);
  if ("kind" in anchors) {
    const line = anchors.line === 0 ? "" : `line ${anchors.line}: `;
    return wrong(`${where}: expected DS or DNSKEY records: ${line}${anchors.why}`);
  }
  // Such an anchor would leave its zone unsigned, which nobody means who names it.
  const useless = anchors.find((anchor) => !isUsable(anchor));
  if (useless === undefined) return anchors;
  const zone = nameToText(useless.zone);
  return wrong(`${where}: expected for ${zone} a key of an algorithm and digest that is checked`);
}

function isUsable(anchor: TrustAnchor): boolean {
  const terms = { nowS: undefined, trustsSha1: false, work: new WorkBudget() };
  return whyInsecure(anchor.zone, anchor, terms) === undefined;
}

/** Trust anchors as they are by now, and where they are kept. */
export interface KeptAnchors {
  readonly keeper: AnchorKeeper;
  /** Undefined: what is learnt ends with the process. */
  readonly file: AnchorFile | undefined;
  /** What is wrong with the state that was kept; undefined: nothing. */
  readonly complaint: string | undefined;
}

/**
 * The configured anchors where their rollovers were left (RFC 5011).
 *
 * A damaged state is complained of and not believed; the configured anchors count again.
 */
export function keptAnchorsOf(
  configured: readonly TrustAnchor[],
  settings: Settings,
  nowS: number,
): KeptAnchors | Wrong {
  const directory = settings["state.directory"];
  if (directory === undefined || !settings["resolve.anchor-rollover"]) {
    const points = configured.map(({ zone, ds, keys }) => newTrustPoint(zone, { ds, keys }, nowS));
    return { keeper: new AnchorKeeper(points), file: undefined, complaint: undefined };
  }
  const where = `state.directory = ${directory}`;
  const file = new AnchorFile(directory);
  const resumed = file.resume(configured, nowS);
  if ("kind" in resumed) {
    return wrong(`${where}: expected a state that can be read: ${file.path} (${resumed.why})`);
  }
  const { points, damage } = resumed;
  const complaint =
    damage === undefined
      ? undefined
      : `${file.path} is damaged (${damage}); the configured trust anchors count again`;
  return { keeper: new AnchorKeeper(points), file, complaint };
}
