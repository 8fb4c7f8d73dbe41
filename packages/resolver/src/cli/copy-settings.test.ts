/** What a configuration may say of zones that are copied whole. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nameToText } from "@lethe/wire/name-text.ts";
import { limits } from "../base/limits.ts";
import { isWrong, readConfiguration } from "./configuration.ts";

function read(text: string, ...more: readonly string[]): ReturnType<typeof readConfiguration> {
  return readConfiguration({ file: undefined, sets: [`resolve.copy=[${text}]`, ...more] });
}

function textOf(text: string): string[] {
  const settings = read(text);
  assert.ok(!isWrong(settings), isWrong(settings) ? settings.line : "");
  return settings["resolve.copy"].map(({ zone, from, digest, orOthers, authoritative }) =>
    [
      nameToText(zone),
      ...from.map((one) => (one.kind === "file" ? one.path : one.text)),
      digest,
      ...(orOthers ? ["or others"] : []),
      ...(authoritative ? ["authoritative"] : []),
    ].join(" "),
  );
}

const accepted: readonly (readonly [string, string, readonly string[]])[] = [
  ["none", "", []],
  ["a server", '{ zone = "A.example", from = ["192.0.2.1"] }', ["a.example. 192.0.2.1 if-there"]],
  [
    "a file, then a server",
    '{ zone = "a", from = ["/a.zone", "[::1]:5300"], digest = "required" }',
    ["a. /a.zone [::1]:5300 required"],
  ],
  [
    "all that can be said",
    '{ zone = "a", from = ["./a"], digest = "ignored", or-others = true, authoritative = true }',
    ["a. ./a ignored or others authoritative"],
  ],
];

describe("copied zones", () => {
  for (const [title, text, expected] of accepted) {
    test(`may be ${title}`, () => assert.deepEqual(textOf(text), expected));
  }
});

const refused: readonly (readonly [string, string, string])[] = [
  ["without a source", '{ zone = "a" }', "expected copied zones like"],
  ["with none of its sources", '{ zone = "a", from = [] }', "expected copied zones like"],
  ["without a name", '{ from = ["/a"] }', "expected copied zones like"],
  ["with a source that is neither", '{ zone = "a", from = ["a"] }', "expected copied zones like"],
  ["with another word", '{ zone = "a", from = ["/a"], digest = "no" }', "expected copied zones"],
  ["with another key", '{ zone = "a", from = ["/a"], x = 1 }', "expected copied zones like"],
  [
    "that stands there twice",
    '{ zone = "a", from = ["/a"] }, { zone = "A", from = ["/b"] }',
    "once",
  ],
  ["that is the root", '{ zone = ".", from = ["/a"] }', "resolve.local-root"],
];

describe("a copied zone is refused", () => {
  for (const [title, text, why] of refused) {
    test(title, () => {
      const settings = read(text);
      assert.ok(isWrong(settings) && settings.line.includes(why), JSON.stringify(settings));
    });
  }

  test("that has servers of its own too", () => {
    const settings = read(
      '{ zone = "a", from = ["/a"] }',
      'resolve.forward=[{ zone = "a", servers = ["192.0.2.1"] }]',
    );
    assert.ok(isWrong(settings));
    assert.match(settings.line, /resolve\.forward = a\.: expected a zone that is no resolve\.copy/);
  });

  test("beyond copiedZonesMax", () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, i) => `{ zone = "z${i}", from = ["/z"] }`).join(", ");
    const max = limits.copiedZonesMax.value;
    assert.equal(textOf(many(max)).length, max);
    assert.ok(isWrong(read(many(max + 1))));
  });
});
