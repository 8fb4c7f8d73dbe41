/**
 * The location of RFC 1876: degrees, minutes and seconds, altitude, and three precisions.
 *
 *   | version 0 | size | horizontal | vertical | latitude 4 | longitude 4 | altitude 4 |
 *
 * Latitude and longitude are thousandths of a second of arc off 2^31; the altitude is centimetres
 * above 100 km below the ellipsoid; a precision is centimetres as a digit and a power of ten.
 */
import { type Field, type TokenCursor, takeBytes } from "./rdata-field.ts";
import { getU32 } from "./bytes.ts";

const BYTES = 16;
const EQUATOR = 2 ** 31;
const ARC_SECOND = 1000;
const DEGREE = 3600 * ARC_SECOND;
const ALTITUDE_BASE_CM = 10_000_000;

/** Precisions that a text may leave out (RFC 1876 §3): 1 m, 10 km, 10 m. */
const PRECISIONS_DEFAULT = [0x12, 0x16, 0x13] as const;

export const location: Field = {
  toText: (from) => {
    const bytes = takeBytes(from, BYTES);
    if (bytes === undefined || bytes[0] !== 0) return undefined;
    const words = [
      angleToText(getU32(bytes, 4) - EQUATOR, 90, "N", "S"),
      angleToText(getU32(bytes, 8) - EQUATOR, 180, "E", "W"),
      `${centimetresToText(getU32(bytes, 12) - ALTITUDE_BASE_CM, 2)}m`,
      ...[bytes[1]!, bytes[2]!, bytes[3]!].map(precisionToText),
    ];
    return words.includes(undefined) ? undefined : words.join(" ");
  },
  fromText: (from, to) => {
    const latitude = takeAngle(from, 90, "N", "S");
    const longitude = takeAngle(from, 180, "E", "W");
    if (latitude === undefined || longitude === undefined) {
      return "a location as 42 21 54 N 71 6 18 W expected";
    }
    const altitude = takeMetres(from, -ALTITUDE_BASE_CM, 2 ** 32 - 1 - ALTITUDE_BASE_CM);
    if (altitude === undefined) return "an altitude in metres expected";
    to.u8(0);
    for (const fallback of PRECISIONS_DEFAULT) {
      const isGiven = from.at < from.tokens.length;
      const centimetres = isGiven ? takeMetres(from, 0, 9e9) : 0;
      if (centimetres === undefined) return "a precision of up to 90000000 metres expected";
      to.u8(isGiven ? precisionOf(centimetres) : fallback);
    }
    to.u32(latitude + EQUATOR);
    to.u32(longitude + EQUATOR);
    to.u32(altitude + ALTITUDE_BASE_CM);
    return undefined;
  },
};

function angleToText(
  angle: number,
  degreesMax: number,
  positive: string,
  negative: string,
): string | undefined {
  const size = Math.abs(angle);
  if (size > degreesMax * DEGREE) return undefined;
  const degrees = Math.floor(size / DEGREE);
  const minutes = Math.floor(size / (60 * ARC_SECOND)) % 60;
  const seconds = ((size / ARC_SECOND) % 60).toFixed(3);
  return `${degrees} ${minutes} ${seconds} ${angle < 0 ? negative : positive}`;
}

/** Reads up to three numbers and the letter of a hemisphere, which may stand at the last one. */
function takeAngle(
  from: TokenCursor,
  degreesMax: number,
  positive: string,
  negative: string,
): number | undefined {
  const numbers: number[] = [];
  for (let i = 0; i < 4; i++) {
    const word = from.tokens[from.at++]?.text.toUpperCase() ?? "";
    const parts = /^(\d{1,3}(?:\.\d{1,3})?)?([NSEW]?)$/.exec(word);
    if (parts === null || word === "") return undefined;
    if (parts[1] !== undefined) numbers.push(Number(parts[1]));
    if (parts[2] === "") continue;
    if (parts[2] !== positive && parts[2] !== negative) return undefined;
    const size = angleOf(numbers);
    if (size === undefined || size > degreesMax * DEGREE) return undefined;
    return parts[2] === negative ? -size : size;
  }
  return undefined;
}

/** Thousandths of a second of arc; only the seconds may have a fraction. */
function angleOf(numbers: readonly number[]): number | undefined {
  const [degrees, minutes = 0, seconds = 0] = numbers;
  if (degrees === undefined || numbers.length > 3 || minutes >= 60 || seconds >= 60) {
    return undefined;
  }
  if (!Number.isInteger(degrees) || !Number.isInteger(minutes)) return undefined;
  return degrees * DEGREE + minutes * 60 * ARC_SECOND + Math.round(seconds * ARC_SECOND);
}

function centimetresToText(centimetres: number, digits: number): string {
  return (centimetres / 100).toFixed(digits);
}

/** Reads metres with up to two digits of fraction and returns centimetres. */
function takeMetres(from: TokenCursor, min: number, max: number): number | undefined {
  const word = from.tokens[from.at++]?.text ?? "";
  if (!/^-?\d{1,8}(\.\d{0,2})?m?$/i.test(word)) return undefined;
  const centimetres = Math.round(Number.parseFloat(word) * 100);
  return centimetres < min || centimetres > max ? undefined : centimetres;
}

/** A precision's metres; undefined where a digit is above nine or zero has a power. */
function precisionToText(precision: number): string | undefined {
  const digit = precision >> 4;
  const power = precision & 15;
  if (digit > 9 || power > 9 || (digit === 0 && power > 0)) return undefined;
  const centimetres = digit * 10 ** power;
  return `${centimetresToText(centimetres, centimetres % 100 === 0 ? 0 : 2)}m`;
}

/** The digit and power that come next below a number of centimetres. */
function precisionOf(centimetres: number): number {
  let power = 0;
  let digit = centimetres;
  for (; digit > 9; power++) digit = Math.floor(digit / 10);
  return (digit << 4) | power;
}
