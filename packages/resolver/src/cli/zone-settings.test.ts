/** Stub and forward zones and negative trust anchors, as a configuration has them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { nameToText } from "@lethe/wire/name-text.ts";
import { sandboxTrustAnchors } from "../../sim/sandbox-signing.ts";
import { plainName } from "../serve/local-answers.ts";
import { ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { isWrong, readConfiguration } from "./configuration.ts";
import {
  type Place,
  placeInside,
  recursorOptionsOf,
  resolverOptionsOf,
} from "./resolver-options.ts";
import type { Settings } from "./settings.ts";

function settingsOf(...sets: readonly string[]): Settings {
  const settings = readConfiguration({ file: undefined, sets });
  assert.ok(!isWrong(settings), isWrong(settings) ? settings.line : "");
  return settings;
}

function complaintOf(...sets: readonly string[]): string {
  const complaint = readConfiguration({ file: undefined, sets });
  assert.ok(isWrong(complaint), "the configuration was accepted");
  return complaint.line;
}

const place = placeInside({ rootHints: [], port: 53, trustAnchors: sandboxTrustAnchors() });

/** What the recursor is told of zones, in text. */
function zonesIn(settings: Settings): string[] {
  return (recursorOptionsOf(settings, place).configuredZones ?? []).map((one) => {
    const servers = one.servers.map(({ ip, port }) => `${ipToText(ip)} ${port}`);
    const words = [
      ...(one.orOthers ? ["or others"] : []),
      ...(one.overTcp ? ["over TCP"] : []),
      ...(one.isUncached ? ["not cached"] : []),
    ];
    const kind = one.recursive ? "forward" : "stub";
    return [nameToText(one.zone), kind, ...servers, ...words].join(", ");
  });
}

/** A zone with its servers in the form of a file. */
function zone(name: string, ...servers: readonly string[]): string {
  return `{ zone = "${name}", servers = ${JSON.stringify(servers)} }`;
}

const accepted: readonly (readonly [string, string, readonly string[]])[] = [
  ["an IPv4 address", zone("a.example", "192.0.2.1"), ["a.example., stub, 192.0.2.1 53"]],
  ["a port", zone("bench.test", "127.0.0.53:5300"), ["bench.test., stub, 127.0.0.53 5300"]],
  ["an IPv6 address", zone("a", "2001:db8::1"), ["a., stub, 2001:db8::1 53"]],
  ["an IPv6 address and port", zone("a", "[2001:db8::1]:5300"), ["a., stub, 2001:db8::1 5300"]],
  ["several", zone("a", "192.0.2.1", "192.0.2.2:54"), ["a., stub, 192.0.2.1 53, 192.0.2.2 54"]],
  ["a name in capitals with a dot", zone("Corp.Example.", "::1"), ["corp.example., stub, ::1 53"]],
  ["the root", zone(".", "192.0.2.1"), ["., stub, 192.0.2.1 53"]],
  ["no zone at all", "", []],
  [
    "nothing kept",
    '{ zone = "a", servers = ["::1"], cached = false }',
    ["a., stub, ::1 53, not cached"],
  ],
  [
    "others to ask, and TCP",
    '{ zone = "a", servers = ["::1"], or-others = true, over-tcp = true }',
    ["a., stub, ::1 53, or others, over TCP"],
  ],
];

const tooManyServers = Array.from(
  { length: limits.serversPerConfiguredZoneMax.value + 1 },
  () => "::1",
);
const tooManyZones = Array.from({ length: limits.configuredZonesMax.value + 1 }, (_, i) => {
  return zone(`z${i}`, "::1");
});

/** Zones that are refused, and what the line must hold. */
const refused: readonly (readonly [string, string, string])[] = [
  ["no servers", zone("a"), "expected zones like"],
  ["too many servers", zone("a", ...tooManyServers), "expected zones like"],
  ["too many zones", tooManyZones.join(", "), "expected zones like"],
  ["a server by name", zone("a", "ns.example"), "expected zones like"],
  ["a port of zero", zone("a", "192.0.2.1:0"), "expected zones like"],
  ["a port beyond the last", zone("a", "192.0.2.1:65536"), "expected zones like"],
  ["an IPv4 address in brackets", zone("a", "[192.0.2.1]:53"), "expected zones like"],
  ["a name with an empty label", zone("a..b", "192.0.2.1"), "expected zones like"],
  ["a zone twice", `${zone("a", "::1")}, ${zone("A", "::1")}`, "each once"],
  [
    "a key that it does not have",
    '{ zone = "a", servers = ["::1"], x = 1 }',
    "expected zones like",
  ],
  ["a word", '"a"', "expected zones like"],
  ["no name", '{ servers = ["::1"] }', "expected zones like"],
  ["half a yes", '{ zone = "a", servers = ["::1"], or-others = "yes" }', "expected zones like"],
  ["a server over TLS", zone("a", "tls://192.0.2.2#dns.example"), "not built yet"],
];

