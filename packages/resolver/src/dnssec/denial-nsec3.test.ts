/** NSEC3 records prove no more than they may, and not at any price. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { extendedError, rrType } from "@lethe/wire/codes.ts";
import { type Name, labelsOf, nameFromLabels } from "@lethe/wire/name.ts";
import { nsec3Hash, nsec3Owner, nsec3Parameters, typeBitmap } from "../../sim/signer-denial.ts";
import { freshTerms, provenSet } from "../../sim/signer-proofs.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { dnssecLimits } from "../base/limits/dnssec.ts";
import { gatherProofs, proveNoData, proveNoDs, proveNoName, proveWildcard } from "./denial.ts";
import type { ProvenSet } from "./judge-set.ts";
import { hashName, parseNsec3 } from "./nsec3.ts";
import { joined } from "../../sim/signer-bytes.ts";

const zone = plainName("example");
const NO_SALT = new Uint8Array(0);
const { A, NS, SOA, DS, NSEC3 } = rrType;

interface Form {
  readonly iterations?: number;
  readonly salt?: Uint8Array;
  readonly flags?: number;
}

function rdata(next: Uint8Array, types: readonly number[], form: Form): Uint8Array {
  const head = nsec3Parameters(form.iterations ?? 0, form.salt ?? NO_SALT, form.flags ?? 0);
  return joined(head, Uint8Array.of(next.length), next, typeBitmap(types));
}

function hashOf(name: string, form: Form): Uint8Array {
  return nsec3Hash(plainName(name), form.iterations ?? 0, form.salt ?? NO_SALT);
}

/** The hash before or after another one. */
function beside(hash: Uint8Array, step: 1 | -1): Uint8Array {
  const copy = hash.slice();
  copy[19] = copy[19]! + step;
  return copy;
}

/** A record that matches a name and covers nothing. */
function matching(name: string, types: readonly number[], form: Form = {}): ProvenSet {
  const hash = hashOf(name, form);
  return provenSet(nsec3Owner(hash, zone), NSEC3, rdata(beside(hash, 1), types, form));
}

/** A record that covers a name and matches none. */
function covering(name: string, form: Form = {}): ProvenSet {
  const hash = hashOf(name, form);
  const owner = nsec3Owner(beside(hash, -1), zone);
  return provenSet(owner, NSEC3, rdata(beside(hash, 1), [A], form));
}

const apex = matching("example", [SOA, NS]);
const missing = plainName("a.b.example");

test("RFC 5155 §8.4: a closest encloser proof and a covered wildcard deny a name", () => {
  const full = [apex, covering("b.example"), covering("*.example")];
  const judge = (sets: readonly ProvenSet[]): string =>
    proveNoName(missing, gatherProofs(sets, zone), freshTerms()).kind;
  assert.equal(judge(full), "secure");
  for (const left of full) assert.equal(judge(full.filter((set) => set !== left)), "bogus");
});

test("RFC 5155 §9.2: a next closer name in an opt-out gap is not securely absent", () => {
  const optOut = [apex, covering("b.example", { flags: 1 }), covering("*.example")];
  assert.equal(proveNoName(missing, gatherProofs(optOut, zone), freshTerms()).kind, "insecure");
  const wild = gatherProofs([covering("b.example", { flags: 1 })], zone);
  assert.equal(proveWildcard(missing, zone, wild, freshTerms()).kind, "insecure");
});

test("RFC 5155 §8.3: a cut or a DNAME is no closest encloser", () => {
  const cut = matching("b.example", [NS]);
  const sets = [cut, covering("a.b.example"), covering("*.b.example")];
  assert.equal(proveNoName(missing, gatherProofs(sets, zone), freshTerms()).kind, "bogus");
  const dname = matching("b.example", [rrType.DNAME]);
  const others = [dname, covering("a.b.example"), covering("*.b.example")];
  assert.equal(proveNoName(missing, gatherProofs(others, zone), freshTerms()).kind, "bogus");
});

describe("an NSEC3 counts only directly below the apex", () => {
  const good = covering("b.example");
  const rows: readonly (readonly [string, Name])[] = [
    ["deeper in the zone", plainName("inner.example")],
    ["in a zone above", plainName("")],
    ["in another zone", plainName("test")],
  ];
  for (const [title, above] of rows) {
    test(title, () => {
      const label = good.set.name.subarray(1, 33);
      const owner = nameFromLabels([label, ...labelsOf(above)])!;
      assert.equal(parseNsec3(owner, good.set.rdatas[0]!, zone), undefined);
    });
  }
  test("as it should", () => {
    assert.notEqual(parseNsec3(good.set.name, good.set.rdatas[0]!, zone), undefined);
  });
});

