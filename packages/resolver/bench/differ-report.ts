/** What a comparison of validators came to: differences in lines, and a table. */
import { explanation } from "./differ-known.ts";
import type { Told } from "./differ.ts";

/** Who else is compared: the resolvers but Lethe. */
function peersOf({ said }: Told): string[] {
  return Object.keys(said).filter((name) => name !== "lethe");
}

/** Says whether any peer says something else than Lethe. */
export function isDifferent(told: Told): boolean {
  return peersOf(told).some((peer) => told.said[peer] !== told.said["lethe"]);
}

/** Peers that say something else than Lethe, and nothing is known that explains it. */
export function unexplained(told: Told): string[] {
  return peersOf(told).filter(
    (peer) => told.said[peer] !== told.said["lethe"] && explanation(told, peer) === undefined,
  );
}

/** Says whether all peers say the same, and Lethe something else. */
export function isAlone(told: Told): boolean {
  const peers = peersOf(told);
  return isDifferent(told) && new Set(peers.map((peer) => told.said[peer])).size === 1;
}

/** One difference in lines: what was said, of what zone, why, and how to have it again. */
export function differenceLines(told: Told): string[] {
  const { zone, question, said } = told;
  const { algorithm, denial, keys, ds, fault } = zone.recipe;
  const all = Object.entries(said).map(([name, what]) => `${name} ${what}`);
  if (told.reason !== "") all[0] += ` (${told.reason})`;
  const why = peersOf(told)
    .filter((peer) => said[peer] !== said["lethe"])
    .map((peer) => `${peer}: ${explanation(told, peer)?.title ?? "not explained"}`);
  return [
    `${isAlone(told) ? "alone " : ""}${question.name} ${question.type}: ${all.join(", ")}`,
    `    ${question.what}; algorithm ${algorithm}; ${denial}; ${keys}; ds ${ds}; fault: ${fault}`,
    `    ${why.join("; ")}`,
    `    lethe bench differ --zones 1 --seed ${zone.seed}`,
  ];
}

/** How often each peer says what Lethe says, and what it says where it does not. */
export function agreementRows(all: readonly Told[]): string[][] {
  const rows = [["peer", "the same", "of", "", "lethe", "the peer", "times"]];
  const first = all[0];
  for (const peer of first === undefined ? [] : peersOf(first)) {
    const same = all.filter(({ said }) => said["lethe"] === said[peer]).length;
    const percent = `${((100 * same) / all.length).toFixed(2)} %`;
    rows.push([peer, String(same), String(all.length), percent, "", "", ""]);
    const pairs = new Map<string, number>();
    for (const { said } of all) {
      if (said["lethe"] === said[peer]) continue;
      const pair = `${said["lethe"]}\t${said[peer]}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
    for (const [pair, times] of [...pairs].toSorted((a, b) => b[1] - a[1])) {
      const [ours, theirs] = pair.split("\t") as [string, string];
      rows.push(["", "", "", "", ours, theirs, String(times)]);
    }
  }
  return rows;
}

/** How often each peer differs for each reason that is known, or for none. */
export function reasonRows(all: readonly Told[]): string[][] {
  const counts = new Map<string, number>();
  for (const told of all) {
    for (const peer of peersOf(told)) {
      if (told.said[peer] === told.said["lethe"]) continue;
      const reason = `${peer}\t${explanation(told, peer)?.title ?? "not explained"}`;
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  const rows = [...counts].toSorted((a, b) => a[0].localeCompare(b[0]));
  return [
    ["peer", "why it differs", "times"],
    ...rows.map(([reason, times]) => [...reason.split("\t"), String(times)]),
  ];
}
