/** Tests of tidy itself, with planted violations; and of the tree, with none. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { tlogLimits } from "@lethe/tlog/limits.ts";
import { wireLimits } from "@lethe/wire/limits.ts";
import { limits } from "../packages/resolver/src/base/limits.ts";
import { limitsDocument } from "./limits-doc.ts";
import { rfcDocument } from "./rfc-doc.ts";
import { checkTree, findingToText, readTree } from "./tidy.ts";

const HEADER = "/** A planted file. */\n";
const BASE = "packages/resolver/src/base/planted.ts";
const CACHE = "packages/resolver/src/cache/planted.ts";
const PRIVACY = "packages/resolver/src/privacy/planted.ts";
const SERVE = "packages/resolver/src/serve/planted.ts";
const TLOG = "packages/tlog/src/planted.ts";
const WIRE = "packages/wire/src/planted.ts";
const lines = (count: number, line = "f();"): string => `${line}\n`.repeat(count);

/** Each row: title, path, text, the rule that must speak; undefined where none may. */
const planted: readonly (readonly [string, string, string, string | undefined])[] = [
  ["a file without a header", BASE, "f();\n", "header"],
  ["a file with a header", BASE, `${HEADER}f();\n`, undefined],
  ["a file of 400 lines", BASE, HEADER + lines(399), undefined],
  ["a file of 401 lines", BASE, HEADER + lines(400), "file length"],
  ["a function of 70 lines", BASE, `${HEADER}function a(): void {\n${lines(68)}}\n`, undefined],
  [
    "a function of 71 lines",
    BASE,
    `${HEADER}function a(): void {\n${lines(69)}}\n`,
    "function length",
  ],
  ["an arrow of 71 lines", BASE, `${HEADER}g(() => {\n${lines(69)}});\n`, "function length"],
  [
    "a method of 71 lines",
    BASE,
    `${HEADER}class A {\n  b(c: (d: E) => F) {\n${lines(69)}}\n}\n`,
    "function length",
  ],
  [
    "a long class of short methods",
    BASE,
    `${HEADER}class A {\n${lines(80, "a() { f(); }")}}\n`,
    undefined,
  ],
  ["a long block that is no function", BASE, `${HEADER}if (a(b)) {\n${lines(80)}}\n`, undefined],
  [
    "braces in strings, comments and expressions",
    BASE,
    `${HEADER}function a() {\n  b("}", '}', /[}/]}/, \`}\${{ c: "}" }}\`); // }\n${lines(68)}}\n`,
    "function length",
  ],
  [
    "a suite of tests",
    "packages/resolver/src/base/a.test.ts",
    `${HEADER}describe("a", () => {\n${lines(80)}});\n`,
    undefined,
  ],
  ["a line of 100 columns", BASE, `${HEADER}a = b; ${"c ".repeat(46)}d\n`, undefined],
  ["a line of 101 columns", BASE, `${HEADER}a = b; ${"c ".repeat(47)}\n`, "columns"],
  [
    "a long line of one unbreakable word",
    BASE,
    `${HEADER}const a = ${"c".repeat(120)};\n`,
    undefined,
  ],
  [
    "a file that says nothing by its name",
    "packages/resolver/src/base/utils.ts",
    HEADER,
    "file name",
  ],
  ["a file name with a space", "docs/a b.md", "", "file name"],
  ["a word that promises to mend", BASE, `${HEADER}// FIX${"ME"}: later\n`, "words"],
  ["a task without its issue", BASE, `${HEADER}// TO${"DO"}: later\n`, "words"],
  ["a task with its issue", BASE, `${HEADER}// TODO(#12): later\n`, undefined],
  ["a path of a machine", "docs/planted.md", `See /wo${"rk"}/main.\n`, "words"],
  ["an RFC spelled well", BASE, `${HEADER}// RFC 9156 §2.3, and RFC 1035.\n`, undefined],
  ["an RFC without its space", BASE, `${HEADER}// RFC9156 says so\n`, "rfc"],
  ["an RFC in small letters", BASE, `${HEADER}// rfc 9156\n`, "rfc"],
  ["a section in words", BASE, `${HEADER}// RFC 9156 section 2.3\n`, "rfc"],
  ["a section after a comma", BASE, `${HEADER}// RFC 9156, §2.3\n`, "rfc"],
  ["a lower floor", SERVE, `${HEADER}import { a } from "../cache/a.ts";\n`, undefined],
  ["a higher floor", CACHE, `${HEADER}import { a } from "../serve/a.ts";\n`, "floors"],
  [
    "a type of a higher floor",
    CACHE,
    `${HEADER}import type { A } from "../serve/a.ts";\n`,
    "floors",
  ],
  ["a room of the same floor", CACHE, `${HEADER}import { a } from "../privacy/a.ts";\n`, "floors"],
  [
    "a type of a room of the same floor",
    PRIVACY,
    `${HEADER}import type { A } from "../cache/a.ts";\n`,
    undefined,
  ],
  [
    "wire asking the resolver",
    WIRE,
    `${HEADER}import { a } from "../../resolver/src/base/a.ts";\n`,
    "floors",
  ],
  [
    "wire asking the resolver for a type",
    WIRE,
    `${HEADER}import type { A } from "@lethe/resolver/base/a.ts";\n`,
    "floors",
  ],
  [
    "tlog asking the resolver for a type",
    TLOG,
    `${HEADER}import type { A } from "@lethe/resolver/base/a.ts";\n`,
    "floors",
  ],
  ["tlog asking wire", TLOG, `${HEADER}import { a } from "@lethe/wire/a.ts";\n`, "floors"],
  ["wire asking tlog", WIRE, `${HEADER}import { a } from "@lethe/tlog/a.ts";\n`, "floors"],
  ["tlog asking the platform", TLOG, `${HEADER}import { a } from "node:fs";\n`, "floors"],
  ["tlog asking WebCrypto", TLOG, `${HEADER}const a = crypto.subtle.digest(b);\n`, "floors"],
  [
    "tlog asking WebCrypto where signatures are",
    "packages/tlog/src/ed25519.ts",
    `${HEADER}const a = crypto.subtle.verify(b);\n`,
    undefined,
  ],
  [
    "tlog rolling WebCrypto's dice",
    "packages/tlog/src/ed25519.ts",
    `${HEADER}const a = crypto.getRandomValues(b);\n`,
    "floors",
  ],
  ["a base that reads a log", BASE, `${HEADER}import { a } from "@lethe/tlog/a.ts";\n`, "floors"],
  [
    "a server that reads a log",
    SERVE,
    `${HEADER}import { a } from "@lethe/tlog/a.ts";\n`,
    undefined,
  ],
  [
    "base asking wire for a value",
    BASE,
    `${HEADER}import { a } from "@lethe/wire/a.ts";\n`,
    "floors",
  ],
  [
    "a server that leans on the simulator",
    SERVE,
    `${HEADER}import { a } from "../../sim/a.ts";\n`,
    "floors",
  ],
  ["a room on no floor", "packages/resolver/src/attic/a.ts", HEADER, "floors"],
  ["a platform module on a pure floor", CACHE, `${HEADER}import { a } from "node:fs";\n`, "floors"],
  ["a platform module above", SERVE, `${HEADER}import { a } from "node:fs";\n`, undefined],
  [
    "a dynamic import of the platform",
    CACHE,
    `${HEADER}const a = await import("node:fs");\n`,
    "floors",
  ],
  ["a clock", CACHE, `${HEADER}const a = Date.now();\n`, "floors"],
  ["a clock by another name", CACHE, `${HEADER}const a = performance.now();\n`, "floors"],
  ["a date that is given", WIRE, `${HEADER}const a = new Date(b);\n`, undefined],
  ["a clock in a comment", CACHE, `${HEADER}// Date.now() is not read here\n`, undefined],
  ["dice", CACHE, `${HEADER}const a = Math.random();\n`, "floors"],
  ["a timer", CACHE, `${HEADER}setTimeout(a, 1);\n`, "floors"],
  ["output", SERVE, `${HEADER}process.stdout.write(a);\n`, "floors"],
  [
    "output by the printer",
    "packages/resolver/src/cli/print.ts",
    `${HEADER}process.stdout.write(a);\n`,
    undefined,
  ],
  ["a value that nobody imports", BASE, `${HEADER}export function a() {}\n`, "exports"],
  [
    "a type of an exported signature",
    BASE,
    `${HEADER}export interface A {}\nf(b as A);\n`,
    undefined,
  ],
  ["a type that nobody needs", BASE, `${HEADER}export interface A {}\n`, "exports"],
];

