/** Zones with digests, as RFC 8976 and Unbound have them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { type ZoneDigest, checkZoneDigest } from "../../src/dnssec/zonemd.ts";
import { skip, vectorName, vectorRecords, vectorText } from "./dnssec-entries.ts";

/** What the files are made to show; the header of each says so. */
const ROWS: readonly (readonly [file: string, origin: string, expected: ZoneDigest])[] = [
  ["example1", "example.org", "absent"],
  ["example2", "example.com", "matches"],
  ["example3", "example.com", "differs"],
  ["example4", "example.com", "differs"],
  ["example5", "example.com", "matches"],
  ["example6", "example.com", "matches"],
  ["example7", "example.com", "absent"],
  ["example8", "example.com", "absent"],
  ["example16", "example.com", "unknown"],
  ["example17", "example.com", "matches"],
  ["example_a1", "example", "matches"],
  ["example_a2", "example", "matches"],
  ["example_a3", "example", "matches"],
  ["example_a4", "uri.arpa", "absent"],
  // The file has newer addresses of b.root-servers.net than the digest.
  ["example_a5", "root-servers.net", "differs"],
];

describe("zones with digests", { skip }, () => {
  for (const [file, origin, expected] of ROWS) {
    test(`${file}: ${expected}`, () => {
      const apex = vectorName(origin);
      const records = vectorRecords(vectorText(`zonemd.${file}.zone`), apex);
      assert.equal(checkZoneDigest(records, apex), expected);
      if (expected !== "matches") return;
      const at = records.findIndex((record) => record.type === rrType.SOA);
      const altered = records.with(at, { ...records[at]!, ttl: records[at]!.ttl + 1 });
      assert.equal(checkZoneDigest(altered, apex), "differs");
      const newer = records.map((record) => {
        if (record.type !== rrType.SOA) return record;
        return { ...record, rdata: record.rdata.with(record.rdata.length - 17, 0xff) };
      });
      assert.equal(checkZoneDigest(newer, apex), "unknown");
    });
  }

  test("RFC 8976 §A.4: the URI.ARPA zone with its digest", () => {
    const digest =
      "1291b78ddf7669b1a39d014d87626b709b55774c5d7d58fadc556439889a10eaf6f11d615900a4f996bd46279514e473";
    const record = `uri.arpa. 3600 IN ZONEMD 2018100702 1 1 ${digest}`;
    const apex = vectorName("uri.arpa");
    const text = `${vectorText("zonemd.example_a4.zone")}\n${record}\n`;
    assert.equal(checkZoneDigest(vectorRecords(text, apex), apex), "matches");
  });

  test("RFC 8976 §A.5: the ROOT-SERVERS.NET zone with the addresses of its day", () => {
    const apex = vectorName("root-servers.net");
    const text = vectorText("zonemd.example_a5.zone")
      .replace("2801:1b8:10::b", "2001:500:200::b")
      .replace("170.247.170.2", "199.9.14.201");
    assert.equal(checkZoneDigest(vectorRecords(text, apex), apex), "matches");
  });
});
