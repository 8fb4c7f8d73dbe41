/** What a second reading of the configuration changes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isWrong, readConfiguration } from "./configuration.ts";
import { type Reload, planReload } from "./reload.ts";
import { placeOf } from "./resolver-options.ts";
import type { Settings } from "./settings.ts";

function settingsOf(...sets: string[]): Settings {
  const settings = readConfiguration({ file: undefined, sets });
  assert.ok(!isWrong(settings));
  return settings;
}

function plan(before: readonly string[], after: readonly string[]): Reload {
  const planned = planReload(settingsOf(...before), settingsOf(...after), placeOf, 2);
  assert.ok(planned.kind === "reload");
  return planned;
}

const rows: readonly (readonly [title: string, sets: string[], Partial<Reload>])[] = [
  ["nothing", [], { changed: [], left: [], forgets: false }],
  ["access", ['access.allow=["10.0.0.0/8"]'], { changed: ["access.allow"], forgets: false }],
  ["identity", ["identity.server=b"], { changed: ["identity.server"], forgets: false }],
  ["a TTL bound", ["cache.ttl-ceiling=1h"], { changed: ["cache.ttl-ceiling"], forgets: true }],
  [
    "a stub zone",
    ['resolve.stub=[{zone="a.",servers=["127.0.0.1"]}]'],
    { changed: ["resolve.stub"], forgets: true },
  ],
  ["workers", ["resolve.workers=7"], { changed: [], left: ["resolve.workers"], forgets: false }],
];

for (const [title, sets, expected] of rows) {
  test(`${title}: what changes, what stays, what is forgotten`, () => {
    const { changed, left, forgets } = plan([], sets);
    assert.deepEqual({ changed, left, forgets }, { left: [], ...expected });
  });
}

test("what needs a restart keeps the value that it had, and is named each time", () => {
  const once = plan([], ["cache.size=16 MiB", "identity.server=b"]);
  assert.deepEqual(once.left, ["cache.size"]);
  assert.equal(once.settings["cache.size"], settingsOf()["cache.size"]);
  assert.equal(once.resolver.slow.identity.server, "b");
  const twice = planReload(once.settings, settingsOf("cache.size=16 MiB"), placeOf, 2);
  assert.ok(twice.kind === "reload");
  assert.deepEqual(twice.left, ["cache.size"]);
});

test("a configuration that is wrong is no plan", () => {
  const wrong = readConfiguration({ file: undefined, sets: ["cache.size=1"] });
  assert.deepEqual(planReload(settingsOf(), wrong, placeOf, 2), wrong);
  const noHints = settingsOf("resolve.root-hints=/nowhere");
  assert.match((planReload(settingsOf(), noHints, placeOf, 2) as { line: string }).line, /ENOENT/);
});
