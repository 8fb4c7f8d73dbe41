/** DNSKEY and DS records by the RFCs' own examples, and as the root has them. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { rdataFromText } from "@lethe/wire/rdata-text.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { anchorOver, readAnchors, rootAnchor } from "./anchor.ts";
import { digestMatches, namesKey, parseDs, usableDs } from "./ds.ts";
import { isNamed } from "./judge-keys.ts";
import { isRevoked, isSep, isZoneKey, keyTag, parseKey } from "./key.ts";

const DSKEY =
  "256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZ" +
  "DRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmAD" +
  "jFDc2w/rljwvFw==";

function rdata(type: number, text: string): Uint8Array {
  const made = rdataFromText(type, text);
  assert.ok(made instanceof Uint8Array);
  return made;
}

describe("RFC 4034 §5.4: the DS of dskey.example.com", () => {
  const key = parseKey(rdata(rrType.DNSKEY, DSKEY))!;
  const zone = plainName("dskey.example.com");
  test("its key tag", () => {
    assert.equal(key.tag, 60485);
  });
  test("its SHA-1 digest", () => {
    const ds = parseDs(rdata(rrType.DS, "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"))!;
    assert.ok(namesKey(ds, key) && digestMatches(ds, zone, key));
  });
  test("RFC 4509 §2.3: its SHA-256 digest", () => {
    const hex = "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A";
    const ds = parseDs(rdata(rrType.DS, `60485 5 2 ${hex}`))!;
    assert.ok(namesKey(ds, key) && digestMatches(ds, zone, key));
    assert.ok(!digestMatches(ds, plainName("example.com"), key));
  });
});

test("RFC 6605 §6: P-256 and P-384 keys and their DS records", () => {
  const p256 =
    "257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==";
  const key = parseKey(rdata(rrType.DNSKEY, p256))!;
  const hex = "b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17";
  const ds = parseDs(rdata(rrType.DS, `55648 13 2 ${hex}`))!;
  assert.equal(key.tag, 55648);
  assert.ok(digestMatches(ds, plainName("example.net"), key));
  const p384 =
    "257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40";
  const long = parseKey(rdata(rrType.DNSKEY, p384))!;
  const digest =
    "72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6";
  const longDs = parseDs(rdata(rrType.DS, `10771 14 4 ${digest}`))!;
  assert.equal(long.tag, 10771);
  assert.ok(digestMatches(longDs, plainName("example.net"), long));
});

test("RFC 4034 §B.1: the tag of an RSA/MD5 key is taken from its end", () => {
  assert.equal(keyTag(Uint8Array.of(1, 0, 3, 1, 9, 9, 0xab, 0xcd, 0xef)), 0xabcd);
  assert.equal(keyTag(Uint8Array.of(1, 0, 3, 1)), 0);
});

test("flags are read bit by bit, and other protocols are no keys", () => {
  const key = parseKey(Uint8Array.of(1, 0x81, 3, 15, 1))!;
  assert.deepEqual([isZoneKey(key), isSep(key), isRevoked(key)], [true, true, true]);
  assert.equal(parseKey(Uint8Array.of(1, 1, 2, 15, 1)), undefined);
  assert.equal(parseKey(Uint8Array.of(1, 1, 3, 15)), undefined);
});

test("RFC 4509 §3: a SHA-1 digest counts only where no better one stands beside it", () => {
  const weak = parseDs(rdata(rrType.DS, "1 13 1 00"))!;
  const strong = parseDs(rdata(rrType.DS, "1 13 2 00"))!;
  const unknown = parseDs(rdata(rrType.DS, "1 13 100 00"))!;
  assert.deepEqual(usableDs([weak, unknown], false), [weak]);
  assert.deepEqual(usableDs([weak, strong, unknown], false), [strong]);
});

const DEBIAN = "/usr/share/dns/root.key";
test(
  "the built-in anchor names the keys of Debian's dns-root-data",
  { skip: existsSync(DEBIAN) ? false : "dns-root-data is not installed" },
  () => {
    const read = readAnchors(readFileSync(DEBIAN, "utf8"));
    assert.ok(!("kind" in read));
    const [{ keys }] = read as [(typeof read)[0]];
    assert.deepEqual(
      keys.map((key) => key.tag).toSorted((a, b) => a - b),
      [20326, 38696],
    );
    const root = rootAnchor();
    assert.ok(keys.every((key) => isNamed(ROOT, root, key)));
  },
);

describe("anchor files", () => {
  const bad: readonly (readonly [title: string, text: string, why: RegExp])[] = [
    ["without a record", "; nothing\n", /no DS and no DNSKEY/],
    ["with another record", ". A 192.0.2.1\n", /neither DS nor DNSKEY/],
    ["with a revoked key", ". DNSKEY 385 3 8 AwEAAQ==\n", /revoked/],
    ["with a key that signs no zone", ". DNSKEY 0 3 8 AwEAAQ==\n", /zone key/],
    ["that are no zone files", ". DS what\n", /./],
  ];
  for (const [title, text, why] of bad) {
    test(`${title} are refused`, () => {
      const read = readAnchors(text);
      assert.ok("kind" in read);
      assert.match(read.why, why);
    });
  }
  test("may hold several zones; the deepest that holds a name counts", () => {
    const text = ". DS 1 13 2 00\nexample. DS 2 13 2 00\nexample. DS 3 13 2 00\n";
    const read = readAnchors(text);
    assert.ok(!("kind" in read));
    assert.equal(read.length, 2);
    const over = anchorOver(plainName("www.example"), read);
    assert.deepEqual(
      over?.ds.map((ds) => ds.keyTag),
      [2, 3],
    );
    assert.equal(anchorOver(plainName("com"), read)?.zone.length, 1);
    assert.equal(anchorOver(plainName("com"), read.slice(1)), undefined);
  });
});