describe("records that must be ignored", () => {
  const hash = hashOf("b.example", {});
  const good = rdata(beside(hash, 1), [A], {});
  const owner = nsec3Owner(hash, zone);
  const rows: readonly (readonly [string, Uint8Array])[] = [
    ["an unknown hash algorithm", good.with(0, 2)],
    ["an unknown flag", good.with(1, 2)],
    ["a hash of another length", good.with(5, 19)],
    ["a salt that is longer than the record", good.with(4, 255)],
    ["a bitmap that is none", Uint8Array.of(...good, 7)],
    ["nothing", new Uint8Array(0)],
  ];
  for (const [title, bad] of rows) {
    test(title, () => {
      assert.equal(parseNsec3(owner, bad, zone), undefined);
    });
  }
  test("an owner that is no hash", () => {
    const label = new TextEncoder().encode("w".repeat(32));
    assert.equal(parseNsec3(nameFromLabels([label, ...labelsOf(zone)])!, good, zone), undefined);
  });
  test("RFC 5155 §8.2: parameters that differ within one proof", () => {
    const other = covering("*.example", { iterations: 1 });
    assert.equal(gatherProofs([apex, other], zone).nsec3s.length, 1);
  });
});

test("a hash of more than nsec3IterationsMax makes the denial insecure, with its own error", () => {
  const judge = (iterations: number, nsec3IterationsMax?: number) => {
    const form = { iterations };
    const sets = [
      matching("example", [SOA, NS], form),
      covering("b.example", form),
      covering("*.example", form),
    ];
    const terms = { ...freshTerms(), nsec3IterationsMax };
    return proveNoName(missing, gatherProofs(sets, zone), terms);
  };
  const max = dnssecLimits.nsec3IterationsMax.value;
  assert.equal(judge(max).kind, "secure");
  const beyond = judge(max + 1);
  assert.ok(beyond.kind === "insecure");
  assert.equal(beyond.errors[0]?.code, extendedError.unsupportedNsec3Iterations);
  assert.equal(judge(max + 1, max + 1).kind, "secure");
  assert.equal(judge(max, max - 1).kind, "insecure");
});

test("records of a proof are read up to nsec3RecordsPerProofMax", () => {
  const max = dnssecLimits.nsec3RecordsPerProofMax.value;
  const many = Array.from({ length: max + 1 }, (_, i) => covering(`a${i}.example`));
  assert.equal(gatherProofs(many.slice(0, max), zone).nsec3s.length, max);
  assert.equal(gatherProofs(many, zone).nsec3s.length, max);
});

test("CVE-2023-50868: a deep name and a long salt spend the budget, not the processor", () => {
  const name = nameFromLabels([
    ...Array.from({ length: 110 }, () => Uint8Array.of(97)),
    ...labelsOf(zone),
  ])!;
  const form = { iterations: dnssecLimits.nsec3IterationsMax.value, salt: new Uint8Array(255) };
  const terms = freshTerms();
  const sets = [matching("example", [SOA, NS], form), covering("a.example", form)];
  const judged = proveNoName(name, gatherProofs(sets, zone), terms);
  assert.equal(judged.kind, "bogus");
  assert.equal(terms.work.isSpent, true);
  assert.equal(hashName(name, { iterations: 50, salt: NO_SALT }, terms.work) === undefined, false);
});

test("RFC 5155 §8.6, §8.9: a missing DS is a matched cut without it, or lies in an opt-out gap", () => {
  const judge = (...sets: ProvenSet[]): string =>
    proveNoDs(plainName("b.example"), gatherProofs(sets, zone), freshTerms()).kind;
  assert.equal(judge(matching("b.example", [NS])), "insecure");
  assert.equal(judge(matching("b.example", [A])), "no-cut");
  assert.equal(judge(matching("b.example", [NS, DS])), "bogus");
  assert.equal(judge(matching("b.example", [NS, SOA])), "bogus");
  assert.equal(judge(apex, covering("b.example", { flags: 1 })), "insecure");
  assert.equal(judge(apex, covering("b.example")), "no-cut");
  assert.equal(judge(covering("b.example", { flags: 1 })), "bogus");
});

test("RFC 5155 §8.7: a wildcard without the type is no data", () => {
  const wild = matching("*.example", [A]);
  const judge = (type: number, ...sets: ProvenSet[]): string =>
    proveNoData(plainName("b.example"), type, gatherProofs(sets, zone), freshTerms()).kind;
  assert.equal(judge(rrType.AAAA, apex, covering("b.example"), wild), "secure");
  assert.equal(judge(A, apex, covering("b.example"), wild), "bogus");
  assert.equal(judge(rrType.AAAA, apex, wild), "bogus");
});
