/** From settings to what a resolver is told. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toHex } from "@lethe/wire/bytes.ts";
import { isWrong, readConfiguration } from "./configuration.ts";
import { type Place, recursorOptionsOf, resolverOptionsOf } from "./resolver-options.ts";
import type { Settings } from "./settings.ts";

const place: Place = {
  rootHints: [],
  upstreamPort: 53,
  mayAskLoopback: false,
  anchors: [],
  tlsTrust: { kind: "authorities", roots: undefined },
};

function settingsOf(...sets: readonly string[]): Settings {
  const settings = readConfiguration({ file: undefined, sets });
  assert.ok(!isWrong(settings), isWrong(settings) ? settings.line : "");
  return settings;
}

describe("cookies", () => {
  const cases: readonly (readonly [string, readonly string[], boolean])[] = [
    ["are shown to servers", [], true],
    ["are not where the setting says so", ["resolve.cookies=false"], false],
    ["are from one address of each family", ['resolve.outgoing=["192.0.2.1", "::1"]'], true],
    ["are not from two of one family", ['resolve.outgoing=["192.0.2.1", "192.0.2.2"]'], false],
  ];
  for (const [title, sets, expected] of cases) {
    test(title, () => {
      assert.equal(recursorOptionsOf(settingsOf(...sets), place).cookies, expected);
    });
  }

  test("for clients are made with a secret of the settings, or a new one", () => {
    const digits = "000102030405060708090a0b0c0d0e0f";
    const given = settingsOf(`listen.cookie-secret="${digits}"`);
    assert.equal(toHex(resolverOptionsOf(given, place, 1).cookieSecret!), digits);
    const random = (): string => toHex(resolverOptionsOf(settingsOf(), place, 1).cookieSecret!);
    assert.notEqual(random(), random());
  });

  test("are not made with half a secret", () => {
    const wrong = readConfiguration({ file: undefined, sets: ['listen.cookie-secret="0001"'] });
    assert.ok(isWrong(wrong) && wrong.line.includes("32 hex digits"));
  });
});
