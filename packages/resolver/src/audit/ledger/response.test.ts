/** What is served of a ledger: examined by the second implementation, and path by path. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { consistencyProof, inclusionProof } from "@lethe/tlog/proof.ts";
import { tilePath, tilesOf } from "@lethe/tlog/tile.ts";
import { verifierKeyToText } from "@lethe/tlog/verifier-key.ts";
import { TIME, ledgerOnDisk } from "../../../test/ledger-parts.ts";
import type { Ledger } from "./ledger.ts";
import { ledgerResponse } from "./response.ts";

const INDEPENDENT = join(import.meta.dirname, "../../../../tlog/test/independent.py");
const skip = spawnSync("python3", ["--version"]).status === 0 ? false : "there is no python3 here";

function beating(count: number): Ledger {
  const ledger = ledgerOnDisk().open();
  for (let i = 0; i < count; i++) {
    ledger.append({ kind: "heartbeat", time: TIME, runningS: 3600 * i });
  }
  return ledger;
}

function bytesAt(ledger: Ledger, path: string): Uint8Array {
  const response = ledgerResponse(ledger, path);
  assert.ok(response.kind === "found", path);
  return response.bytes;
}

test("the second implementation accepts what is served of 600 entries", { skip }, () => {
  const ledger = beating(600);
  const files: Record<string, string> = {};
  for (const path of [...tilesOf(600)].map(tilePath)) {
    files[path] = bytesAt(ledger, `/ledger/${path}`).toBase64();
  }
  const base64 = (proof: readonly Uint8Array[] | undefined): string[] =>
    proof!.map((hash) => hash.toBase64());
  const some = [0, 1, 255, 256, 300, 599];
  const served = {
    keys: [verifierKeyToText(ledger.verifier)],
    checkpoint: bytesAt(ledger, "/ledger/checkpoint").toBase64(),
    files,
    inclusion: some.map((index) => {
      return { index, proof: base64(inclusionProof(index, 600, ledger.hashAt)) };
    }),
    consistency: some.map((old) => {
      return { old, proof: base64(consistencyProof(old, 600, ledger.hashAt)) };
    }),
  };
  const run = spawnSync("python3", [INDEPENDENT, "examine"], {
    input: JSON.stringify([served]),
    encoding: "utf8",
  });
  const { name } = ledger.verifier;
  const expected = [{ kind: "accepted", origin: name, size: 600, signers: [name] }];
  assert.deepEqual(JSON.parse(run.stdout), expected, run.stderr);
});

test("serves the head for seconds, tiles for ever, and partial tiles of any width", () => {
  const ledger = beating(300);
  const table: readonly (readonly [string, string, number])[] = [
    ["/ledger/checkpoint", "text/plain; charset=utf-8", 5],
    ["/ledger/key", "text/plain; charset=utf-8", 300],
    ["/ledger/feed.atom", "application/atom+xml", 300],
    ["/ledger/tile/0/000", "application/octet-stream", 31_536_000],
    ["/ledger/tile/0/001.p/44", "application/octet-stream", 31_536_000],
    ["/ledger/tile/0/001.p/7", "application/octet-stream", 31_536_000],
    ["/ledger/tile/0/000.p/255", "application/octet-stream", 31_536_000],
    ["/ledger/tile/1/000.p/1", "application/octet-stream", 31_536_000],
    ["/ledger/tile/entries/000", "application/octet-stream", 31_536_000],
    ["/ledger/tile/entries/001.p/44", "application/octet-stream", 31_536_000],
  ];
  for (const [path, type, maxAgeS] of table) {
    const response = ledgerResponse(ledger, path);
    assert.ok(response.kind === "found", path);
    assert.deepEqual([response.type, response.maxAgeS], [type, maxAgeS], path);
  }
  const key = new TextDecoder().decode(bytesAt(ledger, "/ledger/key"));
  assert.equal(key, `${verifierKeyToText(ledger.verifier)}\n`);
});

test("serves nothing else", () => {
  const ledger = beating(300);
  const paths = [
    "/ledger",
    "/ledger/",
    "/ledger/head",
    "/ledger/entries",
    "/ledger/bodies",
    "/ledger/../key",
    "/ledger/tile/0/001",
    "/ledger/tile/0/001.p/45",
    "/ledger/tile/0/002.p/1",
    "/ledger/tile/1/000.p/2",
    "/ledger/tile/1/000",
    "/ledger/tile/2/000.p/1",
    "/ledger/tile/entries/001",
    "/ledger/tile/entries/../../key",
    "/ledger/body/",
    "/ledger/body/../key",
    `/ledger/body/${"0".repeat(64)}`,
    "/other",
    "",
  ];
  for (const path of paths) assert.equal(ledgerResponse(ledger, path).kind, "not-found", path);
});

test("a body that was withdrawn is gone", () => {
  const disk = ledgerOnDisk();
  const ledger = disk.open();
  const order = ledger.keep("an order") as string;
  ledger.append({ kind: "legal-order", time: TIME, body: order });
  const response = ledgerResponse(ledger, `/ledger/body/${order}`);
  assert.ok(response.kind === "found" && response.maxAgeS === 0);
  ledger.withdraw(order, "lifted", TIME);
  assert.equal(ledgerResponse(ledger, `/ledger/body/${order}`).kind, "gone");
});
