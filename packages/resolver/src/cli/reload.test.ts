/** What a second reading of the configuration changes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isWrong, readConfiguration } from "./configuration.ts";
import { type Wrong, wrong } from "./command.ts";
import { type InForce, type Reload, planReload } from "./reload.ts";
import { placeOf } from "./resolver-options.ts";
import type { Settings } from "./settings.ts";

function settingsOf(...sets: string[]): Settings {
  const settings = readConfiguration({ file: undefined, sets });
  assert.ok(!isWrong(settings));
  return settings;
}

function inForce(...sets: string[]): InForce {
  const settings = settingsOf(...sets);
  const place = placeOf(settings);
  assert.ok(!isWrong(place));
  return { settings, place };
}

function plan(...sets: string[]): Reload | Wrong {
  return planReload(inForce(), settingsOf(...sets), placeOf, 2);
}

const rows: readonly (readonly [title: string, sets: string[], Partial<Reload>])[] = [
  ["nothing", [], { changed: [], forgets: false }],
  ["access", ['access.allow=["10.0.0.0/8"]'], { changed: ["access.allow"], forgets: false }],
  ["identity", ["identity.server=b"], { changed: ["identity.server"], forgets: false }],
  ["a TTL bound", ["cache.ttl-ceiling=1h"], { changed: ["cache.ttl-ceiling"], forgets: true }],
  [
    "a stub zone",
    ['resolve.stub=[{zone="a.",servers=["127.0.0.1"]}]'],
    { changed: ["resolve.stub"], forgets: true },
  ],
];

for (const [title, sets, expected] of rows) {
  test(`${title}: what changes, and whether the caches forget`, () => {
    const planned = plan(...sets);
    assert.ok(planned.kind === "reload");
    const { changed, forgets } = planned;
    assert.deepEqual({ changed, forgets }, expected);
  });
}

test("what needs a restart is named, and nothing changes at all", () => {
  assert.deepEqual(
    plan("cache.size=16 MiB", "identity.server=b", "resolve.workers=7"),
    wrong("a restart is needed for resolve.workers, cache.size"),
  );
});

test("a change of what is listened at needs a restart, whatever is spoken there", () => {
  for (const change of [
    "listen.tls=[]",
    "listen.https=[]",
    "listen.quic=[]",
    "listen.http3=false",
  ]) {
    assert.deepEqual(plan(change), wrong(`a restart is needed for ${change.split("=")[0]}`));
  }
});

test("a configuration that is wrong is no plan", () => {
  const bad = readConfiguration({ file: undefined, sets: ["cache.size=1"] });
  assert.deepEqual(planReload(inForce(), bad, placeOf, 2), bad);
  assert.match((plan("resolve.root-hints=/nowhere") as Wrong).line, /ENOENT/);
});

test("root hints that changed in their file make the caches forget", () => {
  const before = inForce();
  const place = { ...before.place, rootHints: before.place.rootHints.slice(1) };
  const planned = planReload(before, before.settings, () => place, 2);
  assert.ok(planned.kind === "reload");
  assert.deepEqual([planned.forgets, planned.changed, planned.place], [true, [], place]);
});
