/** Unbound's records in text and wire form, and the SVCB vectors of dnspython. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fromHex, getU16, getU32, toHex } from "../src/bytes.ts";
import { typeToText } from "../src/codes-text.ts";
import { rrType } from "../src/codes.ts";
import { ROOT, readName } from "../src/name.ts";
import { rdataFromText, rdataToText } from "../src/rdata-text.ts";
import type { ResourceRecord } from "../src/record.ts";
import { type Entry, type TextError, nextEntry } from "../src/text-token.ts";
import { readZoneFile } from "../src/zone-file.ts";
import { material, needsMaterial } from "./material.ts";

/** Where Unbound takes the quote of `MX 10 "foo bar.nl"` for a letter and drops the rest. */
const MISREAD = "000A0422666F6F00";

/** A record of Unbound's compiled vectors: the wire form without compression. */
function recordOf(bytes: Uint8Array): ResourceRecord {
  const owner = readName(bytes, 0)!;
  const at = owner.next;
  assert.equal(at + 10 + getU16(bytes, at + 8), bytes.length);
  return {
    name: owner.name,
    type: getU16(bytes, at),
    class: getU16(bytes, at + 2),
    ttl: getU32(bytes, at + 4),
    rdata: bytes.slice(at + 10),
  };
}

for (const file of ["1", "2", "3", "4", "5"]) {
  const path = `vectors/unbound/test_ldnsrr.${file}`;
  test(`test_ldnsrr.${file} is read as Unbound reads it`, needsMaterial(path), () => {
    const zone = readZoneFile(readFileSync(material(path), "utf8"), {
      origin: ROOT,
      ttlS: 3600,
    });
    assert.ok(!("kind" in zone), JSON.stringify(zone));
    const lines = readFileSync(material(path.replace(/(.)$/, "c$1")), "utf8")
      .split("\n")
      .filter((line) => /^[0-9A-F]{20,}$/.test(line));
    assert.equal(zone.records.length, lines.length);
    for (const [i, line] of lines.entries()) {
      if (line.endsWith(MISREAD)) continue;
      // RFC 1706 §6 has a name in NSAP-PTR, Unbound a string.
      if (zone.records[i]!.type === rrType["NSAP-PTR"]) continue;
      const expected = recordOf(fromHex(line)!);
      const found: ResourceRecord = zone.records[i]!;
      const title = `record ${i}, ${typeToText(expected.type)}`;
      assert.equal(toHex(found.rdata), toHex(expected.rdata), title);
      // Unbound reads the lines one by one, so an owner that is left out is the root to it.
      if (expected.name.length > 1) assert.equal(toHex(found.name), toHex(expected.name), title);
      assert.equal(found.type, expected.type, title);
      assert.equal(found.class, expected.class, title);
      const text = rdataToText(expected.type, expected.rdata);
      assert.deepEqual(rdataFromText(expected.type, text), expected.rdata, `${title}: ${text}`);
    }
  });
}

describe("the SVCB vectors", needsMaterial("vectors/svcb"), () => {
  test("text and generic form are the same bytes, and come back from text", () => {
    const read = (name: string): readonly Uint8Array[] => {
      const text = readFileSync(material(`vectors/svcb/svcb_test_vectors.${name}`), "utf8");
      const scan = { text, at: 0, line: 1 };
      const found: Uint8Array[] = [];
      for (;;) {
        const entry: Entry | TextError | undefined = nextEntry(scan);
        if (entry === undefined) return found;
        assert.equal(entry.kind, "entry");
        const words = entry.kind === "entry" ? entry.tokens : [];
        const line = words.map((w) => (w.quoted ? `"${w.text}"` : w.text)).join(" ");
        const rdata: Uint8Array | TextError = rdataFromText(rrType.SVCB, line);
        assert.ok(rdata instanceof Uint8Array, `${line}: ${JSON.stringify(rdata)}`);
        found.push(rdata);
      }
    };
    const fromText = read("text");
    assert.ok(fromText.length > 8);
    assert.deepEqual(fromText, read("generic"));
    for (const rdata of fromText) {
      assert.deepEqual(rdataFromText(rrType.SVCB, rdataToText(rrType.SVCB, rdata)), rdata);
    }
  });
});
