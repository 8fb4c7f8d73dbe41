/**
 * The one ordered list of what is looked at before a question goes to the recursor.
 *
 * The first step that has something to say ends the list. Each gives its reason; the order matters
 * where a later step relies on what an earlier one has made sure of.
 */
import { opcode, rcode, rrClass, rrType } from "@lethe/wire/codes.ts";
import { flag, opcodeOf } from "@lethe/wire/header.ts";
import type { Malformed, Message } from "@lethe/wire/message.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { type Reason, refusalReasons as reasons } from "../base/extended-errors.ts";
import { compose, composeStatus, noBounds } from "../recursor/compose.ts";
import type { Answered } from "../recursor/outcome.ts";
import { REFUSED } from "./admit.ts";
import type { Asking } from "./asking.ts";
import type { CopiedZones } from "./copied-zones.ts";
import { type Identity, hinfoForAny, identityOf } from "./local-answers.ts";
import type { LocalZones } from "./local-zones.ts";
import type { SpecialNames } from "./special-names.ts";

/** One message of one client, read whole. */
export interface Query {
  readonly message: Message | Malformed;
  /** What the answer needs of it; `nameBytes` is 0 where no question can be echoed. */
  readonly asking: Asking;
  readonly view: number;
}

/** What the steps know beside the message. */
export interface Rules {
  readonly localZones: LocalZones;
  readonly copiedZones: CopiedZones;
  readonly specialNames: SpecialNames;
  readonly identity: Identity;
  readonly recursionWithoutRd: "refuse" | "answer";
  /** Questions of type ANY: one short record, or all sets that the zone's servers tell. */
  readonly anyType?: "short" | "all" | undefined;
}

export type Decision =
  /** Nobody is answered. */
  | { readonly kind: "silence" }
  /** An answer is at hand, packed. */
  | { readonly kind: "answer"; readonly packed: Uint8Array }
  /** Somebody has to be asked. */
  | {
      readonly kind: "resolve";
      readonly question: Question;
      /** Local aliases that lead from the question to `next`, which is resolved in its place. */
      readonly begun?: readonly RecordSet[];
      readonly next?: Name;
    };

/** What a step says, or nothing where the next one is to be heard. */
type Step = (query: Query, rules: Rules) => Decision | undefined;

const STEPS: readonly Step[] = [
  responsesAndScraps,
  strangers,
  otherOpcodes,
  malformedMessages,
  otherEdnsVersions,
  malformedCookies,
  cookiesAlone,
  otherSections,
  otherClasses,
  zoneTransfers,
  metaTypes,
  signaturesAlone,
  anyType,
  droppedNames,
  localNames,
  copiedNames,
  specialNames,
  withoutRecursion,
];

const silence: Decision = { kind: "silence" };

/** What becomes of a message. Input is hostile: never throws. */
export function decide(query: Query, rules: Rules): Decision {
  for (const step of STEPS) {
    const decision = step(query, rules);
    if (decision !== undefined) return decision;
  }
  const { message } = query;
  const question = message.kind === "message" ? message.questions[0] : undefined;
  return question === undefined ? silence : { kind: "resolve", question };
}

/** Answers to responses would go back and forth for ever; without a header there is no id. */
function responsesAndScraps({ message, asking }: Query): Decision | undefined {
  const isScrap = message.kind === "malformed" && message.why === "short-header";
  return isScrap || (asking.flags & flag.qr) !== 0 ? silence : undefined;
}

const refusedClient = status(rcode.REFUSED, reasons.stranger, flag.qr);

/** Before anything is read that a stranger could make us work on. */
function strangers({ view }: Query): Decision | undefined {
  return view === REFUSED ? refusedClient : undefined;
}

const notImplemented = status(rcode.NOTIMP, reasons.unsupported);

/** NOTIFY, UPDATE, STATUS, IQUERY, DSO: before the rest is judged, which may be no records. */
function otherOpcodes({ asking }: Query): Decision | undefined {
  return opcodeOf(asking.flags) === opcode.QUERY ? undefined : notImplemented;
}

const formatError = status(rcode.FORMERR);

/** What cannot be read whole is not understood by halves: two OPTs, say (RFC 6891 §6.1.1). */
function malformedMessages({ message }: Query): Decision | undefined {
  const isWhole = message.kind === "message" && message.trailingBytes === 0;
  return isWhole ? undefined : formatError;
}

const badVersion = status(rcode.BADVERS);

/** Before anything else of the message is judged: it may mean something new (RFC 6891 §6.1.3). */
function otherEdnsVersions({ message }: Query): Decision | undefined {
  const hasOther = message.kind === "message" && (message.opt?.version ?? 0) !== 0;
  return hasOther ? badVersion : undefined;
}

/** A cookie that is too short or too long (RFC 7873 §5.2.2). */
function malformedCookies({ asking }: Query): Decision | undefined {
  return asking.isCookieMalformed ? formatError : undefined;
}

const noError = status(rcode.NOERROR);
const badCookie = status(rcode.BADCOOKIE);

/** A message without a question that asks for a cookie, or whether one is good (RFC 7873 §5.4). */
function cookiesAlone({ message, asking }: Query): Decision | undefined {
  if (message.kind !== "message" || asking.cookieBytes === 0) return undefined;
  const { questions, answer, authority } = message;
  if (questions.length + answer.length + authority.length > 0) return undefined;
  return asking.isCookieGood || asking.cameWithoutServerCookie ? noError : badCookie;
}

