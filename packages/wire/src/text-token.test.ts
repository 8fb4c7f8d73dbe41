/** Tests of the words of master file format. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toHex } from "./bytes.ts";
import { escapeBytes, quotedText, tokensOf, unescapeText } from "./text-token.ts";

describe("words", () => {
  /** Title, text, words, those in quotes in brackets; a text alone is the reason of an error. */
  const rows: readonly (readonly [string, string, readonly string[] | string])[] = [
    ["none", " \t ; all comment", []],
    ["blanks separate", "a  b\tc", ["a", "b", "c"]],
    ["quotes hold blanks together", '"a b" c', ["[a b]", "c"]],
    ["an empty string", '""', ["[]"]],
    ["strings without a blank between", '"a""b"c', ["[a]", "[b]", "c"]],
    ["escapes stay", 'a\\ b "\\"" \\;', ["a\\ b", '[\\"]', "\\;"]],
    ["a quote inside a word", 'a"b"', ['a"b"']],
    ["a value in quotes behind an equals sign", 'k="a b;c" d', ['k="a b;c"', "d"]],
    ["a value whose quote is not closed", 'k="a b', ['k="a', "b"]],
    ["a comment ends at the line", "a ( ; x )\n b )", ["a", "b"]],
    ["parentheses need no blanks", "(a)(b\n)", ["a", "b"]],
    ["two lines", "a\nb", "more than one line"],
    ["a parenthesis too many", "a )", "a parenthesis closes that none opened"],
    ["a parenthesis too few", "( a", "a parenthesis is not closed"],
    ["a quote over a line", '"a\nb"', "a quoted string is not closed"],
    ["a backslash at the end", "a\\", ["a\\"]],
  ];
  for (const [title, text, expected] of rows) {
    test(title, () => {
      const tokens = tokensOf(text);
      const words =
        "kind" in tokens
          ? tokens.why
          : tokens.map((token) => (token.quoted ? `[${token.text}]` : token.text));
      assert.deepEqual(words, expected);
    });
  }
});

test("escapes are undone, and what is malformed is undefined", () => {
  assert.equal(toHex(unescapeText("a\\b\\000\\255é\\é😀")!), "616200ffc3a9c3a9f09f9880");
  for (const text of ["\\", "\\1", "\\12x", "\\256", "a\\"]) {
    assert.equal(unescapeText(text), undefined);
  }
});

test("bytes are escaped where they mean something or cannot be printed", () => {
  const bytes = Uint8Array.of(0x61, 0x22, 0x5c, 0x20, 0x7f, 0xc3);
  assert.equal(quotedText(bytes), '"a\\"\\\\ \\127\\195"');
  assert.equal(escapeBytes(bytes, " "), 'a"\\\\ \\127\\195');
});
