/** DS digests and NSEC3 hashes, as other programs made them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { ROOT, parentOf } from "@lethe/wire/name.ts";
import { digestMatches, namesKey, parseDs } from "../../src/dnssec/ds.ts";
import { parseKey } from "../../src/dnssec/key.ts";
import { hashName, parseNsec3 } from "../../src/dnssec/nsec3.ts";
import { WorkBudget } from "../../src/dnssec/work-budget.ts";
import { skip, vectorEntries, vectorFiles } from "./dnssec-entries.ts";

describe("DS records of other programs", { skip }, () => {
  for (const file of vectorFiles("test_ds.")) {
    test(file, () => {
      for (const { title, answer } of vectorEntries(file)) {
        const keySet = answer.find((set) => set.type === rrType.DNSKEY)!;
        const ds = parseDs(answer.find((set) => set.type === rrType.DS)!.rdatas[0]!)!;
        const key = parseKey(keySet.rdatas[0]!)!;
        const matches = namesKey(ds, key) && digestMatches(ds, keySet.name, key);
        assert.equal(matches, title.startsWith("yes"), title);
        const digest = ds.digest.slice();
        digest[0]! ^= 1;
        assert.equal(digestMatches({ ...ds, digest }, keySet.name, key), false);
      }
    });
  }
});

describe("NSEC3 hashes of other programs", { skip }, () => {
  for (const file of vectorFiles("test_nsec3_hash.")) {
    test(file, () => {
      const entries = vectorEntries(file);
      assert.ok(entries.length > 5);
      for (const { title, name, answer, authority } of entries) {
        const [hashed] = answer;
        const [set] = authority;
        const zone = parentOf(set!.name);
        const parameters = parseNsec3(set!.name, set!.rdatas[0]!, zone);
        assert.ok(parameters !== undefined, title);
        const hash = hashName(name, parameters, new WorkBudget());
        // The expected hash is read as the owner of another NSEC3.
        const expected = parseNsec3(hashed!.name, set!.rdatas[0]!, parentOf(hashed!.name));
        assert.deepEqual(hash?.toHex(), expected?.hash.toHex(), title);
      }
    });
  }
});

test("an NSEC3 hash is not that of a neighbour", () => {
  const parameters = { iterations: 3, salt: Uint8Array.of(1) };
  const other = { iterations: 4, salt: Uint8Array.of(1) };
  const work = new WorkBudget();
  assert.notDeepEqual(hashName(ROOT, parameters, work), hashName(ROOT, other, work));
});
