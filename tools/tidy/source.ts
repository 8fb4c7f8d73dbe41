/**
 * One TypeScript file as tidy sees it: its text, its code without strings and comments, its
 * comments without code, its imports and its exports.
 *
 * A scanner of one page, not a parser: it knows strings, templates, comments and regular
 * expressions, which is what counting braces needs.
 */

export interface Import {
  readonly from: string;
  readonly line: number;
  readonly typeOnly: boolean;
  /** Exported names that are imported; `*` for all of them. */
  readonly names: readonly string[];
}

export interface Export {
  readonly name: string;
  readonly line: number;
  readonly kind: "value" | "type";
}

export interface Source {
  /** Path from the root of the tree, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text with strings, templates, regular expressions and comments blanked. */
  readonly code: string;
  /** The text with everything but comments blanked. */
  readonly comments: string;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

/** Reads one file. */
export function readSource(path: string, text: string): Source {
  const { code, comments } = separate(text);
  return { path, text, code, comments, imports: importsOf(text, code), exports: exportsOf(code) };
}

/** The line, counted from 1, that an offset stands in. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < offset; i = text.indexOf("\n", i + 1)) line++;
  return line;
}

/** Separates code from comments; both keep every line and column of the text. */
function separate(text: string): { code: string; comments: string } {
  const code = [...blank(text)];
  const comments = [...blank(text)];
  const copy = (into: string[], from: number, to: number): void => {
    for (let i = from; i < to; i++) into[i] = text[i]!;
  };
  /** Braces that are open in each template that we are inside of. */
  const templates: number[] = [];
  let at = 0;
  while (at < text.length) {
    const end = tokenEnd(text, code, at, templates);
    if (text.startsWith("//", at) || text.startsWith("/*", at)) copy(comments, at, end);
    else if (end === at + 1) copy(code, at, end);
    at = end;
  }
  return { code: code.join(""), comments: comments.join("") };
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}

/** Where the token at `at` ends; a token longer than one character is not code to keep. */
function tokenEnd(text: string, code: string[], at: number, templates: number[]): number {
  const char = text[at]!;
  if (text.startsWith("//", at)) return indexOr(text, "\n", at);
  if (text.startsWith("/*", at)) return indexOr(text, "*/", at + 2) + 2;
  if (char === '"' || char === "'") return stringEnd(text, at);
  if (char === "`") return templateEnd(text, at + 1, templates);
  if (char === "/" && mayStartExpression(code, at)) return regexEnd(text, at);
  const depth = templates.at(-1);
  if (depth !== undefined && char === "{") templates[templates.length - 1] = depth + 1;
  if (depth !== undefined && char === "}") {
    if (depth === 0) {
      templates.pop();
      return templateEnd(text, at + 1, templates);
    }
    templates[templates.length - 1] = depth - 1;
  }
  return at + 1;
}

function indexOr(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found < 0 ? text.length : found;
}

function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === text[at] || text[i] === "\n") return i + 1;
  }
  return text.length;
}

function templateEnd(text: string, from: number, templates: number[]): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "`") return i + 1;
    else if (text.startsWith("${", i)) {
      templates.push(0);
      return i + 2;
    }
  }
  return text.length;
}

function regexEnd(text: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "\n") return at + 1;
    else if (text[i] === "[") inClass = true;
    else if (text[i] === "]") inClass = false;
    else if (text[i] === "/" && !inClass) return i + 1;
  }
  return at + 1;
}

/** Says whether a slash starts a regular expression: an operand cannot stand before one. */
function mayStartExpression(code: string[], at: number): boolean {
  let i = at - 1;
  while (i >= 0 && (code[i] === " " || code[i] === "\n")) i--;
  if (i < 0 || "(,=:[!&|?{};+-*%<>~^".includes(code[i]!)) return true;
  return /\b(return|typeof|case|in|of|yield|await)$/.test(
    code.slice(Math.max(0, i - 8), i + 1).join(""),
  );
}

const IMPORT = /\b(import|export)\s+(type\s+)?(\*\s+as\s+\w+|\*|\w+|\{[^}]*\})\s*from\b/g;
const IMPORT_TYPE = /\bimport\(\s*"([^"]+)"\s*\)\.(\w+)/g;

function importsOf(text: string, code: string): Import[] {
  const found: Import[] = [];
  for (const match of code.matchAll(IMPORT)) {
    const from = /^\s*["']([^"']+)["']/.exec(text.slice(match.index + match[0].length));
    if (from === null) continue;
    const items = match[3]!.startsWith("{")
      ? match[3]!
          .slice(1, -1)
          .split(",")
          .map((item) => item.trim())
          .filter((item) => item !== "")
      : ["*"];
    found.push({
      from: from[1]!,
      line: lineAt(text, match.index),
      typeOnly:
        match[2] !== undefined || (items[0] !== "*" && items.every((i) => i.startsWith("type "))),
      names: items.map((item) => item.replace(/^type\s+/, "").replace(/\s+as\s+\w+$/, "")),
    });
  }
  for (const match of text.matchAll(IMPORT_TYPE)) {
    const line = lineAt(text, match.index);
    found.push({ from: match[1]!, line, typeOnly: true, names: [match[2]!] });
  }
  for (const match of text.matchAll(/\bimport\s*\(?\s*"([^"]+)"/g)) {
    if (code[match.index] !== "i" || found.some((one) => one.from === match[1])) continue;
    found.push({ from: match[1]!, line: lineAt(text, match.index), typeOnly: false, names: ["*"] });
  }
  return found;
}

const EXPORT =
  /^export\s+(?:abstract\s+|declare\s+)?(async\s+function|function|const|let|class|interface|type)[\s*]+(\w+)/gm;

function exportsOf(code: string): Export[] {
  return [...code.matchAll(EXPORT)].map((match) => ({
    name: match[2]!,
    line: lineAt(code, match.index),
    kind: match[1] === "interface" || match[1] === "type" ? "type" : "value",
  }));
}
