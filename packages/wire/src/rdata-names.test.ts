/** Tests of RDATA as it stands in messages: names inside it, sizes that must be right. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "./bytes.ts";
import { typeFromText } from "./codes-text.ts";
import { rrClass, rrType } from "./codes.ts";
import { ROOT } from "./name.ts";
import {
  coveredType,
  isMisshapenAddress,
  mayCompressRdata,
  rdataLayout,
  readRdata,
} from "./rdata-names.ts";

/** What stands in front of the RDATA of each row: a header, and the name `a.` at offset 12. */
const BEFORE = `${"00".repeat(12)}016100`;

describe("RDATA out of a message", () => {
  /** Title, type, RDATA as it stands, what is read; undefined: malformed. */
  const rows: readonly (readonly [string, string, string, string | undefined])[] = [
    ["an address", "A", "c0000201", "c0000201"],
    ["a name", "NS", "016200", "016200"],
    ["a compressed name", "NS", "0162c00c", "0162016100"],
    ["a name that leaves the RDATA", "NS", "0262", undefined],
    ["bytes behind a name", "NS", "01620000", undefined],
    ["no name", "NS", "", undefined],
    ["MX", "MX", "000ac00c", "000a016100"],
    ["MX cut in its number", "MX", "00", undefined],
    ["SOA", "SOA", `c00cc00c${"01".repeat(20)}`, `016100016100${"01".repeat(20)}`],
    ["SOA without its last byte", "SOA", `c00cc00c${"01".repeat(19)}`, undefined],
    ["SRV, whose sender may not compress", "SRV", "000000000000c00c", "000000000000016100"],
    ["NAPTR", "NAPTR", "000000000161016200c00c", "000000000161016200016100"],
    ["NAPTR whose string leaves it", "NAPTR", "0000000009", undefined],
    [
      "RRSIG goes on behind its name",
      "RRSIG",
      `${"00".repeat(18)}c00cffff`,
      `${"00".repeat(18)}016100ffff`,
    ],
    ["NSEC goes on behind its name", "NSEC", "c00c000140", "016100000140"],
    ["a type without names", "TXT", "c00c", "c00c"],
    ["an unknown type", "TYPE65280", "c00c", "c00c"],
  ];
  for (const [title, type, hex, expected] of rows) {
    test(title, () => {
      const message = fromHex(BEFORE + hex)!;
      const found = readRdata(message, typeFromText(type)!, rrClass.IN, 15, message.length);
      assert.equal(found && toHex(found.rdata), expected);
    });
  }

  test("a name ends with its RDATA though the message goes on", () => {
    assert.equal(readRdata(fromHex("0161026200")!, rrType.NS, rrClass.IN, 0, 3), undefined);
    const later = fromHex("026161016100")!;
    assert.equal(readRdata(later, rrType.NS, rrClass.IN, 0, 4), undefined);
  });

  test("an UPDATE's records of the classes NONE and ANY hold nothing (RFC 2136 §2.4)", () => {
    for (const rrclass of [rrClass.NONE, rrClass.ANY]) {
      assert.equal(readRdata(new Uint8Array(0), rrType.NS, rrclass, 0, 0)?.rdata.length, 0);
    }
    assert.equal(readRdata(fromHex("00")!, rrType.A, rrClass.CH, 0, 1)?.rdata.length, 1);
  });

  const addresses: readonly (readonly [string, number, number, number, boolean])[] = [
    ["A of four bytes", rrType.A, rrClass.IN, 4, false],
    ["A of three", rrType.A, rrClass.IN, 3, true],
    ["A of none", rrType.A, rrClass.IN, 0, true],
    ["A of sixteen", rrType.A, rrClass.IN, 16, true],
    ["AAAA of sixteen", rrType.AAAA, rrClass.IN, 16, false],
    ["AAAA of four", rrType.AAAA, rrClass.IN, 4, true],
    ["A of class CH, which is something else", rrType.A, rrClass.CH, 3, false],
    ["TXT of three", rrType.TXT, rrClass.IN, 3, false],
  ];
  for (const [title, type, rrclass, bytes, isMisshapen] of addresses) {
    test(`${title}: ${isMisshapen ? "no address" : "fine"}, and the message is read`, () => {
      const found = readRdata(new Uint8Array(bytes), type, rrclass, 0, bytes)!;
      const record = { name: ROOT, type, class: rrclass, ttl: 0, rdata: found.rdata };
      assert.equal(isMisshapenAddress(record), isMisshapen);
    });
  }

  test("no bytes make it throw", () => {
    const types = fc.constantFrom(...Object.values(rrType));
    const property = fc.property(
      fc.uint8Array({ maxLength: 40 }),
      types,
      fc.nat(20),
      (b, type, at) => {
        readRdata(b, type, rrClass.IN, Math.min(at, b.length), b.length);
      },
    );
    fc.assert(property, { numRuns: 3000 });
  });
});

test("only types of RFC 1035 are compressed, and those have a layout", () => {
  const compressed = Object.entries(rrType).filter(([, type]) => mayCompressRdata(type));
  assert.deepEqual(
    compressed.map(([name]) => name),
    ["NS", "MD", "MF", "CNAME", "SOA", "MB", "MG", "MR", "PTR", "MINFO", "MX"],
  );
  assert.ok(compressed.every(([, type]) => rdataLayout(type)?.includes("name")));
});

test("the covered type of a signature", () => {
  assert.equal(coveredType(fromHex("001c")!), 28);
  assert.equal(coveredType(fromHex("00")!), 0);
});
