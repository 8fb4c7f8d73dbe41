/**
 * What a request for JSON asks: the parameters of its query, in either dialect.
 *
 * Of several with one name the first counts. Values are decoded as forms write them.
 * PRIVACY: what is told of a wrong request repeats its flags and its type, never its name.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { typeFromText } from "@lethe/wire/codes-text.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import { limits } from "../../base/limits.ts";
import { queryValue } from "../http/query-value.ts";

/** Whose manner of speaking JSON: they differ in path, names and remarks. */
export type Dialect = "cloudflare" | "google";

/** The version of the schema that is spoken, docs/specs/json.md. */
const SCHEMA_VERSION = "1";

/** A question, and how it is to be asked and answered. */
export interface JsonQuestion {
  readonly question: Question;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
  /** Google's `ct`: the message itself is wanted instead of JSON. */
  readonly wantsMessage: boolean;
}

/** Why a request cannot be answered, for the one who made it. */
export interface BadRequest {
  readonly error: string;
}

const JSON_TYPES: ReadonlySet<string> = new Set([
  "application/dns-json",
  "application/json",
  // Google's name for it; browsers show the former as a download.
  "application/x-javascript",
]);
const MESSAGE_TYPE = "application/dns-message";

/** Subnets that say that none is to be told: what is done here anyway (RFC 7871 §7.1.2). */
const NO_SUBNET: ReadonlySet<string> = new Set(["0.0.0.0/0", "0/0", "::/0"]);

/** Reads the query of `target[at, end)`, which begins with its `?`. Input is hostile. */
export function readParameters(
  target: Uint8Array,
  at: number,
  end: number,
  dialect: Dialect,
): JsonQuestion | BadRequest {
  const value = (name: string): string | undefined => queryValue(target, at, end, name);
  const version = value("v") ?? SCHEMA_VERSION;
  if (version !== SCHEMA_VERSION) {
    return bad(`Invalid schema version. Expected to be \`${SCHEMA_VERSION}\` or absent.`);
  }
  const text = value("name");
  if (text === undefined || text === "") return bad("Missing query name.");
  const name = nameFromText(text, ROOT);
  if (name === undefined || !isPrintable(text)) {
    return bad("Invalid query name. Expected labels of 1 to 63 octets, 253 in all, in ASCII.");
  }
  const type = typeOf(value("type"));
  if (typeof type === "object") return type;
  const dnssecOk = flagOf("DO", value("do"));
  if (typeof dnssecOk === "object") return dnssecOk;
  const checkingDisabled = flagOf("CD", value("cd"));
  if (typeof checkingDisabled === "object") return checkingDisabled;
  const ct = value("ct");
  const wantsMessage = dialect === "google" && ct === MESSAGE_TYPE;
  if (ct !== undefined && !wantsMessage && !JSON_TYPES.has(ct)) {
    return bad(`Invalid content type. Expected one of \`${[...JSON_TYPES].join("`, `")}\`.`);
  }
  const subnet = value("edns_client_subnet");
  if (dialect === "google" && subnet !== undefined && !NO_SUBNET.has(subnet)) {
    return bad("No client subnet is used or told here. Expected `0.0.0.0/0` or absent.");
  }
  const question: Question = { name, type, class: rrClass.IN };
  return { question, dnssecOk, checkingDisabled, wantsMessage };
}

/** Says whether the query names JSON as its `ct`, since no browser's address bar sets `accept`. */
export function namesJson(target: Uint8Array, at: number, end: number): boolean {
  return queryValue(target, at, end, "ct") === "application/dns-json";
}

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** A type by name or number; A where none is named. */
function typeOf(text: string | undefined): number | BadRequest {
  if (text === undefined || text === "") return rrType.A;
  const type = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : typeFromText(text);
  if (type !== undefined && type > 0 && type <= 0xffff) return type;
  return bad(`Invalid query type \`${shown(text)}\`. Expected a number or a name as \`AAAA\`.`);
}

function flagOf(what: string, text: string | undefined): boolean | BadRequest {
  if (text === undefined || text === "" || text === "0" || text === "false") return false;
  if (text === "1" || text === "true") return true;
  const allowed = "Expected to be empty or one of `0`, `false`, `1`, or `true`.";
  return bad(`Invalid ${what} flag \`${shown(text)}\`. ${allowed}`);
}

const SHOWN_CHARS_MAX = limits.jsonShownCharsMax.value;

/** A wrong value as far as it can be shown to who sent it. */
function shown(text: string): string {
  return text.slice(0, SHOWN_CHARS_MAX).replace(/[^\x21-\x7e]|[`<>&"\\]/g, "?");
}

function bad(error: string): BadRequest {
  return { error };
}
