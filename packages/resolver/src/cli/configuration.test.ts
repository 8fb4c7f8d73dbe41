/** What a configuration may say, and the one line for each thing that it may not. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { limits } from "../base/limits.ts";
import { isWrong, readConfiguration } from "./configuration.ts";
import type { Settings } from "./settings.ts";

function settingsOf(sets: readonly string[], file?: string): Settings {
  const settings = readConfiguration({ file, sets });
  assert.ok(!isWrong(settings), isWrong(settings) ? settings.line : "");
  return settings;
}

function complaintOf(sets: readonly string[], file?: string): string {
  const complaint = readConfiguration({ file, sets });
  assert.ok(isWrong(complaint), "the configuration was accepted");
  return complaint.line;
}

function withFile(content: string, use: (file: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "lethe-"));
  const file = join(directory, "lethe.toml");
  writeFileSync(file, content);
  try {
    use(file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * `--set` arguments that are refused, and what the line must hold: key, value, what was expected.
 */
const refused: readonly (readonly [string, string, readonly string[]])[] = [
  ["an unknown key", "resolve.upstream-prt=53", ["resolve.upstream-prt = 53", "lethe config"]],
  ["an unknown table", "colour=1", ["colour = 1"]],
  ["no value", "resolve.minimise", ["key=value"]],
  ["a port beyond the last", "resolve.upstream-port=65536", ["65536", "1 to 65535"]],
  ["a port of zero", "resolve.upstream-port=0", ["1 to 65535"]],
  ["a port in words", "resolve.upstream-port=dns", ['"dns"', "1 to 65535"]],
  ["a half", "resolve.workers=0.5", ["0.5", "whole number"]],
  ["a word for a truth", "resolve.minimise=yes", ['"yes"', "true or false"]],
  ["a size without its unit", "cache.size=1000000", ["1000000", "256 MiB"]],
  ["a time with a strange unit", 'cache.ttl-ceiling="1y"', ['"1y"', "24h"]],
  ["one address for a list", "listen.dns=127.0.0.1:53", ["list of addresses"]],
  ["an address without a port", 'listen.dns=["127.0.0.1"]', ["list of addresses"]],
  ["an IPv6 address without brackets", 'listen.dns=["::1:53"]', ["list of addresses"]],
  ["an IPv4 address in brackets", 'listen.dns=["[127.0.0.1]:53"]', ["list of addresses"]],
  ["no address at all", "listen.dns=[]", ["listen.dns", "address"]],
  ["a network with bits behind its end", 'access.allow=["10.0.0.1/8"]', ["networks"]],
  ["a network longer than an address", 'access.allow=["10.0.0.0/33"]', ["networks"]],
  ["a name for a network", 'access.allow=["home"]', ["networks"]],
  ["a word that is none of the choices", "access.others=ignore", ['"refuse" or "drop"']],
  ["a level that is not built", "privacy.level=N1", ['"N0"']],
  ["a key of a part that is not built", 'listen.metrics=["127.0.0.1:1"]', ["not built yet"]],
  ["an odd number of hex digits", 'identity.nsid="0x123"', ["0x123", "hex digits"]],
  ["neither family", "resolve.ipv4=false", ["resolve.ipv4"]],
];

