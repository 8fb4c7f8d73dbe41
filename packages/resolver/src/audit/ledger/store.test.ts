/**
 * The store against a disk that fails: each step of each append × failed, failed but stored,
 * half done, and a crash there, with everything that a crash may leave.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../../base/limits.ts";
import { Dice } from "../../../sim/seeded.ts";
import { FaultyFiles, Crash } from "../../../test/faulty-files.ts";
import { LedgerStore } from "./store.ts";
import { MerkleTree, leafHash } from "@lethe/tlog/tree-hash.ts";

const ENTRIES = 3;
const entry = (i: number, attempt = 0): Uint8Array => Uint8Array.of(i, attempt, ...Array(i * 3));

/** What outsiders were shown, over all lives of a server: heads by their size, and entries. */
class Shown {
  readonly roots = new Map<number, string>();
  readonly committed: Uint8Array[] = [];

  /** A head that is committed may be signed and shown at any time. */
  see(store: LedgerStore): void {
    const { size, root } = store.head;
    const before = this.roots.get(size);
    assert.ok(before === undefined || before === root.toHex(), `two histories of ${size} entries`);
    this.roots.set(size, root.toHex());
    for (const [old, hex] of this.roots) {
      if (old <= size)
        assert.equal(store.rootOf(old)?.toHex(), hex, "a head that was shown is gone");
      else assert.fail(`${size} entries, where ${old} were shown`);
    }
  }
}

/** Appends entries until so many are committed, as a server would over one life. */
function live(files: FaultyFiles, shown: Shown, upTo: number): void {
  const opened = LedgerStore.open(files);
  if ("kind" in opened) {
    assert.equal(opened.kind, "file-problem", `${JSON.stringify(opened)}`);
    return;
  }
  shown.see(opened);
  let pending: Uint8Array | undefined;
  for (let attempt = 0; attempt < 20 && opened.head.size < upTo; attempt++) {
    const size: number = opened.head.size;
    if (opened.settle() !== undefined) continue;
    shown.see(opened);
    if (opened.head.size > size) {
      // What was in doubt has turned out to be there.
      assert.notEqual(pending, undefined);
      shown.committed[size] = pending!;
      continue;
    }
    pending = entry(size, attempt);
    const result = opened.append(pending);
    shown.see(opened);
    if (result.kind === "appended") {
      assert.equal(result.index, size);
      shown.committed[size] = pending;
    } else {
      assert.equal(opened.head.size, size);
      assert.equal(opened.isInDoubt, result.isInDoubt);
    }
  }
}

/** After all faults: everything that was committed is there, and more can be. */
function check(files: FaultyFiles, shown: Shown): void {
  const opened = LedgerStore.open(files);
  assert.ok(!("kind" in opened), JSON.stringify(opened));
  shown.see(opened);
  for (const [i, wanted] of shown.committed.entries()) {
    if (wanted === undefined) continue;
    const bytes = opened.bundle(i, i + 1);
    assert.ok(bytes instanceof Uint8Array, "readable");
    assert.deepEqual(bytes.subarray(2), wanted);
  }
  const { size } = opened.head;
  assert.deepEqual(opened.append(Uint8Array.of(9)), { kind: "appended", index: size });
  shown.see(opened);
}

/** Steps that an undisturbed life takes. */
function stepsOfALife(): number {
  const files = new FaultyFiles(new Dice(1));
  live(files, new Shown(), ENTRIES);
  return files.steps;
}

for (const how of ["failed", "stored", "half"] as const) {
  test(`each step ${how}, once: nothing committed is lost, and there is one history`, () => {
    const steps = stepsOfALife();
    assert.ok(steps > 30);
    for (let at = 0; at < steps; at++) {
      const files = new FaultyFiles(new Dice(at));
      files.faults.set(at, how);
      const shown = new Shown();
      live(files, shown, ENTRIES);
      live(files, shown, ENTRIES);
      assert.equal(shown.committed.length, ENTRIES, `step ${at}`);
      check(files, shown);
    }
  });

  test(`each step ${how}, and then a crash that loses what it may`, () => {
    for (let at = 0; at < stepsOfALife(); at++) {
      for (let seed = 0; seed < 12; seed++) {
        const files = new FaultyFiles(new Dice(1000 * at + seed));
        files.faults.set(at, how);
        if (seed % 2 === 1) files.faults.set(at + 1 + (seed % 5), how);
        const shown = new Shown();
        live(files, shown, ENTRIES);
        files.crash();
        live(files, shown, ENTRIES);
        files.crash();
        check(files, shown);
      }
    }
  });
}

test("a crash at each step, before, during and after it, leaves the old ledger or the new", () => {
  for (let at = 0; at < stepsOfALife(); at++) {
    for (let seed = 0; seed < 12; seed++) {
      const files = new FaultyFiles(new Dice(77_000 + 1000 * at + seed));
      files.crashAt = at;
      const shown = new Shown();
      assert.throws(() => live(files, shown, ENTRIES), Crash);
      files.crash();
      live(files, shown, ENTRIES);
      assert.equal(shown.roots.has(ENTRIES), true);
      files.crash();
      check(files, shown);
    }
  }
});