/** One question exactly (RFC 9619), which nothing precedes that it could point to; no answers. */
function otherSections({ message, asking }: Query): Decision | undefined {
  if (message.kind === "malformed" || asking.nameBytes === 0) return formatError;
  const mayHaveAuthority = asking.type === rrType.IXFR; // RFC 1995 §3: the SOA that it has
  if (message.answer.length > 0) return formatError;
  return message.authority.length > 0 && !mayHaveAuthority ? formatError : undefined;
}

const unsupported = status(rcode.REFUSED, reasons.unsupported);

/** CH tells who this server is, as far as it may be told (RFC 4892); nothing else is served. */
function otherClasses(query: Query, { identity }: Rules): Decision | undefined {
  if (query.asking.class === rrClass.IN) return undefined;
  if (query.asking.class !== rrClass.CH) return unsupported;
  return local(query, (question) => identityOf(question, identity)) ?? unsupported;
}

/** A cache has no zones to transfer, and is nobody's way to have one transferred. */
function zoneTransfers({ asking }: Query): Decision | undefined {
  const isTransfer = asking.type === rrType.AXFR || asking.type === rrType.IXFR;
  return isTransfer ? unsupported : undefined;
}

const invalidType = status(rcode.FORMERR, reasons.invalidType);

/** Types that stand for no data, and would only make servers upstream wonder (RFC 6895 §3.1). */
function metaTypes({ asking: { type } }: Query): Decision | undefined {
  if (NEVER_ASKED.has(type)) return invalidType;
  return type >= META_FIRST && type < rrType.ANY ? notImplemented : undefined;
}

/** Type 0 is reserved, OPT and TSIG are parts of messages, NXNAME is a mark (RFC 9824 §3.5). */
const NEVER_ASKED: ReadonlySet<number> = new Set([0, rrType.OPT, rrType.TSIG, rrType.NXNAME]);
const META_FIRST = 128;

/**
 * Signatures come with what they sign; which of them a name has is told to nobody (decision 10).
 */
function signaturesAlone({ asking }: Query): Decision | undefined {
  return asking.type === rrType.RRSIG ? unsupported : undefined;
}

/**
 * One short answer for all: whatever is in the cache is no answer to it (RFC 8482 §4.2).
 *
 * Where the operator wants all told, the zone's servers are asked, and what they tell is judged set
 * by set. It is kept for who asks the same, and answers no other question.
 */
function anyType(query: Query, { anyType: told }: Rules): Decision | undefined {
  if (query.asking.type !== rrType.ANY || told === "all") return undefined;
  return local(query, hinfoForAny, false);
}

/** The operator has said that nobody is answered who asks for these. */
function droppedNames({ message }: Query, { localZones }: Rules): Decision | undefined {
  const name = message.kind === "message" ? message.questions[0]?.name : undefined;
  return name !== undefined && localZones.drops(name) ? silence : undefined;
}

/** What the operator has written down wins over what names mean elsewhere. */
function localNames(query: Query, rules: Rules): Decision | undefined {
  return ownNames(query, rules, rules.localZones);
}

/** And so does what his copies of zones say, where he is an authority of these. */
function copiedNames(query: Query, rules: Rules): Decision | undefined {
  return ownNames(query, rules, rules.copiedZones);
}

function ownNames(
  query: Query,
  rules: Rules,
  zones: Pick<LocalZones, "answer">,
): Decision | undefined {
  const { message } = query;
  const question = message.kind === "message" ? message.questions[0] : undefined;
  const outcome = question && zones.answer(question);
  if (question === undefined || outcome === undefined) return undefined;
  const { answer: begun, next } = outcome;
  if (next !== undefined && withoutRecursion(query, rules) === undefined) {
    return { kind: "resolve", question, begun, next };
  }
  return local(query, () => outcome);
}

/** Names that have a meaning of their own; asking for them would tell others who uses them. */
function specialNames(query: Query, rules: Rules): Decision | undefined {
  return local(query, (question) => rules.specialNames.answer(question));
}

const withoutRd = status(rcode.REFUSED, reasons.withoutRecursion);

/** Without RD a cache may only tell what it holds: who asked before (RFC 8932 §5.2.5). */
function withoutRecursion({ asking }: Query, rules: Rules): Decision | undefined {
  const isWanted = (asking.flags & flag.rd) !== 0;
  return isWanted || rules.recursionWithoutRd === "answer" ? undefined : withoutRd;
}

/** What this server knows by itself of the question, where it does; most of it is its own (AA). */
function local(
  { message, asking }: Query,
  answer: (question: Question) => Answered | undefined,
  aa = true,
): Decision | undefined {
  const question = message.kind === "message" ? message.questions[0] : undefined;
  const outcome = question && answer(question);
  if (question === undefined || outcome === undefined) return undefined;
  const packed = compose(outcome, question, asking.dnssecOk, noBounds, aa);
  return { kind: "answer", packed };
}

function status(code: number, reason?: Reason, flags?: number): Decision {
  const errors = reason === undefined ? [] : [{ code: reason.code, text: reason.text }];
  return { kind: "answer", packed: composeStatus(code, errors, 0, flags) };
}
