/** A ledger over several lives: names, keys, bodies, and what it signs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkEd25519 } from "@lethe/tlog/ed25519.ts";
import { openCheckpoint } from "@lethe/tlog/open-checkpoint.ts";
import { checkConsistency, consistencyProof } from "@lethe/tlog/proof.ts";
import { signatureCheck } from "@lethe/tlog/signing.ts";
import { Dice } from "../../../sim/seeded.ts";
import { TIME, ledgerOnDisk } from "../../../test/ledger-parts.ts";
import { Ledger } from "./ledger.ts";

const stop = { kind: "stop", time: TIME, reason: "SIGTERM" } as const;

test("signs each head that it shows, each going on from those before", async () => {
  const disk = ledgerOnDisk();
  let before = disk.open().head;
  for (let life = 0; life < 4; life++) {
    const ledger = disk.open();
    for (let i = 0; i < 3; i++) assert.equal(ledger.append(stop).kind, "appended");
    const trust = { origin: "dns.example/ledger", logKeys: [ledger.verifier], witnessKeys: [] };
    const check = signatureCheck(checkEd25519);
    const opened = await openCheckpoint(ledger.checkpoint(), trust, check);
    assert.ok(opened.kind === "opened");
    assert.equal(opened.checkpoint.size, 3 * (life + 1));
    const proof = consistencyProof(before.size, ledger.head.size, ledger.hashAt)!;
    assert.equal(checkConsistency(before, opened.checkpoint, proof).kind, "proven");
    before = ledger.head;
    assert.deepEqual(disk.open().checkpoint(), ledger.checkpoint());
  }
});

test("keeps its name and key; neither is made a second time", () => {
  const disk = ledgerOnDisk();
  const { verifier } = disk.open();
  const { files, bodies } = disk;
  const open = (name: string | undefined): ReturnType<typeof Ledger.open> =>
    Ledger.open({ files, bodies, name, random: new Dice(9) });
  const again = open(undefined);
  assert.ok(again instanceof Ledger);
  assert.deepEqual(again.verifier, verifier);
  const why = "it was made as dns.example/ledger, and keeps that name";
  assert.deepEqual(open("other.example/ledger"), { kind: "damage", why });
  assert.deepEqual(open("two words"), {
    kind: "damage",
    why: "two words can be no name of a ledger",
  });
  files.lose("key");
  const gone = { kind: "damage", why: "there is a ledger, and its key is gone" };
  assert.deepEqual(open(undefined), gone);
  assert.deepEqual(Ledger.inspect({ files, bodies, name: undefined, random: new Dice(9) }), gone);
});

test("reading it makes nothing", () => {
  const { files, bodies } = ledgerOnDisk();
  const parts = { files, bodies, name: undefined, random: new Dice(9) };
  assert.equal(Ledger.inspect(parts), undefined);
  assert.deepEqual(files.names(), []);
  assert.equal(files.steps + bodies.steps, 0);
});

test("a body is kept, told apart from others, and withdrawn with a reason", () => {
  const disk = ledgerOnDisk();
  const ledger = disk.open();
  const order = ledger.keep({ court: "Amtsgericht" });
  const asks = ledger.keep({ "access.allow": ["192.0.2.0/24"] });
  assert.ok(typeof order === "string" && typeof asks === "string");
  ledger.append({ kind: "legal-order", time: TIME, body: order });
  const change = { settings: {}, withheld: [], personal: asks, changed: ["access.allow"] };
  ledger.append({ kind: "configuration", time: TIME, ...change });
  assert.ok(ledger.publicBody(order) instanceof Uint8Array);
  assert.ok(ledger.body(asks) instanceof Uint8Array);
  assert.equal(ledger.publicBody(asks), undefined, "who may ask is for auditors only");
  assert.equal(ledger.withdraw(order, "the order was lifted", TIME).kind, "appended");
  assert.equal(ledger.publicBody(order), "withdrawn");
  assert.equal(disk.bodies.size(order), undefined);
  assert.equal(disk.open().body(order), "withdrawn");
  assert.equal(ledger.keep("x".repeat(2_000_000)), undefined);
});

test("a body whose withdrawal was cut off by a crash goes at the next start", () => {
  const disk = ledgerOnDisk();
  const ledger = disk.open();
  const order = ledger.keep("an order") as string;
  ledger.append({ kind: "legal-order", time: TIME, body: order });
  ledger.append({ kind: "withdrawal", time: TIME, body: order, reason: "lifted" });
  assert.notEqual(disk.bodies.size(order), undefined);
  disk.open();
  assert.equal(disk.bodies.size(order), undefined);
});

test("an entry that cannot be written changes nothing, and the next one can", () => {
  const disk = ledgerOnDisk();
  const ledger = disk.open();
  disk.files.room = disk.files.used;
  assert.deepEqual(ledger.append(stop), { kind: "failed", why: "ENOSPC", isInDoubt: false });
  assert.equal(ledger.head.size, 0);
  disk.files.room = Number.POSITIVE_INFINITY;
  assert.deepEqual(ledger.append(stop), { kind: "appended", index: 0 });
  assert.equal(ledger.lastKind, "stop");
  const long = { ...stop, reason: "x".repeat(70_000) };
  assert.equal(ledger.append(long).kind, "failed");
});

test("the first start can fail at any step, and the second has one key", () => {
  for (let at = 0; at < 40; at++) {
    const disk = ledgerOnDisk(at);
    disk.files.faults.set(at, at % 2 === 0 ? "failed" : "stored");
    const { files, bodies } = disk;
    const first = Ledger.open({ files, bodies, name: "a", random: new Dice(at) });
    const shown = first instanceof Ledger ? first.verifier : undefined;
    disk.files.crash();
    const second = Ledger.open({ files, bodies, name: "a", random: new Dice(at + 99) });
    assert.ok(second instanceof Ledger, JSON.stringify(second));
    if (shown !== undefined) assert.deepEqual(second.verifier, shown);
  }
});
