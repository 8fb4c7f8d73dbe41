/**
 * The words of master file format: what zone files and RDATA in text are read from.
 *
 * RFC 1035 §5.1: blanks separate words, `"` holds blanks together, `;` starts a comment,
 * parentheses let an entry go on over lines, `\X` and `\DDD` quote one character. Escapes stay in
 * a token's text, since what they mean depends on the field: in a name `\.` is no separator.
 * Characters beyond ASCII stand for their UTF-8 bytes.
 */

/** Why a text cannot be read. */
export interface TextError {
  readonly kind: "text-error";
  readonly why: string;
}

export function textError(why: string): TextError {
  return { kind: "text-error", why };
}

/** One word, its quotes taken off and its escapes left in. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/** The words of one entry, which parentheses may stretch over several lines. */
export interface Entry {
  readonly kind: "entry";
  readonly tokens: readonly Token[];
  /** The line, counted from 1, that the entry starts on. */
  readonly line: number;
  /** Blanks stand before the first word: the entry has no owner of its own. */
  readonly isIndented: boolean;
}

/** A place in a text that is being read entry by entry. */
export interface Scan {
  readonly text: string;
  at: number;
  line: number;
}

const BLANK = /[ \t\r]/;
const WORD_END = /[ \t\r\n;()]/;

/** Reads the next entry that has words; undefined at the end of the text. */
export function nextEntry(scan: Scan): Entry | TextError | undefined {
  while (scan.at < scan.text.length) {
    const line = scan.line;
    const isIndented = BLANK.test(scan.text[scan.at]!);
    const tokens = readTokens(scan);
    if (!Array.isArray(tokens)) return tokens;
    if (tokens.length > 0) return { kind: "entry", tokens, line, isIndented };
  }
  return undefined;
}

/** The words of a text that is one entry or empty, such as the RDATA of a record. */
export function tokensOf(text: string): readonly Token[] | TextError {
  const scan: Scan = { text, at: 0, line: 1 };
  const entry = nextEntry(scan);
  if (entry === undefined) return [];
  if (entry.kind === "text-error") return entry;
  const next = nextEntry(scan);
  if (next === undefined) return entry.tokens;
  return next.kind === "text-error" ? next : textError("more than one line");
}

/** Reads words up to the end of a line that no parenthesis keeps open. */
function readTokens(scan: Scan): Token[] | TextError {
  const tokens: Token[] = [];
  const { text } = scan;
  let depth = 0;
  while (scan.at < text.length) {
    const char = text[scan.at]!;
    if (char === "\n") {
      scan.at++;
      scan.line++;
      if (depth === 0) return tokens;
    } else if (BLANK.test(char)) {
      scan.at++;
    } else if (char === ";") {
      const end = text.indexOf("\n", scan.at);
      scan.at = end < 0 ? text.length : end;
    } else if (char === "(") {
      depth++;
      scan.at++;
    } else if (char === ")") {
      if (--depth < 0) return textError("a parenthesis closes that none opened");
      scan.at++;
    } else {
      const token = char === '"' ? readQuoted(scan) : readWord(scan);
      if ("kind" in token) return token;
      tokens.push(token);
    }
  }
  return depth === 0 ? tokens : textError("a parenthesis is not closed");
}

/** Reads a quoted string; the scan stands on its first quote. */
function readQuoted(scan: Scan): Token | TextError {
  const open = scan.at;
  const end = closingQuote(scan.text, open);
  if (end === open) return textError("a quoted string is not closed");
  scan.at = end + 1;
  return { text: scan.text.slice(open + 1, end), quoted: true };
}

/**
 * Reads a word without quotes around it. A quote inside is a character like others, but behind `=`
 * it holds blanks together up to the next one (RFC 9460 §2.1).
 */
function readWord(scan: Scan): Token {
  const start = scan.at;
  let end = start;
  while (end < scan.text.length && !WORD_END.test(scan.text[end]!)) {
    if (scan.text[end] === '"' && scan.text[end - 1] === "=") end = closingQuote(scan.text, end);
    end += scan.text[end] === "\\" ? 2 : 1;
  }
  scan.at = Math.min(end, scan.text.length);
  return { text: scan.text.slice(start, scan.at), quoted: false };
}

/** The quote of the same line that closes the one at `open`, or `open` where none does. */
function closingQuote(text: string, open: number): number {
  let end = open + 1;
  while (end < text.length && text[end] !== '"' && text[end] !== "\n") {
    end += text[end] === "\\" ? 2 : 1;
  }
  return text[end] === '"' ? end : open;
}

const encoder = new TextEncoder();

/** The bytes that a token's text stands for; undefined where an escape is malformed. */
export function unescapeText(text: string): Uint8Array | undefined {
  if (!text.includes("\\")) return encoder.encode(text);
  const bytes: number[] = [];
  for (let at = 0; at < text.length;) {
    at = unescapeAt(text, at, bytes);
    if (at < 0) return undefined;
  }
  return Uint8Array.from(bytes);
}

/**
 * Appends the bytes of the character at `at`, escaped or not, and returns where the next one is;
 * -1 where its escape is malformed.
 */
export function unescapeAt(text: string, at: number, bytes: number[]): number {
  const isEscaped = text[at] === "\\";
  const from = isEscaped ? at + 1 : at;
  if (isEscaped && isDigit(text[from])) {
    const digits = text.slice(from, from + 3);
    if (!/^\d{3}$/.test(digits) || Number(digits) > 255) return -1;
    bytes.push(Number(digits));
    return from + 3;
  }
  const code = text.codePointAt(from);
  if (code === undefined) return -1;
  if (code < 0x80) {
    bytes.push(code);
    return from + 1;
  }
  bytes.push(...encoder.encode(String.fromCodePoint(code)));
  return from + (code > 0xffff ? 2 : 1);
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

/** Bytes as text in which these characters are escaped by `\X`, and what is not ASCII by `\DDD`. */
export function escapeBytes(bytes: Uint8Array, special: string): string {
  let text = "";
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, "0")}`;
    else text += special.includes(char) ? `\\${char}` : char;
  }
  return text;
}

/** Bytes as a quoted string. */
export function quotedText(bytes: Uint8Array): string {
  return `"${escapeBytes(bytes, '"\\')}"`;
}