describe("a configured zone", () => {
  for (const [title, text, expected] of accepted) {
    test(`may have ${title}`, () => {
      assert.deepEqual(zonesIn(settingsOf(`resolve.stub=[${text}]`)), expected);
      const forwards = expected.map((one) => one.replace("stub", "forward"));
      assert.deepEqual(zonesIn(settingsOf(`resolve.forward=[${text}]`)), forwards);
    });
  }

  for (const [title, text, part] of refused) {
    test(`is refused for ${title}`, () => {
      const line = complaintOf(`resolve.forward=[${text}]`);
      assert.ok(line.startsWith("resolve.forward = ") && line.includes(part), line);
    });
  }

  test("is a stub or a forward zone, not both", () => {
    const line = complaintOf(
      `resolve.stub=[${zone("corp.example", "::1")}]`,
      `resolve.forward=[${zone("corp.example", "::1")}]`,
    );
    assert.match(line, /^resolve\.forward = corp\.example\.: expected a zone that is no resolve/);
  });

  test("is read from tables of a file, and wins over the special names", () => {
    const directory = mkdtempSync(join(tmpdir(), "lethe-"));
    const file = join(directory, "lethe.toml");
    const stub = '[[resolve.stub]]\nzone = "bench.test"\nservers = ["127.0.0.53:5300"]\n';
    const forward = '[[resolve.forward]]\nzone = "corp.example"\nservers = ["192.0.2.1"]\n';
    writeFileSync(file, stub + forward);
    const settings = readConfiguration({ file, sets: [] });
    rmSync(directory, { recursive: true });
    assert.ok(!isWrong(settings));
    assert.deepEqual(zonesIn(settings), [
      "bench.test., stub, 127.0.0.53 5300",
      "corp.example., forward, 192.0.2.1 53",
    ]);
    const { ownZones } = resolverOptionsOf(settings, place, 1).slow;
    assert.deepEqual(ownZones?.map(nameToText), ["bench.test.", "corp.example."]);
  });
});

/** Local zones that are refused. */
const refusedLocal: readonly (readonly [string, string])[] = [
  ["no name", "{ records = [] }"],
  ["records that are none", '{ zone = "a", records = "host A 192.0.2.1" }'],
  ["a type that is none", '{ zone = "a", no-types = ["B"] }'],
  ["a record that is none", '{ zone = "a", records = ["host A here"] }'],
  ["a record outside it", '{ zone = "a", records = ["b. A 192.0.2.1"] }'],
  ["a record of another class", '{ zone = "a", records = ["@ CH TXT x"] }'],
  ["a word that it does not know", '{ zone = "a", records = [], others = "ask" }'],
  ["a key that it does not have", '{ zone = "a", records = [], x = 1 }'],
  ["standing there twice", '{ zone = "a", records = [] }, { zone = "A", records = [] }'],
  [
    "too many records",
    `{ zone = "a", records = ${JSON.stringify(
      Array.from({ length: limits.localRecordsMax.value + 1 }, () => "@ A 192.0.2.1"),
    )} }`,
  ],
];

describe("a local zone", () => {
  test("has records in the form of a zone file, relative to it", () => {
    const text = '{ zone = "Home.test", records = ["host A 192.0.2.1", "@ 60 TXT x"] }';
    const [home] = resolverOptionsOf(settingsOf(`local=[${text}]`), place, 1).slow.localZones!;
    assert.equal(nameToText(home!.zone), "home.test.");
    assert.equal(home!.others, "no-name");
    assert.deepEqual(
      home!.records.map(({ name, ttl }) => [nameToText(name), ttl]),
      [
        ["host.home.test.", 3600],
        ["home.test.", 60],
      ],
    );
  });

  for (const [title, text] of refusedLocal) {
    test(`is refused for ${title}`, () => {
      assert.match(complaintOf(`local=[${text}]`), /^local = .*: expected local zones like/);
    });
  }
});

describe("negative trust anchors", () => {
  test("are names", () => {
    const { validation } = recursorOptionsOf(settingsOf('resolve.insecure=["Bench.test"]'), place);
    assert.deepEqual(validation?.insecure.map(nameToText), ["bench.test."]);
  });

  test("name the configured zones at special-use names too, but for those with an anchor", () => {
    const zones = ["bench.test", "home.arpa", "corp.example.com"].map((one) => zone(one, "::1"));
    const settings = settingsOf(`resolve.stub=[${zones.join(", ")}]`);
    const insecureOf = (anchors: Place["anchors"]): string[] | undefined =>
      recursorOptionsOf(settings, { ...place, anchors }).validation?.insecure.map(nameToText);
    assert.deepEqual(insecureOf(place.anchors), ["bench.test.", "home.arpa."]);
    const anchored = { ...place.anchors[0]!, zone: plainName("bench.test.") };
    assert.deepEqual(insecureOf([...place.anchors, anchored]), ["home.arpa."]);
  });

  test("count for nothing where nothing is validated", () => {
    const settings = settingsOf("resolve.validate=false");
    assert.equal(recursorOptionsOf(settings, place).validation, undefined);
  });

  test("are refused where one is no name, or where they are too many", () => {
    assert.match(complaintOf('resolve.insecure=["a..b"]'), /a list of domain names/);
    const many = Array.from({ length: limits.insecureZonesMax.value + 1 }, () => "a");
    assert.match(complaintOf(`resolve.insecure=${JSON.stringify(many)}`), /domain names/);
  });
});
