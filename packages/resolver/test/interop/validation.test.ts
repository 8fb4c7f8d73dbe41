/** What `dig +dnssec` and `delv` see of `lethe serve --sandbox`: verdicts, proofs, and errors. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { sandboxTrustAnchors } from "../../sim/sandbox-signing.ts";

const main = join(import.meta.dirname, "../../src/cli/main.ts");
const directory = mkdtempSync(join(tmpdir(), "lethe-validation-"));
const anchors = join(directory, "anchors");
let child: ChildProcess;
let port = 0;

before(async () => {
  writeFileSync(anchors, anchorFile(sandboxTrustAnchors()));
  const sets = ["--set", 'listen.dns=["127.0.0.1:0"]', "--set", "resolve.workers=1"];
  const server = spawn(process.execPath, [main, "serve", "--sandbox", ...sets]);
  child = server;
  for await (const line of createInterface({ input: server.stdout })) {
    port ||= Number(/:(\d+), UDP/.exec(line)?.[1] ?? 0);
    if (line.startsWith("ready")) break;
  }
});

after(() => {
  child.kill("SIGTERM");
  rmSync(directory, { recursive: true });
});

/** A DS record in the form that BIND has its anchors in. */
function anchorFile(text: string): string {
  const [, fields] = /\bDS\s+(.*)$/m.exec(text)!;
  const [tag, number, digest, ...hex] = fields!.trim().split(/\s+/);
  return `trust-anchors { . static-ds ${tag} ${number} ${digest} "${hex.join("")}"; };\n`;
}

function run(program: string, ...args: string[]): string {
  const ended = spawnSync(program, ["@127.0.0.1", "-p", String(port), ...args], {
    encoding: "utf8",
  });
  return ended.stdout + ended.stderr;
}

/** Status, flags and error code as dig prints them. */
function seen(text: string): string {
  const status = /status: (\w+)/.exec(text)?.[1];
  const flags = /flags: ([\w ]*);/.exec(text)?.[1];
  const error = /EDE: (\d+)/.exec(text)?.[1];
  return [status, flags, ...(error === undefined ? [] : [`EDE ${error}`])].join(" | ");
}

describe("dig +dnssec sees", () => {
  const rows: [string, string, string, RegExp?][] = [
    ["www.good.lethe", "A", "NOERROR | qr rd ra ad", /RRSIG\sA 15 3 /],
    ["nowhere.good.lethe", "A", "NXDOMAIN | qr rd ra ad", /NSEC3\s1 0 0 /],
    ["www.good.lethe", "MX", "NOERROR | qr rd ra ad", /NSEC3\s1 0 0 /],
    ["any.wild.good.lethe", "TXT", "NOERROR | qr rd ra ad", /NSEC3\s1 0 0 /],
    ["www.plain.lethe", "A", "NOERROR | qr rd ra"],
    ["example.com", "A", "NOERROR | qr rd ra ad", /RRSIG\sA 13 2 /],
    ["good.lethe", "DS", "NOERROR | qr rd ra ad", /RRSIG\sDS 13 2 /],
    [".", "DNSKEY", "NOERROR | qr rd ra ad", /RRSIG\sDNSKEY 8 0 /],
    ["www.bogus.lethe", "A", "SERVFAIL | qr rd ra | EDE 6"],
  ];
  for (const [name, type, expected, record] of rows) {
    test(`${name} ${type}: ${expected}, from the servers and then from the cache`, () => {
      for (let times = 0; times < 2; times++) {
        const text = run("dig", "+dnssec", name, type);
        assert.equal(seen(text), expected, text);
        if (record !== undefined) assert.match(text, record);
      }
    });
  }

  test("what is bogus with CD set", () => {
    const text = run("dig", "+dnssec", "+cdflag", "www.bogus.lethe", "A");
    assert.equal(seen(text), "NOERROR | qr rd ra cd");
    assert.equal(
      seen(run("dig", "+dnssec", "www.bogus.lethe", "A")),
      "SERVFAIL | qr rd ra | EDE 6",
    );
  });

  test("AD only where it is asked for", () => {
    assert.equal(seen(run("dig", "+noadflag", "www.good.lethe")), "NOERROR | qr rd ra");
    assert.equal(seen(run("dig", "+adflag", "www.good.lethe")), "NOERROR | qr rd ra ad");
  });
});

describe("delv, which checks by itself what it is told, says", () => {
  const rows: [string, string, RegExp][] = [
    ["www.good.lethe", "A", /^; fully validated/m],
    ["nowhere.good.lethe", "A", /^; negative response, fully validated/m],
    ["any.wild.good.lethe", "TXT", /^; fully validated/m],
    ["www.plain.lethe", "A", /^; unsigned answer/m],
    ["www.bogus.lethe", "A", /^;; resolution failed: failure/m],
    ["+cdflag www.bogus.lethe", "A", /RRSIG failed to verify|no valid RRSIG/],
  ];
  for (const [name, type, expected] of rows) {
    test(`${name} ${type}: ${expected}`, () => {
      assert.match(run("delv", "-a", anchors, "+root=.", ...name.split(" "), type), expected);
    });
  }
});