describe("a configuration", () => {
  test("has a working default for every setting", () => {
    const settings = settingsOf([]);
    assert.deepEqual(
      settings["listen.dns"].map((one) => one.text),
      ["127.0.0.1:5335", "[::1]:5335"],
    );
    assert.equal(settings["cache.size"], 256 * 2 ** 20);
    assert.equal(settings["cache.ttl-ceiling"], 86400);
    assert.equal(settings["cache.negative-ttl-ceiling"], 3600);
    assert.equal(settings["identity.server"], undefined);
  });

  for (const [title, assignment, parts] of refused) {
    test(`is refused for ${title}, in one line that says what was expected`, () => {
      const sets = title === "neither family" ? ["resolve.ipv6=false", assignment] : [assignment];
      const line = complaintOf(sets);
      assert.ok(!line.includes("\n"));
      for (const part of parts) assert.ok(line.includes(part), `${line} lacks ${part}`);
    });
  }

  test("takes a value in TOML, and a bare word as a string", () => {
    assert.equal(settingsOf(["identity.server=ns-7.example"])["identity.server"], "ns-7.example");
    assert.equal(settingsOf(['identity.server="two words"'])["identity.server"], "two words");
    assert.equal(settingsOf(["cache.size=64 MiB"])["cache.size"], 64 * 2 ** 20);
    assert.equal(settingsOf(["cache.ttl-ceiling=90"])["cache.ttl-ceiling"], 90);
  });

  test("takes bytes as text, or as hex digits", () => {
    const nsid = (text: string): unknown => settingsOf([`identity.nsid=${text}`])["identity.nsid"];
    assert.deepEqual(nsid("ns-7"), new TextEncoder().encode("ns-7"));
    assert.deepEqual(nsid('"0x01fF"'), Uint8Array.of(1, 255));
    assert.equal(settingsOf([])["identity.nsid"], undefined);
  });

  test("takes the last of several values, and --set before the file", () => {
    withFile("[resolve]\nworkers = 3\nminimise = false\n", (file) => {
      const settings = settingsOf(["resolve.workers=4", "resolve.workers=5"], file);
      assert.equal(settings["resolve.workers"], 5);
      assert.equal(settings["resolve.minimise"], false);
    });
  });

  test("accepts an empty list for a part that is not built yet", () => {
    settingsOf(["listen.quic=[]", "listen.metrics=[]"]);
  });

  const files: readonly (readonly [string, string, string])[] = [
    ["that is not TOML", "resolve = [", "expected TOML"],
    ["with a key twice", "[cache]\nsize = '1 MiB'\nsize = '2 MiB'\n", "expected TOML, line 3"],
    ["with an unknown key", "[cache]\nsise = '1 MiB'\n", "cache.sise"],
    ["with a stub zone without servers", "[[resolve.stub]]\nzone = 'a'\n", "zones like"],
    ["with a table for a value", "[resolve.workers]\na = 1\n", "resolve.workers"],
    ["with a date for a value", "[cache]\nsize = 2026-01-01\n", "cache.size"],
  ];
  for (const [title, content, part] of files) {
    test(`is refused for a file ${title}`, () => {
      withFile(content, (file) => {
        const line = complaintOf([], file);
        assert.ok(line.includes(part), line);
      });
    });
  }

  test("is refused for a file that is not there", () => {
    assert.match(complaintOf([], join(tmpdir(), "lethe-nowhere.toml")), /ENOENT/);
  });
});

describe("the limits of a configuration", () => {
  const texts = (count: number): string => JSON.stringify("a".repeat(count));
  const list = (count: number, item: string): string => `[${`"${item}",`.repeat(count)}]`;
  const MIB = 2 ** 20;
  /** Each row: the limit's name, what to set just at it, and just beyond it. */
  const rows: readonly (readonly [keyof typeof limits, (value: number) => string, number])[] = [
    ["settingTextBytesMax", (value) => `identity.server=${texts(value)}`, 1],
    ["listenersMax", (value) => `listen.dns=${list(value, "127.0.0.1:0")}`, 1],
    ["outgoingAddressesMax", (value) => `resolve.outgoing=${list(value, "127.0.0.1")}`, 1],
    ["clientNetworksMax", (value) => `access.allow=${list(value, "127.0.0.1")}`, 1],
    ["staleMaxS", (value) => `cache.stale=${value}`, 1],
    ["staleTtlMaxS", (value) => `cache.stale-ttl=${value}`, 1],
    ["staleClientTimeoutMaxMs", (value) => `cache.stale-client-timeout=${value}`, 1],
    ["workersMax", (value) => `resolve.workers=${value}`, 1],
    ["cacheBytesMin", (value) => `cache.size=${value / 1024} KiB`, -1024],
    ["cacheBytesMax", (value) => `cache.size=${value / MIB} MiB`, MIB],
    ["ttlFloorMaxS", (value) => `cache.ttl-floor=${value}`, 1],
    ["ttlCeilingMaxS", (value) => `cache.ttl-ceiling=${value}`, 1],
  ];
  for (const [name, assignment, step] of rows) {
    test(`${name} is reached and not passed`, () => {
      settingsOf([assignment(limits[name].value)]);
      complaintOf([assignment(limits[name].value + step)]);
    });
  }
});
