/**
 * The format of each type's RDATA: its fields in the order of the wire, which is that of the text.
 *
 * A type without a row has no presentation format of its own and is written as RFC 3597 §5 says.
 */
import { rrType } from "./codes.ts";
import {
  a6,
  atm,
  eui,
  groups64,
  ip4,
  ip6,
  ipsecGateway,
  nsap,
  prefixes,
  relay,
} from "./fields-address.ts";
import { oldTypeBitmap, services, typeBitmap } from "./fields-bitmap.ts";
import {
  base64OrDash,
  base64Rest,
  hash,
  hexRest,
  name,
  names,
  optionalString,
  quotedRest,
  salt,
  sizedBase64,
  string,
  strings,
  tag,
} from "./fields-bytes.ts";
import { location } from "./fields-location.ts";
import {
  algorithm,
  certificateType,
  notifyScheme,
  signatureError,
  time,
  ttl,
  type,
  u16,
  u32,
  u48,
  u64,
  u8,
} from "./fields-number.ts";
import { hostIdentity } from "./fields-host-identity.ts";
import { serviceParameters } from "./fields-service.ts";
import type { Field } from "./rdata-field.ts";

const signature = [type, algorithm, u8, u32, time, time, u16, name, base64Rest(0)];
const key = [u16, u8, algorithm, base64Rest(1)];
const digest = [u16, algorithm, u8, hexRest(1)];
const certificate = [u8, u8, u8, hexRest(1)];
const service = [u16, name, serviceParameters];

const FORMATS: ReadonlyMap<number, readonly Field[]> = new Map<number, readonly Field[]>([
  [rrType.A, [ip4]],
  [rrType.NS, [name]],
  [rrType.MD, [name]],
  [rrType.MF, [name]],
  [rrType.CNAME, [name]],
  [rrType.SOA, [name, name, u32, ttl, ttl, ttl, ttl]],
  [rrType.MB, [name]],
  [rrType.MG, [name]],
  [rrType.MR, [name]],
  [rrType.WKS, [ip4, services]],
  [rrType.PTR, [name]],
  [rrType.HINFO, [string, string]],
  [rrType.MINFO, [name, name]],
  [rrType.MX, [u16, name]],
  [rrType.TXT, [strings]],
  [rrType.RP, [name, name]],
  [rrType.AFSDB, [u16, name]],
  [rrType.X25, [string]],
  [rrType.ISDN, [string, optionalString]],
  [rrType.RT, [u16, name]],
  [rrType.NSAP, [nsap]],
  [rrType["NSAP-PTR"], [name]],
  [rrType.SIG, signature],
  [rrType.KEY, [u16, u8, algorithm, base64Rest(0)]],
  [rrType.PX, [u16, name, name]],
  [rrType.GPOS, [string, string, string]],
  [rrType.AAAA, [ip6]],
  [rrType.LOC, [location]],
  [rrType.NXT, [name, oldTypeBitmap]],
  [rrType.EID, [hexRest(1)]],
  [rrType.NIMLOC, [hexRest(1)]],
  [rrType.SRV, [u16, u16, u16, name]],
  [rrType.ATMA, [atm]],
  [rrType.NAPTR, [u16, u16, string, string, string, name]],
  [rrType.KX, [u16, name]],
  [rrType.CERT, [certificateType, u16, algorithm, base64Rest(1)]],
  [rrType.A6, [a6]],
  [rrType.DNAME, [name]],
  [rrType.SINK, [u8, u8, u8, base64Rest(0)]],
  [rrType.APL, [prefixes]],
  [rrType.DS, digest],
  [rrType.SSHFP, [u8, u8, hexRest(1)]],
  [rrType.IPSECKEY, [ipsecGateway, base64Rest(0)]],
  [rrType.RRSIG, signature],
  [rrType.NSEC, [name, typeBitmap]],
  [rrType.DNSKEY, key],
  [rrType.DHCID, [base64Rest(1)]],
  [rrType.NSEC3, [u8, u8, u16, salt, hash, typeBitmap]],
  [rrType.NSEC3PARAM, [u8, u8, u16, salt]],
  [rrType.TLSA, certificate],
  [rrType.SMIMEA, certificate],
  [rrType.HIP, [hostIdentity, names]],
  [rrType.NINFO, [strings]],
  [rrType.RKEY, key],
  [rrType.TALINK, [name, name]],
  [rrType.CDS, digest],
  [rrType.CDNSKEY, key],
  [rrType.OPENPGPKEY, [base64Rest(1)]],
  [rrType.CSYNC, [u32, u16, typeBitmap]],
  [rrType.ZONEMD, [u32, u8, u8, hexRest(1)]],
  [rrType.SVCB, service],
  [rrType.HTTPS, service],
  [rrType.DSYNC, [type, notifyScheme, u16, name]],
  [rrType.HHIT, [base64Rest(1)]],
  [rrType.BRID, [base64Rest(1)]],
  [rrType.SPF, [strings]],
  [rrType.NID, [u16, groups64]],
  [rrType.L32, [u16, ip4]],
  [rrType.L64, [u16, groups64]],
  [rrType.LP, [u16, name]],
  [rrType.EUI48, [eui(6)]],
  [rrType.EUI64, [eui(8)]],
  [rrType.TKEY, [name, u32, u32, u16, signatureError, sizedBase64, sizedBase64]],
  [rrType.TSIG, [name, u48, u16, sizedBase64, u16, signatureError, sizedBase64]],
  [rrType.URI, [u16, u16, quotedRest]],
  [rrType.CAA, [u8, tag, quotedRest]],
  [rrType.AVC, [strings]],
  [rrType.DOA, [u32, u32, u8, string, base64OrDash]],
  [rrType.AMTRELAY, [relay]],
  [rrType.RESINFO, [strings]],
  [rrType.WALLET, [strings]],
  [rrType.CLA, [strings]],
  [rrType.IPN, [u64]],
  [rrType.TA, digest],
  [rrType.DLV, digest],
]);

/** The fields of a type's RDATA, or undefined where it has no presentation format. */
export function rdataFormat(rdataType: number): readonly Field[] | undefined {
  return FORMATS.get(rdataType);
}
