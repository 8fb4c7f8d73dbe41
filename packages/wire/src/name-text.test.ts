/** Tests of names as text. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "./bytes.ts";
import { type Name, nameFromBytes, nameFromLabels } from "./name.ts";
import { nameFromText, nameToText } from "./name-text.ts";

const label63 = "a".repeat(63);
const longest = `${label63}.${label63}.${label63}.${"a".repeat(61)}.`;

describe("a name from text", () => {
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ["the root", ".", "00"],
    ["an absolute name", "www.example.", "03777777076578616d706c6500"],
    ["a relative name takes the origin", "www", "037777770142014100"],
    ["the origin alone", "@", "0142014100"],
    ["an escaped dot is no separator", "a\\.b.", "03612e6200"],
    ["an escaped @ is a label", "\\@.", "014000"],
    ["a byte as three digits", "\\000\\255.", "0200ff00"],
    ["a byte above 255", "\\256.", undefined],
    ["digits that are missing", "\\25.", undefined],
    ["a backslash at the end", "a\\", undefined],
    ["an empty label", "a..b.", undefined],
    ["a dot first", ".a.", undefined],
    ["nothing", "", undefined],
    ["characters beyond ASCII as UTF-8", "é.", "02c3a900"],
    ["a label of 63 bytes", `${label63}.`, `3f${"61".repeat(63)}00`],
    ["a label of 64 bytes", `${label63}a.`, undefined],
  ];
  const origin = nameFromBytes(fromHex("0142014100")!)!;
  for (const [title, text, expected] of rows) {
    test(title, () => {
      const name = nameFromText(text, origin);
      assert.equal(name === undefined ? undefined : toHex(name), expected);
    });
  }

  test("nameBytesMax is reached and not passed, with an origin too", () => {
    assert.equal(nameFromText(longest)?.length, 255);
    assert.equal(nameFromText(`a${longest}`), undefined);
    const relative = longest.slice(0, -5);
    assert.equal(nameFromText(relative, origin)?.length, 255);
    assert.equal(nameFromText(`a${relative}`, origin), undefined);
  });

  test("a relative name without an origin is none", () => {
    assert.equal(nameFromText("www"), undefined);
    assert.equal(nameFromText("@"), undefined);
  });

  test("no text makes it throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        nameFromText(text, origin);
      }),
    );
  });
});

/** Any name that fits. */
const anyName: fc.Arbitrary<Name> = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { maxLength: 8 })
  .map((labels) => nameFromLabels(labels))
  .filter((name) => name !== undefined);

test("a name written as text is read as the same bytes", () => {
  fc.assert(
    fc.property(anyName, (name) => {
      assert.deepEqual(nameFromText(nameToText(name)), name);
    }),
  );
});

test("what means something in a master file is escaped", () => {
  const name = nameFromLabels([new TextEncoder().encode('a.b"\\();@$ é')])!;
  assert.equal(nameToText(name), 'a\\.b\\"\\\\\\(\\)\\;\\@\\$\\ \\195\\169.');
});
