/** Views, as a configuration has them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { nameToText } from "@lethe/wire/name-text.ts";
import { limits } from "../base/limits.ts";
import { isWrong, readConfiguration } from "./configuration.ts";
import { type Place, resolverOptionsOf } from "./resolver-options.ts";

const place: Place = { rootHints: [], upstreamPort: 53, mayAskLoopback: false, anchors: [] };

const FILE = `
[[local]]
zone = "home.test"
records = ["printer A 192.0.2.1"]

[[resolve.forward]]
zone = "corp.example"
servers = ["192.0.2.53"]

[[view]]
networks = ["10.0.0.0/8", "fd00::/8"]

[[view.local]]
zone = "home.test"
records = ["printer A 10.0.0.1"]

[[view.local]]
zone = "more.test"
records = []

[[view]]
networks = ["192.168.0.0/16"]

[[view.stub]]
zone = "corp.example"
servers = ["192.168.0.53"]
`;

test("views have zones of their own, and everybody's but for those", () => {
  const directory = mkdtempSync(join(tmpdir(), "lethe-"));
  const file = join(directory, "lethe.toml");
  writeFileSync(file, FILE);
  const settings = readConfiguration({ file, sets: [] });
  rmSync(directory, { recursive: true });
  assert.ok(!isWrong(settings), isWrong(settings) ? settings.line : "");
  const { views = [] } = resolverOptionsOf(settings, place, 1);
  const [first, second] = views.map((view) => ({
    networks: view.networks.length,
    local: view.localZones.map(({ zone, records }) => `${nameToText(zone)} ${records.length}`),
    own: view.ownZones.map(nameToText),
    recursive: view.recursor?.configuredZones?.map((zone) => zone.recursive),
  }));
  assert.deepEqual(first, {
    networks: 2,
    local: ["home.test. 1", "more.test. 0"],
    own: ["corp.example."],
    recursive: undefined,
  });
  assert.deepEqual(second, {
    networks: 1,
    local: ["home.test. 1"],
    own: ["corp.example."],
    recursive: [false],
  });
  assert.equal(views[0]!.localZones[0]!.records[0]!.rdata[0], 10);
});

const many = Array.from({ length: limits.viewsMax.value + 1 }, (_, i) => {
  return `{ networks = ["10.0.${i}.0/24"] }`;
});
const servers = 'servers = ["::1"]';

const refused: readonly (readonly [string, string])[] = [
  ["no networks", "{ local = [] }"],
  ["an empty list of networks", "{ networks = [] }"],
  ["a network that is none", '{ networks = ["10.0.0.1/8"] }'],
  ["a network of another view", '{ networks = ["::/0"] }, { networks = ["::/0"] }'],
  ["a local zone that is none", '{ networks = ["::/0"], local = [{ records = [] }] }'],
  ["a stub zone that is none", '{ networks = ["::/0"], stub = [{ zone = "a" }] }'],
  [
    "a zone that is both stub and forward",
    `{ networks = ["::/0"], stub = [{ zone = "a", ${servers} }], ` +
      `forward = [{ zone = "A", ${servers} }] }`,
  ],
  ["a key that it does not have", '{ networks = ["::/0"], name = "a" }'],
  ["being a word", '"a"'],
  ["being one of too many", many.join(", ")],
];

describe("a view", () => {
  for (const [title, text] of refused) {
    test(`is refused for ${title}`, () => {
      const wrong = readConfiguration({ file: undefined, sets: [`view=[${text}]`] });
      assert.ok(isWrong(wrong));
      assert.match(wrong.line, /^view = .*: expected views like/);
    });
  }

  test("may be one of viewsMax", () => {
    const text = `view=[${many.slice(1).join(", ")}]`;
    assert.ok(!isWrong(readConfiguration({ file: undefined, sets: [text] })));
  });
});
