/** Negative trust anchors as a configuration has them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { nameToText } from "@lethe/wire/name-text.ts";
import { limits } from "../base/limits.ts";
import { dateText } from "../dnssec/beliefs.ts";
import { wallS } from "../system/clock.ts";
import { isWrong, readConfiguration } from "./configuration.ts";
import { type NegativeSetting, negativeAnchorLines } from "./negative-anchor-settings.ts";

const KEY = "resolve.negative-trust-anchors";
const MAX_S = limits.negativeAnchorAheadMaxS.value;
const soon = dateText(wallS() + 3600);

function read(value: string): readonly NegativeSetting[] | string {
  const settings = readConfiguration({ file: undefined, sets: [`${KEY}=${value}`] });
  return isWrong(settings) ? settings.line : settings[KEY];
}

function one(zone: string, until: string, more = 'reason = "why"'): string {
  return `{ zone = "${zone}", until = ${until}, ${more} }`;
}

describe("a negative trust anchor", () => {
  const accepted: readonly (readonly [string, string, string])[] = [
    ["until a moment", one("Example.com.", soon), `example.com. ${soon}`],
    ["until a moment as text", one("example.com", `"${soon}"`), `example.com. ${soon}`],
    ["until a date that is past", one("a", "2020-02-03"), "a. 2020-02-03T00:00:00Z"],
    ["until a date as text", one("a", '"2020-02-03"'), "a. 2020-02-03T00:00:00Z"],
    ["of the root", one(".", soon), `. ${soon}`],
  ];
  for (const [title, value, expected] of accepted) {
    test(`is one ${title}`, () => {
      const [anchor] = read(`[${value}]`) as readonly NegativeSetting[];
      assert.equal(`${nameToText(anchor!.zone)} ${dateText(anchor!.untilS)}`, expected);
      assert.equal(anchor!.reason, "why");
      assert.equal(anchor!.isProbed, true);
    });
  }
  test("may go on although the zone validates", () => {
    const [anchor] = read(
      `[${one("a", soon, 'reason = "why", probe = false')}]`,
    ) as readonly NegativeSetting[];
    assert.equal(anchor!.isProbed, false);
  });
  const refused: readonly (readonly [string, string])[] = [
    ["without an end", '[{ zone = "a", reason = "why" }]'],
    ["without a reason", `[{ zone = "a", until = ${soon} }]`],
    ["with an empty reason", `[${one("a", soon, 'reason = ""')}]`],
    ["with an end that is no date", `[${one("a", '"tomorrow"')}]`],
    ["with a date that no month has", `[${one("a", '"2026-13-40"')}]`],
    ["with a word more", `[${one("a", soon, 'reason = "why", why = 1')}]`],
    ["twice", `[${one("a", soon)}, ${one("A.", soon)}]`],
    ["that is only a name", '["a"]'],
  ];
  for (const [title, value] of refused) {
    test(`is none ${title}`, () => {
      assert.match(read(value) as string, /expected zones like/);
    });
  }
  test("may end negativeAnchorAheadMaxS from now, and no later", () => {
    const until = (aheadS: number): string => `[${one("a", dateText(wallS() + aheadS))}]`;
    assert.equal(typeof read(until(MAX_S - 60)), "object");
    assert.match(read(until(MAX_S + 60)) as string, /expected for a\. an end at most 7 days ahead/);
  });
  test("is one of at most negativeAnchorsMax", () => {
    const max = limits.negativeAnchorsMax.value;
    const many = (count: number): string => {
      return `[${Array.from({ length: count }, (_, i) => one(`z${i}`, soon)).join(", ")}]`;
    };
    assert.equal(read(many(max)).length, max);
    assert.match(read(many(max + 1)) as string, /expected zones like/);
  });
});

test("a file holds them as tables of an array", () => {
  const directory = mkdtempSync(join(tmpdir(), "lethe-negative-"));
  const file = join(directory, "lethe.toml");
  const table = `[[${KEY}]]\nzone = "a"\nuntil = 2020-02-03\nreason = "first"\n`;
  writeFileSync(file, `${table}${table.replace('"a"', '"b"')}`);
  const settings = readConfiguration({ file, sets: [] });
  rmSync(directory, { recursive: true });
  assert.ok(!isWrong(settings), isWrong(settings) ? settings.line : "");
  assert.equal(settings[KEY].length, 2);
});

test("each is told at the start, with its end and its reason", () => {
  const all = read(`[${one("a", "2020-02-03")}, ${one("b", soon)}]`) as readonly NegativeSetting[];
  assert.deepEqual(negativeAnchorLines(all, wallS()), [
    "negative trust anchor: a. counts no more: it ended 2020-02-03T00:00:00Z (why)",
    `negative trust anchor: b. is taken as unsigned until ${soon} (why)`,
  ]);
});
