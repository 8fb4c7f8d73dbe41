/**
 * The rules that need to see one file only: sizes, header, names, words, RFC spelling.
 *
 * Each rule returns findings; none throws. STYLE.md gives the reasons.
 */
import { type Source, lineAt } from "./source.ts";

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 100;

const BANNED_FILE = /^(utils?|helpers?|commons?|managers?|misc|index)\b/;

/** Words that no file of the tree may hold. Written so that this file does not hold them. */
const BANNED_WORDS: readonly (readonly [RegExp, string])[] = [
  [/FIX[M]E/, "mend it, or file it"],
  [/\b[T]ODO(?!\(#\d+\))/, "say which issue will do it, in brackets behind the word"],
  [/\bXX[X]\b/, "say what is wrong in a sentence"],
  [/(^|[\s"'`(=])\/([w]ork|[f]arm|[r]oot|[t]mp|[h]ome)\//, "a path of one machine"],
  [/\/\/[r]egistry\./, "a registry's host name"],
];

/** Everything that one file of any kind can do wrong. */
export function checkText(path: string, text: string): Finding[] {
  const findings: Finding[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    for (const [pattern, why] of BANNED_WORDS) {
      const match = pattern.exec(line);
      if (match === null) continue;
      findings.push({ path, line: i + 1, rule: "words", message: `"${match[0].trim()}": ${why}` });
    }
  }
  const file = path.split("/").at(-1)!;
  if (BANNED_FILE.test(file)) {
    findings.push({ path, line: 1, rule: "file name", message: `"${file}" says nothing` });
  }
  if (/\s/.test(path))
    findings.push({ path, line: 1, rule: "file name", message: "holds a space" });
  return findings;
}

/** Everything that one TypeScript file can do wrong by itself. */
export function checkSource(source: Source): Finding[] {
  return [
    ...header(source),
    ...fileLength(source),
    ...functionLengths(source),
    ...columns(source),
    ...rfcSpelling(source),
  ];
}

function header({ path, text }: Source): Finding[] {
  if (/^(#!.*\n)?\/\*\*/.test(text)) return [];
  return [{ path, line: 1, rule: "header", message: "no comment at the top says what it is for" }];
}

function fileLength({ path, text }: Source): Finding[] {
  const lines = text.replace(/\n$/, "").split("\n").length;
  if (lines <= FILE_LINES_MAX || isGenerated(text)) return [];
  const message = `${lines} lines, at most ${FILE_LINES_MAX}: split it by topic`;
  return [{ path, line: FILE_LINES_MAX + 1, rule: "file length", message }];
}

/** Says whether a file's header comment declares it written by a tool of this tree. */
function isGenerated(text: string): boolean {
  return /^\/\*\*[^/]*\b[Gg]enerated by tools\//.test(text);
}

/** A line that is one unbreakable string or word may be longer: nobody can fold it. */
function columns({ path, text }: Source): Finding[] {
  const findings: Finding[] = [];
  if (isGenerated(text)) return findings;
  for (const [i, line] of text.split("\n").entries()) {
    const columnCount = [...line].length;
    if (columnCount <= COLUMNS_MAX) continue;
    if (/^\s*(\[|\{|\w+:|test\()?\s*["'`/]/.test(line) && !/^\s*\/[/*]/.test(line)) continue;
    if (/\S{61,}/.test(line)) continue;
    const message = `${columnCount} columns, at most ${COLUMNS_MAX}`;
    findings.push({ path, line: i + 1, rule: "columns", message });
  }
  return findings;
}

function functionLengths({ path, text, code }: Source): Finding[] {
  const findings: Finding[] = [];
  const open: { readonly at: number; readonly isFunction: boolean }[] = [];
  for (let at = 0; at < code.length; at++) {
    if (code[at] === "{") open.push({ at, isFunction: startsFunction(code, at) });
    if (code[at] !== "}") continue;
    const brace = open.pop();
    if (brace === undefined || !brace.isFunction) continue;
    const first = lineAt(text, brace.at);
    const lines = lineAt(text, at) - first + 1;
    if (lines <= FUNCTION_LINES_MAX || isSuite(text, brace.at)) continue;
    const message = `a function of ${lines} lines, at most ${FUNCTION_LINES_MAX}`;
    findings.push({ path, line: first, rule: "function length", message });
  }
  return findings;
}

/** Says whether a brace opens the body of a function, method or arrow. */
function startsFunction(code: string, brace: number): boolean {
  const before = code.slice(Math.max(0, brace - 400), brace).trimEnd();
  if (before.endsWith("=>")) return true;
  const end = before.lastIndexOf(")");
  if (end < 0 || !/^\s*(:[^;{}=]*)?$/.test(before.slice(end + 1))) return false;
  let depth = 0;
  for (let i = end; i >= 0; i--) {
    if (before[i] === ")") depth++;
    if (before[i] === "(" && --depth === 0) {
      return !/\b(if|for|while|switch|catch|with|await)\s*$/.test(before.slice(0, i));
    }
  }
  return true;
}

/** Says whether a brace opens a `describe(…)`: a list of tests, not one function to read. */
function isSuite(text: string, brace: number): boolean {
  const lineStart = text.lastIndexOf("\n", brace) + 1;
  return /\b(describe|suite)\(/.test(text.slice(lineStart, brace));
}

const RFC = /\bRFCs?[-_ ]?\d{2,5}[^\n]{0,12}/gi;

/** One spelling, so that tools/rfc-doc.ts finds each clause: `RFC 9156 §2.3`. */
function rfcSpelling({ path, comments }: Source): Finding[] {
  const findings: Finding[] = [];
  for (const match of comments.matchAll(RFC)) {
    const text = match[0];
    if (/^rfc\d+[/.\w-]*(\/|\.txt|\.test)/.test(text)) continue;
    const isRight = /^RFCs? \d{3,5}\b/.test(text) && !/^RFC \d+,? ?(sec|chap|app)/i.test(text);
    const clause = /^RFC \d+(,? *§ +\d|,§|, §)/.test(text);
    if (isRight && !clause) continue;
    const message = `"${text.trim()}": write it as RFC 9156 §2.3`;
    findings.push({ path, line: lineAt(comments, match.index), rule: "rfc", message });
  }
  return findings;
}
