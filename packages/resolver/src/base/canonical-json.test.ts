/** Canonical JSON against the samples of RFC 8785 and of its author's test suite. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Json, canonicalJson, parseCanonicalJson } from "./canonical-json.ts";
import { limits } from "./limits.ts";

test("writes the numbers of RFC 8785, Appendix B", () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["7fffffffffffffff", undefined],
    ["7ff0000000000000", undefined],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ];
  for (const [bits, expected] of table) {
    const value = new DataView(Uint8Array.fromHex(bits).buffer).getFloat64(0);
    assert.equal(canonicalJson(value), expected, bits);
  }
});

test("writes the samples of RFC 8785 §3.2.3 and of its author's suite", () => {
  const table: readonly (readonly [string, string])[] = [
    [
      String.raw`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`,
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}',
    ],
    [
      String.raw`{"\u20ac":"Euro Sign","1":"One","\u0080":"Control\u007f","</script>":"Browser Challenge"}`,
      '{"1":"One","</script>":"Browser Challenge","\u0080":"Control\u007f","\u20ac":"Euro Sign"}',
    ],
    [
      String.raw`{"numbers":[1E30,4.50,333333333.33333329,2e-3,0.000000000000000000000000001],` +
        String.raw`"escaping":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
      String.raw`{"escaping":"€$\u000f\nA'B\"\\\\\"/","literals":[null,true,false],"numbers":[1e+30,4.5,333333333.3333333,0.002,1e-27]}`,
    ],
    [
      String.raw`{"1":{"f":{"f":"hi","F":5},"\n":56.0},"10":{},"":"empty","a":{},"111":[{}],"A":{}}`,
      String.raw`{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{}],"A":{},"a":{}}`,
    ],
    [' [ 56 , { "d" : true , "10" : null } ] ', '[56,{"10":null,"d":true}]'],
  ];
  for (const [input, expected] of table) {
    assert.equal(canonicalJson(JSON.parse(input) as Json), expected);
    assert.deepEqual(parseCanonicalJson(expected), JSON.parse(input));
  }
});

test("reads canonical text and no other", () => {
  const bad = [
    "",
    "{",
    '{"a":1,"a":1}',
    '{"b":1,"a":1}',
    '{ "a":1}',
    '{"a":1}\n',
    "1.0",
    "-0",
    "1E3",
    '"\\u0041"',
    '"\\/"',
    '"\\ud800"',
    "\ufeff1",
  ];
  for (const text of bad) assert.equal(parseCanonicalJson(text), undefined, text);
  assert.equal(canonicalJson("\ud800"), undefined);
  assert.equal(canonicalJson({ "\udc00": 1 }), undefined);
});

test("goes down as far as jsonDepthMax, and never out of stack", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  const max = limits.jsonDepthMax.value;
  assert.notEqual(parseCanonicalJson(nested(max + 1)), undefined);
  assert.equal(parseCanonicalJson(nested(max + 2)), undefined);
  assert.equal(parseCanonicalJson(nested(1_000_000)), undefined);
  assert.equal(parseCanonicalJson("[".repeat(1_000_000)), undefined);
});

test("any value that JSON can say comes back from its canonical text", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }), (value) => {
      const text = canonicalJson(value as Json);
      if (text === undefined) return;
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      assert.equal(canonicalJson(JSON.parse(text) as Json), text);
    }),
  );
});
