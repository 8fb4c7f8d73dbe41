/** `sandbox`, `query` and `explain` as a person runs them: what they print, and how they end. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Command } from "../command.ts";
import { explain } from "./explain.ts";
import { query } from "./query.ts";
import { sandbox } from "./sandbox.ts";

const MAIN = join(import.meta.dirname, "../main.ts");

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command; `ready` is called with the line that says so, and with how to end it. */
function lethe(
  args: readonly string[],
  ready?: (line: string, end: () => void) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  let isReady = false;
  child.stderr.setEncoding("utf8").on("data", (part: string) => (err += part));
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    out += part;
    const line = /^ready.*$/m.exec(out)?.[0];
    if (line === undefined || isReady) return;
    isReady = true;
    ready?.(line, () => child.kill("SIGTERM"));
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err })));
}

const commands: Readonly<Record<string, Command>> = { sandbox, query, explain };

const refused: readonly (readonly [line: string, part: string])[] = [
  ["sandbox --port 65536", "--port 65536: expected a port from 0 to 65535"],
  ["sandbox --port dns", "--port dns: expected a port"],
  ["sandbox www.good.lethe", "www.good.lethe: expected no further argument"],
  ["explain", "explain: expected a name"],
  ["explain a..b", "a..b: expected a domain name"],
  ["explain example.com ADRESS", "ADRESS: expected a type"],
  ["explain example.com A MX", "MX: expected no further argument"],
  ["explain example.com --sandbox --set resolve.ipv4=yes", "resolve.ipv4"],
  ["explain example.com --set resolve.root-hints=nowhere", "resolve.root-hints = nowhere"],
  ["query example.com +quic", "+quic: not built yet"],
];

describe("arguments that make no sense", () => {
  for (const [line, part] of refused) {
    test(`are told in one line: ${line}`, async () => {
      const [name, ...args] = line.split(" ");
      const result = await commands[name!]!.run(args);
      assert.ok(typeof result !== "number");
      assert.ok(result.line.startsWith(part) && !result.line.includes("\n"), result.line);
    });
  }
});

describe("lethe sandbox", () => {
  test("serves until it is told to end, and can be asked", async () => {
    const directory = mkdtempSync(join(tmpdir(), "lethe-"));
    const asked: Ended[] = [];
    const { code, out } = await lethe(
      ["sandbox", "--port", "0", "--out", directory],
      async (line, end) => {
        const port = /port (\d+)$/.exec(line)![1]!;
        asked.push(await lethe(["query", `@127.53.2.2:${port}`, "www.plain.lethe", "+short"]));
        asked.push(await lethe(["query", `@127.53.3.4:${port}`, "www.servfail.lethe"]));
        asked.push(await lethe(["sandbox", "--port", port]));
        end();
      },
    );
    assert.equal(code, 0);
    assert.match(out, /www\.loop\.lethe A +aliases in a circle/);
    assert.match(
      readFileSync(join(directory, "root.hints"), "utf8"),
      /^a\.root.* A 127\.53\.0\.1$/m,
    );
    assert.match(readFileSync(join(directory, "trust-anchors"), "utf8"), /^\. \d+ IN DS /);
    rmSync(directory, { recursive: true });
    const [answered, failed, second] = asked;
    assert.deepEqual([answered!.code, answered!.out], [0, "198.18.3.1\n"]);
    assert.equal(failed!.code, 1);
    assert.match(failed!.out, /status: SERVFAIL/);
    assert.equal(second!.code, 2);
    assert.match(second!.err, /127\.53\.0\.1:\d+: already in use/);
  });
});

describe("lethe explain", () => {
  test("draws the chain of trust, and ends with 0 where it holds", async () => {
    const { code, out } = await lethe(["explain", "www.good.lethe", "--sandbox"]);
    assert.equal(code, 0, out);
    assert.match(out, /^\.\n│ anchor {2}48475 RSASHA256 SHA-256\n/);
    assert.match(out, /^good\.lethe\.\n│ DS {6}42803 ED25519 SHA-256$/m);
    assert.match(out, /^www\.good\.lethe\. A\n {2}198\.18\.2\.1\n {2}✓ by 14350, /m);
    assert.match(out, /^secure: every link/m);
    assert.match(out, /^NOERROR in \d+ ms, \d+ questions upstream$/m);
  });

  test("shows each step from the root to the answer, and ends with 3 where it is unsigned", async () => {
    const { code, out } = await lethe(["explain", "www.plain.lethe", "--sandbox", "--steps"]);
    assert.equal(code, 3);
    const lines = out.split("\n").map((line) => line.replaceAll(/ +/g, " ").trim());
    const step = (start: string): boolean => lines.some((line) => line.startsWith(start));
    assert.ok(step(". lethe. A 127.53.0."), out);
    assert.ok(step("lethe. plain.lethe. A 127.53.1."), out);
    assert.ok(step("plain.lethe. www.plain.lethe. A 127.53.2.2 udp"), out);
    assert.ok(step("judged plain.lethe. DS insecure"), out);
    assert.ok(step("insecure: the chain ends at plain.lethe."), out);
  });

  test("says where the chain breaks, and ends with 1", async () => {
    const { code, out } = await lethe(["explain", "www.bogus.lethe", "--sandbox", "--json"]);
    assert.equal(code, 1);
    const said: unknown = JSON.parse(out);
    assert.ok(typeof said === "object" && said !== null && "verdict" in said && "at" in said);
    assert.deepEqual([said.verdict, said.at], ["bogus", "www.bogus.lethe. A"]);
  });

  test("says why there is no answer, and ends with 1", async () => {
    const { code, out } = await lethe(["explain", "www.refused.lethe", "--sandbox", "--json"]);
    assert.equal(code, 1);
    const said: unknown = JSON.parse(out);
    assert.ok(typeof said === "object" && said !== null && "failure" in said && "rcode" in said);
    assert.deepEqual([said.rcode, said.failure], ["SERVFAIL", "servers-refuse"]);
  });
});
