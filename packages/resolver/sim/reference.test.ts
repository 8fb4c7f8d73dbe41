/** The reference: its answers to a small tree, by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reach } from "./hostile-reach.ts";
import type { TreeZone } from "./hostile-tree.ts";
import { rightAnswer } from "./reference.ts";

function zone(apex: string, parent: TreeZone | undefined, records: readonly string[]): TreeZone {
  const made: TreeZone = {
    apex,
    parent,
    servers: [],
    records: new Map(),
    children: [],
    ttlS: 300,
  };
  for (const record of records) {
    const [owner, type, data] = record.split(" ");
    const types = made.records.get(owner!) ?? new Map<string, string[]>();
    made.records.set(owner!, types);
    types.set(type!, [...(types.get(type!) ?? []), data!]);
  }
  parent?.children.push(made);
  return made;
}

const root = zone(".", undefined, [". SOA x", "a. NS ns.a."]);
const a = zone("a.", root, [
  "a. SOA x",
  "www.a. A 192.0.2.1",
  "www.a. A 192.0.2.2",
  "alias.a. CNAME www.a.",
  "far.a. CNAME www.b.a.",
  "gone.a. CNAME nothing.a.",
  "loop.a. CNAME loop.a.",
  "x.empty.a. A 192.0.2.3",
  "*.wild.a. A 192.0.2.4",
  "there.wild.a. TXT t",
  "moved.a. DNAME b.a.",
  `long.a. DNAME ${"l".repeat(60)}.long.a.`,
]);
zone("b.a.", a, ["b.a. SOA x", "www.b.a. A 192.0.2.9"]);
const tree = { root, zones: [root, a] };
const anywhere = { isSure: () => true } as unknown as Reach;

const cases: [string, string, string, string, string[]][] = [
  ["data", "www.a.", "A", "NOERROR", ["www.a. A 192.0.2.1", "www.a. A 192.0.2.2"]],
  ["no data", "www.a.", "MX", "NOERROR", []],
  ["no name", "nothing.a.", "A", "NXDOMAIN", []],
  ["an empty non-terminal", "empty.a.", "A", "NOERROR", []],
  [
    "an alias",
    "alias.a.",
    "A",
    "NOERROR",
    ["alias.a. CNAME www.a.", "www.a. A 192.0.2.1", "www.a. A 192.0.2.2"],
  ],
  ["an alias asked for itself", "alias.a.", "CNAME", "NOERROR", ["alias.a. CNAME www.a."]],
  [
    "an alias into another zone",
    "far.a.",
    "A",
    "NOERROR",
    ["far.a. CNAME www.b.a.", "www.b.a. A 192.0.2.9"],
  ],
  ["an alias to nothing", "gone.a.", "A", "NXDOMAIN", ["gone.a. CNAME nothing.a."]],
  ["a loop", "loop.a.", "A", "none", []],
  ["a wildcard", "y.wild.a.", "A", "NOERROR", ["y.wild.a. A 192.0.2.4"]],
  ["a wildcard two labels up", "z.y.wild.a.", "A", "NOERROR", ["z.y.wild.a. A 192.0.2.4"]],
  ["a name that a wildcard does not hide", "there.wild.a.", "A", "NOERROR", []],
  ["a name below one that is there", "z.there.wild.a.", "A", "NXDOMAIN", []],
  [
    "a DNAME",
    "www.moved.a.",
    "A",
    "NOERROR",
    ["moved.a. DNAME b.a.", "www.moved.a. CNAME www.b.a.", "www.b.a. A 192.0.2.9"],
  ],
  ["the owner of a DNAME", "moved.a.", "A", "NOERROR", []],
];

for (const [title, name, type, rcode, answer] of cases) {
  test(`the reference answers ${title}`, () => {
    const right = rightAnswer(tree, anywhere, name, type);
    assert.equal(right.rcode, rcode);
    assert.deepEqual([...right.answer], answer);
  });
}

test("a DNAME whose targets grow beyond 255 bytes ends in YXDOMAIN", () => {
  const right = rightAnswer(tree, anywhere, "www.long.a.", "A");
  assert.equal(right.rcode, "YXDOMAIN");
});

test("a huge NS set need not be told whole", () => {
  const many = Array.from({ length: 30 }, (_, i) => `c. NS ns${i}.c.`);
  const c = zone("c.", root, ["c. SOA x", ...many]);
  const right = rightAnswer({ root, zones: [root, c] }, anywhere, "c.", "NS");
  assert.equal(right.answer.length, 30);
  assert.equal(right.enough, 20);
});
