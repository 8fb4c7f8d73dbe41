/**
 * State files of Unbound's automatic trust anchors, as scenarios have them: what the resolver
 * begins with, and what must stand in its state at some moment.
 *
 *   ;;id: example.com. 1
 *   ;;last_success: 1251100000 ;;Mon Aug 24 07:46:40 2009
 *   example.com. 10800 IN DNSKEY 257 3 5 AwEA… ;{…} ;;state=2 [  VALID  ] ;;count=0 ;;lastchange=…
 *
 * The states and times of keys are facts that any resolver shares; the form is Unbound's own.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT, nameEqual } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import {
  type AnchorKey,
  type AnchorState,
  type TrustPoint,
  isDeleted,
  newTrustPoint,
} from "../src/dnssec/anchor-rollover.ts";
import { parseDs } from "../src/dnssec/ds.ts";
import type { Trust } from "../src/dnssec/judge-keys.ts";
import { type DnsKey, keyFlag, parseKey } from "../src/dnssec/key.ts";

const STATES: readonly AnchorState[] = [
  "start",
  "add-pending",
  "valid",
  "missing",
  "revoked",
  "removed",
];

interface FileKey {
  readonly zone: Name;
  readonly key: DnsKey;
  /** Undefined: a file that nobody has followed yet has none. */
  readonly state: AnchorState | undefined;
  readonly count: number;
  readonly changedS: number;
}

interface AutotrustFile {
  /** The times at its head by their names. */
  readonly times: ReadonlyMap<string, number>;
  readonly keys: readonly FileKey[];
  readonly ds: readonly { readonly zone: Name; readonly rdata: Uint8Array }[];
}

/** Reads a file; undefined where it is malformed. */
function readFile(lines: readonly string[]): AutotrustFile | undefined {
  const times = new Map<string, number>();
  const keys: FileKey[] = [];
  const ds: { zone: Name; rdata: Uint8Array }[] = [];
  for (const line of lines) {
    const head = /^;;(last_queried|last_success|next_probe_time): (\d+)/.exec(line);
    if (head !== null) times.set(head[1]!, Number(head[2]));
    if (line.startsWith(";")) continue;
    const file = readZoneFile(line.replace(/;.*$/, ""), { origin: ROOT, ttlS: 0 });
    if (!("records" in file)) return undefined;
    for (const { name: zone, type, rdata } of file.records) {
      if (type === rrType.DS) ds.push({ zone, rdata });
      const key = type === rrType.DNSKEY ? parseKey(unrevoked(rdata)) : undefined;
      if (key !== undefined) keys.push({ zone, key, ...stateIn(line) });
    }
  }
  return { times, keys, ds };
}

function stateIn(line: string): Pick<FileKey, "state" | "count" | "changedS"> {
  const state = /;;state=(\d)/.exec(line)?.[1];
  return {
    state: state === undefined ? undefined : STATES[Number(state)],
    count: Number(/;;count=(\d+)/.exec(line)?.[1] ?? 0),
    changedS: Number(/;;lastchange=(\d+)/.exec(line)?.[1] ?? 0),
  };
}

function unrevoked(rdata: Uint8Array): Uint8Array {
  const copy = rdata.slice();
  copy[1]! &= ~keyFlag.revoke;
  return copy;
}

/** The trust points that a file begins with; undefined where it is malformed. */
export function trustPointsIn(lines: readonly string[], nowS: number): TrustPoint[] | undefined {
  const file = readFile(lines);
  if (file === undefined) return undefined;
  const points: TrustPoint[] = [];
  for (const { zone } of [...file.keys, ...file.ds]) {
    if (points.some((point) => nameEqual(point.zone, zone))) continue;
    points.push(pointOf(zone, file, nowS));
  }
  return points;
}

function pointOf(zone: Name, file: AutotrustFile, nowS: number): TrustPoint {
  const own = file.keys.filter((one) => nameEqual(one.zone, zone));
  const followed = own.filter(({ state }) => state !== undefined);
  const ds = file.ds.filter((one) => nameEqual(one.zone, zone)).map(({ rdata }) => parseDs(rdata));
  const start: Trust = {
    ds: ds.filter((one) => one !== undefined),
    keys: own.filter(({ state }) => state === undefined).map(({ key }) => key),
  };
  const point = newTrustPoint(zone, start, file.times.get("next_probe_time") ?? nowS);
  if (followed.length === 0) return point;
  const keys = followed.map(({ key, state, count, changedS }): AnchorKey => {
    return { key, state: state!, changedS, sightings: count };
  });
  return {
    ...point,
    keys,
    lookedS: file.times.get("last_queried") ?? 0,
    provenS: file.times.get("last_success") ?? 0,
  };
}

/**
 * What a state has otherwise than a file says: `-` lines of the file, `+` lines of the state.
 *
 * Keys, their states, since when, and how often those that wait were seen; when a set was last
 * proven; and when the next look is due, if the last was at the time that the file says: Unbound
 * does not write it down where no keys came.
 */
export function stateDifferences(
  points: readonly TrustPoint[],
  lines: readonly string[],
): string[] {
  const file = readFile(lines);
  if (file === undefined) return ["-a file that can be read"];
  const expected = file.keys.flatMap(fileLine);
  const found = points.flatMap(stateLines);
  for (const point of points) {
    const { times } = file;
    compareTime("last_success", times, point.provenS, expected, found);
    if (times.get("last_queried") !== point.lookedS) continue;
    const nextS = isDeleted(point) ? 0 : point.nextLookS;
    compareTime("next_probe_time", times, nextS, expected, found);
  }
  return [
    ...expected.filter((line) => !found.includes(line)).map((line) => `-${line}`),
    ...found.filter((line) => !expected.includes(line)).map((line) => `+${line}`),
  ];
}

function compareTime(
  word: string,
  times: AutotrustFile["times"],
  value: number,
  expected: string[],
  found: string[],
): void {
  const time = times.get(word);
  if (time === undefined) return;
  expected.push(`${word} ${time}`);
  found.push(`${word} ${value}`);
}

function fileLine({ zone, key, state, count, changedS }: FileKey): string[] {
  return state === undefined
    ? [`${nameToText(zone)} ${key.tag} configured`]
    : [keyLine(zone, { key, state, changedS, sightings: count })];
}

function stateLines({ zone, keys, unseen }: TrustPoint): string[] {
  return [
    ...unseen.keys.map(({ tag }) => `${nameToText(zone)} ${tag} configured`),
    ...keys.map((one) => keyLine(zone, one)),
  ];
}

function keyLine(zone: Name, { key, state, changedS, sightings }: AnchorKey): string {
  const seen = state === "add-pending" ? `, seen ${sightings} times` : "";
  return `${nameToText(zone)} ${key.tag} ${state} since ${changedS}${seen}`;
}
