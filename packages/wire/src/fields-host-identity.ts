/** The fields of HIP before its servers (RFC 8005 §5): on the wire, lengths come first. */
import { fromBase64 } from "./base-text.ts";
import { fromHex } from "./bytes.ts";
import { decimal } from "./fields-number.ts";
import { type Field, takeBytes, takeNumber, takeWord } from "./rdata-field.ts";

/** Algorithm, host identity tag in hexadecimal, and public key in base64 as one word. */
export const hostIdentity: Field = {
  toText: (from) => {
    const tagSize = takeNumber(from, 1);
    const algorithm = takeNumber(from, 1);
    const keySize = takeNumber(from, 2);
    if (tagSize === undefined || algorithm === undefined || keySize === undefined) return undefined;
    const tag = takeBytes(from, tagSize);
    const key = takeBytes(from, keySize);
    if (tag === undefined || key === undefined || tagSize === 0 || keySize === 0) return undefined;
    return `${algorithm} ${tag.toHex().toUpperCase()} ${key.toBase64()}`;
  },
  fromText: (from, to) => {
    const algorithm = decimal(takeWord(from), 255);
    if (algorithm === undefined) return "a key algorithm expected";
    const tag = fromHex(takeWord(from));
    if (tag === undefined || tag.length === 0 || tag.length > 255) {
      return "a host identity tag in hexadecimal expected";
    }
    const key = fromBase64(takeWord(from));
    if (key === undefined || key.length === 0 || key.length > 0xffff) {
      return "a public key in base64 expected";
    }
    to.u8(tag.length);
    to.u8(algorithm);
    to.u16(key.length);
    to.bytes(tag);
    to.bytes(key);
    return undefined;
  },
};
