/**
 * RDATA as text and back, for every type.
 *
 * What a type's format cannot read, and types that have none, are written in the generic form of
 * RFC 3597 §5: `\# 4 0A000001`. The reading of it is accepted for every type.
 */
import { fromHex } from "./bytes.ts";
import { typeToText } from "./codes-text.ts";
import { wireLimits } from "./limits.ts";
import type { Name } from "./name.ts";
import { type RdataCursor, RdataBuilder } from "./rdata-field.ts";
import { rdataFormat } from "./rdata-format.ts";
import { type TextError, type Token, textError, tokensOf } from "./text-token.ts";

const RDATA_MAX = wireLimits.rdataBytesMax.value;

/** RDATA, its names uncompressed, as one line of text. */
export function rdataToText(type: number, rdata: Uint8Array): string {
  return formattedText(type, rdata) ?? genericText(rdata);
}

function genericText(rdata: Uint8Array): string {
  const size = `\\# ${rdata.length}`;
  return rdata.length === 0 ? size : `${size} ${rdata.toHex().toUpperCase()}`;
}

/** RDATA by its type's own format; undefined where it has none, or these bytes do not follow it. */
function formattedText(type: number, rdata: Uint8Array): string | undefined {
  const format = rdataFormat(type);
  if (format === undefined) return undefined;
  const cursor: RdataCursor = { bytes: rdata, at: 0 };
  const words: string[] = [];
  for (const field of format) {
    const text = field.toText(cursor);
    if (text === undefined) return undefined;
    if (text !== "") words.push(text);
  }
  return cursor.at === rdata.length ? words.join(" ") : undefined;
}

/**
 * The RDATA that a text stands for, or why it stands for none.
 *
 * Relative names take `origin`; without one they are an error.
 */
export function rdataFromText(type: number, text: string, origin?: Name): Uint8Array | TextError {
  const tokens = tokensOf(text);
  return "kind" in tokens ? tokens : rdataFromTokens(type, tokens, origin);
}

/** `rdataFromText` over words that were read already, as a zone file has them. */
export function rdataFromTokens(
  type: number,
  tokens: readonly Token[],
  origin?: Name,
): Uint8Array | TextError {
  if (tokens[0]?.text === "\\#" && !tokens[0].quoted) return genericRdata(type, tokens);
  const format = rdataFormat(type);
  if (format === undefined) return textError(`${typeToText(type)} needs the form \\# LENGTH HEX`);
  const cursor = { tokens, at: 0, origin };
  const out = new RdataBuilder();
  for (const field of format) {
    const why = field.fromText(cursor, out);
    if (why !== undefined) return textError(`${typeToText(type)}: ${why}`);
  }
  if (cursor.at < tokens.length) return textError(`${typeToText(type)}: words are left over`);
  if (out.size > RDATA_MAX) return textError(`RDATA is longer than ${RDATA_MAX} bytes`);
  return out.take();
}

/** The bytes of `\# LENGTH HEX`, which must follow the type's format where it has one. */
function genericRdata(type: number, tokens: readonly Token[]): Uint8Array | TextError {
  const size = /^\d{1,5}$/.test(tokens[1]?.text ?? "") ? Number(tokens[1]!.text) : undefined;
  const rdata = fromHex(
    tokens
      .slice(2)
      .map((token) => token.text)
      .join(""),
  );
  if (size === undefined || rdata === undefined) return textError("\\# LENGTH HEX expected");
  if (size > RDATA_MAX) return textError(`RDATA is longer than ${RDATA_MAX} bytes`);
  if (rdata.length !== size) return textError(`${size} bytes said, ${rdata.length} given`);
  if (rdataFormat(type) !== undefined && formattedText(type, rdata) === undefined) {
    return textError(`these bytes are no ${typeToText(type)}`);
  }
  return rdata;
}
