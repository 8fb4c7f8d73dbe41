/**
 * What this server tells of itself in class CH: its name and version, where the operator set them.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { assert } from "../base/assert.ts";

export interface Identity {
  readonly server: string | undefined;
  readonly version: string | undefined;
}

const SERVER_NAMES = ["id.server.", "hostname.bind."].map(known); // RFC 4892 §3.1
const VERSION_NAMES = ["version.server.", "version.bind."].map(known);

function known(text: string): Name {
  const name = nameFromText(text);
  assert(name !== undefined, "the table holds names");
  return name;
}

/** The set that answers a question of class CH, or undefined where nothing is told. */
export function identitySet(question: Question, identity: Identity): RecordSet | undefined {
  const isOneOf = (names: readonly Name[]): boolean =>
    names.some((name) => nameEqual(name, question.name));
  const told = isOneOf(SERVER_NAMES)
    ? identity.server
    : isOneOf(VERSION_NAMES)
      ? identity.version
      : undefined;
  if (told === undefined || question.type !== rrType.TXT) return undefined;
  const text = new TextEncoder().encode(told);
  const rdata = Uint8Array.of(text.length, ...text);
  const { name } = question;
  return { name, type: rrType.TXT, class: rrClass.CH, ttl: 0, rdatas: [rdata], signatures: [] };
}
