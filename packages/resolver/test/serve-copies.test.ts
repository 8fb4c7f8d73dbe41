/** Copies of zones and a running server: from a file and by transfer, and looked at on SIGHUP. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { askAt } from "./asking.ts";
import { main } from "./served.ts";
import { name } from "./small-world.ts";
import { transferServer } from "./transfer-server.ts";

const skip = systemLibc() === undefined ? "the FFI does not load on this machine" : false;
const children: ChildProcess[] = [];
const directory = mkdtempSync(join(tmpdir(), "lethe-copies-"));
after(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory, { recursive: true });
});

function zoneText(serial: number, address: string): string {
  return `@ 60 SOA ns hostmaster ${serial} 3600 3600 86400 60\n@ 60 NS ns\nwww 1 A ${address}\n`;
}

function recordsOf(text: string): readonly ResourceRecord[] {
  const read = readZoneFile(text, { origin: name("moved.example") });
  assert.ok(!("kind" in read));
  return read.records;
}

/** Settles when a server has printed these texts; gives all that it printed. */
async function printed(
  child: ChildProcess,
  said: { text: string },
  ...texts: string[]
): Promise<void> {
  while (!texts.every((text) => said.text.includes(text))) await once(child.stdout!, "data");
}

async function addressesAt(port: number, of: string): Promise<readonly string[]> {
  const { answer } = await askAt(port, of, "A");
  return answer.filter(({ type }) => type === rrType.A).map(({ rdata }) => rdata.join("."));
}

test("copies answer, and a file that has changed counts from SIGHUP on", { skip }, async () => {
  const file = join(directory, "file.example.zone");
  writeFileSync(file, zoneText(1, "192.0.2.1"));
  const server = await transferServer(() => recordsOf(zoneText(7, "192.0.2.7")));
  const source = `127.0.0.1:${server.address.port}`;
  const copies = [
    `{ zone = "file.example", from = ["${file}"], authoritative = true }`,
    `{ zone = "moved.example", from = ["/does/not/exist", "${source}"] }`,
  ];
  const sets = [
    'listen.dns=["127.0.0.1:0"]',
    "resolve.workers=2",
    "resolve.validate=false",
    'resolve.outgoing=["127.0.0.1"]',
    "resolve.ipv6=false",
    `resolve.copy=[${copies.join(", ")}]`,
  ];
  const args = sets.flatMap((set) => ["--set", set]);
  const child = spawn(process.execPath, [main, "serve", ...args]);
  children.push(child);
  const said = { text: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.text += chunk.toString()));
  await printed(child, said, "ready", "file.example.: serial 1", "moved.example.: serial 7");
  assert.match(said.text, /^moved\.example\.: no copy from \/does\/not\/exist: ENOENT$/m);
  const port = Number(/:(\d+), UDP/.exec(said.text)![1]);
  for (let i = 0; i < 4; i++) {
    assert.deepEqual(await addressesAt(port, "www.file.example"), ["192.0.2.1"]);
    assert.deepEqual(await addressesAt(port, "www.moved.example"), ["192.0.2.7"]);
  }
  const own = await askAt(port, "www.file.example", "A");
  const other = await askAt(port, "www.moved.example", "A");
  assert.deepEqual(
    [own, other].map(({ header }) => (header.flags & flag.aa) !== 0),
    [true, false],
  );
  writeFileSync(file, zoneText(2, "192.0.2.2"));
  child.kill("SIGHUP");
  await printed(child, said, "reloaded", "file.example.: serial 2");
  assert.deepEqual(await addressesAt(port, "www.file.example"), ["192.0.2.2"]);
  child.kill("SIGTERM");
  await once(child, "exit");
  await server.close();
});