describe("tidy", () => {
  for (const [title, path, text, rule] of planted) {
    test(`${rule === undefined ? "allows" : "finds"} ${title}`, () => {
      const rules = checkTree(new Map([[path, text]]), []).map((finding) => finding.rule);
      assert.deepEqual(rules, rule === undefined ? [] : [rule]);
    });
  }

  test("counts an import of another file as a use", () => {
    const tree = new Map([
      [BASE, `${HEADER}export function a() {}\nexport type B = 1;\n`],
      [SERVE, `${HEADER}import { a as c, type B } from "../base/planted.ts";\n`],
    ]);
    assert.deepEqual(checkTree(tree, []), []);
  });

  test("finds a limit whose test is missing, or does not speak of it", () => {
    const row = { value: 1, unit: "a", why: "b", beyond: "c", test: "a.md" };
    const found = (tree: ReadonlyMap<string, string>): string[] =>
      checkTree(tree, [{ thingsMax: row }]).map((finding) => finding.rule);
    assert.deepEqual(found(new Map()), ["limits"]);
    assert.deepEqual(found(new Map([["a.md", "of other things"]])), ["limits"]);
    assert.deepEqual(found(new Map([["a.md", "thingsMax is reached"]])), []);
  });
});

describe("the tree", () => {
  const tree = readTree(join(import.meta.dirname, ".."));

  test("is tidy", () => {
    const findings = checkTree(tree, [wireLimits, tlogLimits, limits]).map(findingToText);
    assert.equal(findings.length, 0, `\n${findings.join("\n")}`);
  });

  test("has the table of its limits in docs/limits.md (tools/limits-doc.ts writes it)", () => {
    assert.equal(tree.get("docs/limits.md"), limitsDocument());
  });

  test("has the table of its RFC clauses in docs/rfc.md (tools/rfc-doc.ts writes it)", () => {
    assert.equal(tree.get("docs/rfc.md"), rfcDocument(tree));
  });
});
