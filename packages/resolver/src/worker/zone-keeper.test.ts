/** The copy of a zone over days: when it is got again, and when it is used no more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { ROOT } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { sandboxRootZone } from "../../sim/sandbox-root.ts";
import { sandboxTrustAnchors } from "../../sim/sandbox-signing.ts";
import { VirtualTime } from "../../sim/virtual-time.ts";
import { limits } from "../base/limits.ts";
import { readAnchors } from "../dnssec/anchor.ts";
import type { Transferred } from "../upstream/zone-transfer.ts";
import { ZoneKeeper } from "./zone-keeper.ts";

const NOW_S = 1_800_000_000;
/** Of the sandbox's root. */
const REFRESH_S = 1800;
const RETRY_S = 900;
const EXPIRE_S = 604_800;

const read = readAnchors(sandboxTrustAnchors());
assert.ok(!("kind" in read));
const anchor = read[0];

function zoneOf(serial: number): Transferred {
  return { kind: "zone", records: sandboxRootZone({ nowS: NOW_S, serial }) };
}

const first = zoneOf(1);
const second = zoneOf(2);
const dead: Transferred = { kind: "failed", why: "dead" };
const current: Transferred = { kind: "current" };

/** A copy of the first zone with another time to come again; only its digest counts. */
function forged(): Transferred {
  assert.ok(first.kind === "zone");
  const records = first.records.map((record): ResourceRecord => {
    return record.type === rrType.A ? { ...record, ttl: 1 } : record;
  });
  return { kind: "zone", records };
}

interface Kept {
  readonly time: VirtualTime;
  readonly keeper: ZoneKeeper;
  /** What sources were asked, with the serial at hand. */
  readonly asked: string[];
  readonly news: string[];
  /** Seconds until which the copy is used; undefined: there is none. */
  readonly until: (number | undefined)[];
  /** Lets seconds pass. */
  readonly pass: (seconds: number) => Promise<void>;
}

/** A keeper whose sources give these one after the other, the last for ever. */
function keep(...sources: readonly (readonly Transferred[])[]): Kept {
  const time = new VirtualTime();
  const asked: string[] = [];
  const news: string[] = [];
  const until: (number | undefined)[] = [];
  const left = sources.map((given) => [...given]);
  const keeper = new ZoneKeeper({
    zone: ROOT,
    digest: "required",
    sources: left.map((given, i) => ({
      text: `source ${i}`,
      fetch: (serial) => {
        asked.push(`${i} ${serial ?? "none"}`);
        return Promise.resolve(given.length > 1 ? given.shift()! : given[0]!);
      },
    })),
    anchor,
    time: {
      nowMs: () => time.nowMs,
      wallS: () => NOW_S + time.nowMs / 1000,
      after: (ms, done) => time.after(ms, done),
    },
    onCopy: (zone, untilMs) => until.push(zone && Math.round(untilMs / 1000)),
    onNews: (line) => news.push(line),
  });
  const pass = async (seconds: number): Promise<void> => {
    time.runUntil(time.nowMs + seconds * 1000);
    // A refresh waits for promises only, of which there are a few.
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { time, keeper, asked, news, until, pass };
}

test("a copy is looked after at each refresh, and lives on where nothing has changed", async () => {
  const { keeper, asked, until, news, pass } = keep([first, current, current]);
  await keeper.start();
  await pass(REFRESH_S - 1);
  assert.deepEqual(asked, ["0 none"]);
  await pass(1);
  await pass(REFRESH_S);
  assert.deepEqual(asked, ["0 none", "0 1", "0 1"]);
  assert.deepEqual(until, [EXPIRE_S, EXPIRE_S + REFRESH_S, EXPIRE_S + 2 * REFRESH_S]);
  assert.deepEqual(news, ["root: serial 1 from source 0"]);
});

test("a newer zone takes the place of the copy, an older one does not", async () => {
  const { keeper, asked, news, pass } = keep([first, second, first]);
  await keeper.start();
  await pass(REFRESH_S);
  await pass(REFRESH_S);
  assert.deepEqual(asked, ["0 none", "0 1", "0 2"]);
  assert.equal(news.at(-1), "root: no copy from source 0: it is older");
});

test("the next source is asked where one has none, or one that is not believed", async () => {
  const { keeper, asked, news, until } = keep([dead], [forged()], [current], [first]);
  await keeper.start();
  assert.deepEqual(asked, ["0 none", "1 none", "2 none", "3 none"]);
  assert.deepEqual(news, [
    "root: no copy from source 0: dead",
    "root: no copy from source 1: its digest is another's",
    "root: no copy from source 2: it says that nothing has changed",
    "root: serial 1 from source 3",
  ]);
  assert.deepEqual(until, [EXPIRE_S]);
});

test("without any, all are tried again after zoneRetryS", async () => {
  const { keeper, asked, until, pass } = keep([dead, first]);
  await keeper.start();
  await pass(limits.zoneRetryS.value - 1);
  assert.deepEqual(asked, ["0 none"]);
  await pass(1);
  assert.deepEqual(asked, ["0 none", "0 none"]);
  assert.equal(until.length, 1);
});

test("a newer copy is looked for at once where that is wanted", async () => {
  const { keeper, asked, pass } = keep([first, current]);
  await keeper.start();
  keeper.again();
  await pass(1);
  assert.deepEqual(asked, ["0 none", "0 1"]);
  keeper.close();
  keeper.again();
  await pass(1);
  assert.equal(asked.length, 2);
});

test("where no newer one can be had, retries follow until the copy expires", async () => {
  const { keeper, asked, until, news, pass } = keep([first, dead]);
  await keeper.start();
  await pass(REFRESH_S);
  assert.equal(asked.length, 2);
  for (let s = REFRESH_S; s < EXPIRE_S; s += RETRY_S) await pass(RETRY_S);
  assert.ok(asked.length > 600);
  assert.deepEqual(until, [EXPIRE_S, undefined]);
  assert.match(news.at(-1)!, /expired|dead/);
  assert.ok(news.includes("root: the copy has expired"));
});

const { zoneRefreshMinS, zoneRefreshMaxS } = limits;

for (const [refreshS, waitS] of [
  [1, zoneRefreshMinS.value],
  [zoneRefreshMinS.value, zoneRefreshMinS.value],
  [zoneRefreshMaxS.value, zoneRefreshMaxS.value],
  [10 * zoneRefreshMaxS.value, zoneRefreshMaxS.value],
] as const) {
  test(`a zone that says ${refreshS} seconds is looked after in ${waitS}`, async () => {
    const records = sandboxRootZone({ nowS: NOW_S, refreshS });
    const { keeper, asked, pass } = keep([{ kind: "zone", records }, current]);
    await keeper.start();
    await pass(waitS - 1);
    assert.equal(asked.length, 1);
    await pass(1);
    assert.equal(asked.length, 2);
  });
}

test("a keeper that is closed asks no more", async () => {
  const { keeper, asked, pass } = keep([first]);
  await keeper.start();
  keeper.close();
  await pass(10 * REFRESH_S);
  assert.equal(asked.length, 1);
});
