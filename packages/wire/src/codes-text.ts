/**
 * Mnemonics of types, classes and codes, both ways.
 *
 * What has no mnemonic is written as RFC 3597 §5 says: `TYPE65280`, `CLASS32`; other codes in the
 * same manner. Letter case does not count when reading.
 */
import { extendedErrorTitles, opcode, optionTitles, rcode, rrClass, rrType } from "./codes.ts";

const typeNames = namesByValue(rrType);
const typeValues: ReadonlyMap<string, number> = new Map([...Object.entries(rrType), ["*", 255]]);
const classNames = namesByValue(rrClass);
const classValues: ReadonlyMap<string, number> = new Map([
  ...Object.entries(rrClass),
  ["CHAOS", rrClass.CH],
  ["HESIOD", rrClass.HS],
]);
const rcodeNames = namesByValue(rcode);
const rcodeValues: ReadonlyMap<string, number> = new Map(Object.entries(rcode));
const opcodeNames = namesByValue(opcode);

function namesByValue(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, value]) => [value, name]));
}

/** A type's mnemonic, or `TYPE123`. */
export function typeToText(type: number): string {
  return typeNames.get(type) ?? `TYPE${type}`;
}

/** The type of a mnemonic or of `TYPE123`; undefined where it is neither. */
export function typeFromText(text: string): number | undefined {
  return typeValues.get(text.toUpperCase()) ?? numbered(text, "TYPE");
}

/** A class's mnemonic, or `CLASS32`. */
export function classToText(rrclass: number): string {
  return classNames.get(rrclass) ?? `CLASS${rrclass}`;
}

/** The class of a mnemonic or of `CLASS32`; undefined where it is neither. */
export function classFromText(text: string): number | undefined {
  return classValues.get(text.toUpperCase()) ?? numbered(text, "CLASS");
}

/** A response code's mnemonic, the twelve bits of RFC 6891 §6.1.3 together, or `RCODE3841`. */
export function rcodeToText(code: number): string {
  return rcodeNames.get(code) ?? `RCODE${code}`;
}

/** The response code of a mnemonic or of `RCODE3841`; undefined where it is neither. */
export function rcodeFromText(text: string): number | undefined {
  return rcodeValues.get(text.toUpperCase()) ?? numbered(text, "RCODE");
}

/** An opcode's mnemonic, or `OPCODE7`. */
export function opcodeToText(code: number): string {
  return opcodeNames.get(code) ?? `OPCODE${code}`;
}

/** The purpose of an Extended DNS Error as RFC 8914 §4 words it, or `Unknown Error 49152`. */
export function extendedErrorToText(infoCode: number): string {
  return extendedErrorTitles.get(infoCode) ?? `Unknown Error ${infoCode}`;
}

/** What people call an EDNS option, or `OPT65001`. */
export function optionToText(code: number): string {
  return optionTitles.get(code) ?? `OPT${code}`;
}

/** The number behind a prefix, of sixteen bits and without leading zeros. */
function numbered(text: string, prefix: string): number | undefined {
  if (text.length <= prefix.length || text.slice(0, prefix.length).toUpperCase() !== prefix) {
    return undefined;
  }
  const digits = text.slice(prefix.length);
  const value = /^(0|[1-9]\d{0,4})$/.test(digits) ? Number(digits) : undefined;
  return value === undefined || value > 0xffff ? undefined : value;
}