test("a process that ends in doubt: the next one shows nothing that a crash could take", () => {
  for (const how of ["failed", "stored", "half"] as const) {
    for (let at = 0; at < stepsOfALife(); at++) {
      for (let seed = 0; seed < 8; seed++) {
        const files = new FaultyFiles(new Dice(500 * at + seed));
        // From some step on the disk does not work at all, until somebody restarts the server.
        for (let step = at; step < at + 500; step++) files.faults.set(step, how);
        const shown = new Shown();
        live(files, shown, ENTRIES);
        files.faults.clear();
        const next = LedgerStore.open(files);
        assert.ok(!("kind" in next), JSON.stringify(next));
        shown.see(next);
        files.crash();
        live(files, shown, ENTRIES);
        check(files, shown);
      }
    }
  }
});

test("a full disk costs entries, and not the ledger; it goes on when there is room", () => {
  for (let room = 0; room < 400; room += 7) {
    const files = new FaultyFiles(new Dice(room));
    const shown = new Shown();
    live(files, shown, 1);
    files.room = files.used + room;
    live(files, shown, ENTRIES);
    files.crash();
    files.room = Number.POSITIVE_INFINITY;
    live(files, shown, ENTRIES);
    check(files, shown);
  }
});

test("a disk that fails at random for a while", () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = new Dice(seed);
    const files = new FaultyFiles(new Dice(seed + 5000));
    const shown = new Shown();
    for (let at = 0; at < 200; at++) {
      const dice = random.uint32() % 12;
      if (dice < 3) files.faults.set(at, (["failed", "stored", "half"] as const)[dice]!);
    }
    for (let life = 0; life < 4; life++) {
      live(files, shown, ENTRIES);
      if (random.uint32() % 2 === 0) files.crash();
    }
    files.faults.clear();
    check(files, shown);
  }
});

function filled(count: number): FaultyFiles {
  const files = new FaultyFiles(new Dice(3));
  const store = LedgerStore.open(files);
  assert.ok(!("kind" in store));
  for (let i = 0; i < count; i++) store.append(entry(i));
  return files;
}

/** The bytes of entries, each behind its length. */
function framed(entries: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.of(...entries.flatMap((one) => [one.length >> 8, one.length & 0xff, ...one]));
}

test("damage is named, with the entry that it begins at", () => {
  const all = [0, 1, 2, 3, 4].map((i) => entry(i));
  const changed = entry(2, 1);
  const table: readonly (readonly [readonly Uint8Array[], string])[] = [
    [all.toSpliced(2, 1, changed), "entry 2 is changed"],
    [all.toSpliced(2, 1), "entry 2 is missing"],
    [all.slice(0, 3), "entry 3 is missing, and all behind it"],
    [all.toSpliced(2, 0, all[1]!), "entry 1 stands twice"],
    [all.toSpliced(2, 0, changed), "something was put in before entry 2"],
    [[all[0]!, all[2]!, all[1]!, all[3]!, all[4]!], "entries 1 and 2 are exchanged"],
  ];
  for (const [entries, why] of table) {
    const files = filled(5);
    files.put("entries", framed(entries));
    assert.deepEqual(LedgerStore.open(files), { kind: "damage", why });
  }
});

test("a head that is gone or another is damage; hashes that are gone are made again", () => {
  const gone = filled(5);
  gone.lose("head");
  assert.deepEqual(LedgerStore.open(gone), {
    kind: "damage",
    why: "there are entries and no head",
  });
  const other = filled(5);
  other.put("head", new TextEncoder().encode("lethe-ledger-head/1\n1\n2\nx\n"));
  assert.deepEqual(LedgerStore.open(other), { kind: "damage", why: "the head cannot be read" });
  for (const bytes of [undefined, new Uint8Array(5), new Uint8Array(160).fill(1)]) {
    const files = filled(5);
    if (bytes === undefined) files.lose("hashes");
    else files.put("hashes", bytes);
    const store = LedgerStore.open(files);
    assert.ok(!("kind" in store), JSON.stringify(store));
    const tree = new MerkleTree();
    for (let i = 0; i < 5; i++) tree.append(leafHash(entry(i)));
    assert.deepEqual(store.head.root, tree.root());
    const hashes = files.read("hashes", 0, 160);
    assert.ok(hashes instanceof Uint8Array);
    assert.deepEqual(hashes.subarray(0, 32), leafHash(entry(0)));
  }
});

test("entries that were written and never committed do not count", () => {
  const files = filled(2);
  files.put("entries", Uint8Array.of(...framed([entry(0), entry(1)]), 0, 9, 1, 2));
  const store = LedgerStore.open(files);
  assert.ok(!("kind" in store));
  assert.equal(store.head.size, 2);
  assert.deepEqual(store.append(entry(2)), { kind: "appended", index: 2 });
});

test("takes entries of 65,535 bytes, and no ledger beyond ledgerBytesMax", () => {
  const store = LedgerStore.open(new FaultyFiles(new Dice(1)));
  assert.ok(!("kind" in store));
  assert.equal(store.append(new Uint8Array(65_535)).kind, "appended");
  assert.equal(store.append(new Uint8Array(65_536)).kind, "failed");
  const max = limits.ledgerBytesMax.value;
  const full = filled(1);
  const head = new TextDecoder().decode(full.read("head", 0, 999));
  // A head that claims so many bytes is believed only with them; here it is the store's own count.
  full.put(
    "head",
    new TextEncoder().encode(head.replace(/\n\d+\n(?=[A-Za-z0-9+/]{43}=)/, `\n${max}\n`)),
  );
  assert.ok("kind" in LedgerStore.open(full));
  assert.equal(LedgerStore.fits(max - 3, 1), true);
  assert.equal(LedgerStore.fits(max - 2, 1), false);
});
