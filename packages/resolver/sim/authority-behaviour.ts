/**
 * How servers misbehave, as data: what the broken zones of the sandbox and the simulator are made
 * of. Several may come together; each says what it does to a query or to a reply.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { setU16 } from "@lethe/wire/bytes.ts";
import { HEADER_BYTES, flag } from "@lethe/wire/header.ts";
import type { Message } from "@lethe/wire/message.ts";
import { ROOT, lowerCase } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { type Told, negativeSoa, tell } from "./zone-answer.ts";
import { type Zone, find } from "./zone.ts";

export type Behaviour =
  /** Sends nothing: over one transport, or over both where none is named. */
  | { readonly kind: "silent"; readonly transport?: "udp" | "tcp" }
  | { readonly kind: "slow"; readonly delayMs: number }
  /** Says this and nothing else. */
  | { readonly kind: "says"; readonly rcode: number }
  /** SERVFAIL for the types that old servers do not know. */
  | { readonly kind: "fails-on-new-types" }
  /** Refers upward to the root: it does not have the zone (RFC 1912 §2.8). */
  | { readonly kind: "lame" }
  /** Refers to the very zone that was asked. */
  | { readonly kind: "refers-to-itself" }
  /** Answers from the zone, but not with authority. */
  | { readonly kind: "without-aa" }
  /** Sends nothing to a query with an OPT record. */
  | { readonly kind: "drops-edns" }
  /** FORMERR without an OPT record to a query with one: RFC 6891 §7 from before it was written. */
  | { readonly kind: "formerr-on-edns" }
  /** Answers as if the OPT record were not there. */
  | { readonly kind: "ignores-edns" }
  /** Repeats the question in small letters. */
  | { readonly kind: "folds-case" }
  /** TC and nothing else over UDP. */
  | { readonly kind: "truncates" }
  /** Sends all over UDP, however much the asker can take. */
  | { readonly kind: "oversize" }
  /** Sends replies whose id is another. */
  | { readonly kind: "wrong-id" }
  /** Sends replies whose question has another type. */
  | { readonly kind: "wrong-question" }
  /** Sends a header and then bytes that are no records. */
  | { readonly kind: "garbage" }
  /** Tells what somebody made of what the zone says. */
  | { readonly kind: "forges"; readonly forge: Forge }
  /** Tells every NSEC3 record of the zone beside each denial. */
  | { readonly kind: "tells-all-denials" }
  /** NXDOMAIN for names that hold nothing but stand above others: minimised names fail. */
  | { readonly kind: "denies-empty-non-terminals" };

/** Makes something else of what the zone says to a question. */
export type Forge = (told: Told, zone: Zone, question: Question) => Told;

/** What a server makes of a query before it looks into the zone. */
export interface Manner {
  readonly isSilent: boolean;
  readonly delayMs: number;
  /** Says this and nothing else, without an OPT record; undefined: answers. */
  readonly rcode: number | undefined;
  readonly isTruncated: boolean;
  readonly isOversize: boolean;
  /** The query as the server sees it. */
  readonly message: Message;
}

/** Types of RFC 1035 and those that every server has learnt since. */
const OLD_TYPES: ReadonlySet<number> = new Set([
  rrType.A,
  rrType.NS,
  rrType.CNAME,
  rrType.SOA,
  rrType.PTR,
  rrType.MX,
  rrType.TXT,
  rrType.AAAA,
  rrType.SRV,
  rrType.ANY,
]);

/** What these behaviours make of a query with one question. */
export function mannerOf(
  behaviours: readonly Behaviour[],
  message: Message,
  transport: "udp" | "tcp",
): Manner {
  const manner = {
    isSilent: false,
    delayMs: 0,
    rcode: undefined as number | undefined,
    isTruncated: false,
    isOversize: false,
    message,
  };
  for (const one of behaviours) {
    switch (one.kind) {
      case "silent":
        manner.isSilent ||= (one.transport ?? transport) === transport;
        break;
      case "drops-edns":
        manner.isSilent ||= message.opt !== undefined;
        break;
      case "slow":
        manner.delayMs += one.delayMs;
        break;
      case "says":
        manner.rcode = one.rcode;
        break;
      case "fails-on-new-types":
        if (!OLD_TYPES.has(message.questions[0]!.type)) manner.rcode = rcode.SERVFAIL;
        break;
      case "formerr-on-edns":
        if (message.opt !== undefined) manner.rcode = rcode.FORMERR;
        break;
      case "ignores-edns":
        manner.message = { ...manner.message, opt: undefined };
        break;
      case "folds-case":
        manner.message = { ...manner.message, questions: manner.message.questions.map(folded) };
        break;
      case "truncates":
        manner.isTruncated = transport === "udp";
        break;
      case "oversize":
        manner.isOversize = true;
        break;
    }
  }
  return manner;
}

function folded(question: Question): Question {
  return { ...question, name: lowerCase(question.name) };
}

/** What the zone says to a question, as these behaviours bend it. */
export function tellBent(behaviours: readonly Behaviour[], zone: Zone, question: Question): Told {
  const told = tell(zone, question);
  for (const one of behaviours) {
    switch (one.kind) {
      case "lame":
        return referral({ ...apexServers(zone), name: ROOT });
      case "refers-to-itself":
        return referral(apexServers(zone));
      case "without-aa":
        told.authoritative = false;
        break;
      case "forges":
        return one.forge(told, zone, question);
      case "tells-all-denials":
        if (told.proof.length > 0 || told.rcode !== rcode.NOERROR) told.proof.push(...zone.nsec3);
        break;
      case "denies-empty-non-terminals":
        if (isEmptyNonTerminal(zone, question)) return denial(zone);
        break;
    }
  }
  return told;
}

function isEmptyNonTerminal(zone: Zone, question: Question): boolean {
  const place = find(zone, question.name, question.type);
  return place.kind === "node" && place.node.sets.size === 0;
}

function referral(servers: RecordSet): Told {
  return {
    rcode: rcode.NOERROR,
    authoritative: false,
    answer: [],
    authority: [servers],
    proof: [],
    additional: [],
    isReferral: false,
  };
}

function denial(zone: Zone): Told {
  return { ...referral(negativeSoa(zone)), rcode: rcode.NXDOMAIN, authoritative: true };
}

function apexServers(zone: Zone): RecordSet {
  const { answer } = tell(zone, { name: zone.origin, type: rrType.NS, class: 1 });
  return answer[0] ?? zone.soa;
}

/** The messages that go out in place of a right reply. */
export function sentFor(behaviours: readonly Behaviour[], reply: Uint8Array): Uint8Array[] {
  for (const one of behaviours) {
    switch (one.kind) {
      case "wrong-id":
        reply[0]! ^= 0xff;
        break;
      case "wrong-question":
        // The type's low byte stands behind the name, which a question never compresses.
        reply[questionTypeAt(reply) + 1]! ^= 0x40;
        break;
      case "garbage":
        return [garbageFor(reply)];
    }
  }
  return [reply];
}

function questionTypeAt(reply: Uint8Array): number {
  let at = HEADER_BYTES;
  while (reply[at] !== 0) at += 1 + reply[at]!;
  return at + 1;
}

/** A reply that promises seven answers behind its question and holds pointers to themselves. */
function garbageFor(reply: Uint8Array): Uint8Array {
  const end = questionTypeAt(reply) + 4;
  const bytes = new Uint8Array(end + 14).fill(0xc0);
  bytes.set(reply.subarray(0, end));
  setU16(bytes, 2, flag.qr | flag.aa);
  bytes.set([0, 1, 0, 7, 0, 0, 0, 0], 4);
  return bytes;
}
