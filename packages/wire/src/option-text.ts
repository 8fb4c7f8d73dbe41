/** EDNS options as people read them: one line each, in the manner of dig. */
import { getU16, getU32 } from "./bytes.ts";
import { extendedErrorToText, optionToText } from "./codes-text.ts";
import { type EdnsOption, optionCode } from "./edns.ts";
import { ip4ToText, ip6ToText } from "./ip-text.ts";
import { nameToText } from "./name-text.ts";
import { nameFromBytes } from "./name.ts";
import { escapeBytes, quotedText } from "./text-token.ts";

const decoder = new TextDecoder();

/** An option as `NAME: what it says`; in hexadecimal where its data is not as it should be. */
export function ednsOptionToText(option: EdnsOption): string {
  const said = meaningOf(option) ?? bytesToText(option.data);
  const title = optionToText(option.code);
  return said === "" ? title : `${title}: ${said}`;
}

function meaningOf({ code, data }: EdnsOption): string | undefined {
  switch (code) {
    case optionCode.extendedError:
      return extendedErrorText(data);
    case optionCode.clientSubnet:
      return subnetText(data);
    case optionCode.cookie:
      return data.length >= 8 ? data.toHex() : undefined;
    case optionCode.padding:
      return `${data.length} bytes`;
    case optionCode.tcpKeepalive:
      if (data.length === 0) return "";
      return data.length === 2 ? `${(getU16(data, 0) / 10).toFixed(1)} secs` : undefined;
    case optionCode.expire:
      if (data.length === 0) return "";
      return data.length === 4 ? `${getU32(data, 0)} secs` : undefined;
    case optionCode.reportChannel:
    case optionCode.chain: {
      const name = nameFromBytes(data);
      return name === undefined ? undefined : nameToText(name);
    }
    case optionCode.keyTag:
      return keyTagText(data);
    case optionCode.zoneVersion:
      return zoneVersionText(data);
    case optionCode.dau:
    case optionCode.dhu:
    case optionCode.n3u:
      return data.join(" ");
    default:
      return undefined;
  }
}

/** INFO-CODE, its purpose, and the extra text with control characters escaped (RFC 8914 §2). */
function extendedErrorText(data: Uint8Array): string | undefined {
  if (data.length < 2) return undefined;
  const code = getU16(data, 0);
  const extra = printable(decoder.decode(data.subarray(2)));
  const purpose = `${code} (${extendedErrorToText(code)})`;
  return extra === "" ? purpose : `${purpose}: (${extra})`;
}

/** A text in which what could move a terminal's cursor is escaped. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    escapeBytes(new TextEncoder().encode(char), ""),
  );
}

/** Address, source and scope prefix length (RFC 7871 §6). */
function subnetText(data: Uint8Array): string | undefined {
  if (data.length < 4) return undefined;
  const family = getU16(data, 0);
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (size === 0 || data.length - 4 > size) return undefined;
  const address = new Uint8Array(size);
  address.set(data.subarray(4));
  return `${size === 4 ? ip4ToText(address) : ip6ToText(address)}/${data[2]}/${data[3]}`;
}

function keyTagText(data: Uint8Array): string | undefined {
  if (data.length === 0 || data.length % 2 !== 0) return undefined;
  return Array.from({ length: data.length / 2 }, (_, i) => getU16(data, 2 * i)).join(" ");
}

/** Label count of the zone and its SOA serial (RFC 9660 §2.1). */
function zoneVersionText(data: Uint8Array): string | undefined {
  if (data.length === 0) return "";
  return data.length === 6 && data[1] === 0 ? `SOA-SERIAL ${getU32(data, 2)}` : undefined;
}

/** Hexadecimal, and the same as a string where all of it is printable ASCII. */
function bytesToText(data: Uint8Array): string {
  if (data.length === 0) return "";
  const isText = data.every((byte) => byte >= 0x20 && byte <= 0x7e);
  return isText ? `${data.toHex()} (${quotedText(data)})` : data.toHex();
}
