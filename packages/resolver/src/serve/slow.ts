/**
 * The slow lane's one ordered list: what is answered here, with what, and why; else the mesh.
 *
 * A step gives a packed answer, or undefined: the next step. Order matters where it says so.
 */
import { extendedError, opcode, rcode, rrClass, rrType } from "@lethe/wire/codes.ts";
import type { Message } from "@lethe/wire/message.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { flag } from "@lethe/wire/header.ts";
import { compose, composeStatus, type TtlBounds } from "../recursor/compose.ts";
import type { Answered } from "../recursor/outcome.ts";
import { type Identity, identitySet } from "./identity.ts";
import { loopbackAddress, specialOf } from "./special-names.ts";

/** Seconds that an answer made here may be kept by others. */
const LOCAL_TTL_S = 3600;
/** Types from here to 255 are for questions and transfers, not for data (RFC 6895 §3.1). */
const META_TYPES_FROM = 128;

export interface SlowOptions {
  readonly identity: Identity;
  readonly bounds: TtlBounds;
  /**
   * What questions with RD=0 get: REFUSED, so that nobody looks into the cache (RFC 8932 §5.2.5).
   */
  readonly recursionWithoutRd: "refuse" | "answer";
}

/** The packed answer to what is not for the mesh, or undefined where the mesh must be asked. */
export function answerHere(message: Message, options: SlowOptions): Uint8Array | undefined {
  // Before anything else: other opcodes share nothing with a question but the header.
  if (message.header.opcode !== opcode.QUERY) return composeStatus(rcode.NOTIMP, []);
  // RFC 6891 §6.1.3: the version is judged before the question is.
  if ((message.opt?.version ?? 0) > 0) return composeStatus(rcode.BADVERS, []);
  const [question] = message.questions;
  if (message.questions.length !== 1 || question === undefined) {
    return composeStatus(rcode.FORMERR, []); // RFC 9619: one question
  }
  if (question.class !== rrClass.IN) return answerOtherClass(question, options);
  return answerMetaType(question, options) ?? answerByPolicy(message, question, options);
}

function answerOtherClass(question: Question, options: SlowOptions): Uint8Array {
  const set = question.class === rrClass.CH ? identitySet(question, options.identity) : undefined;
  if (set === undefined) return composeStatus(rcode.REFUSED, []);
  return compose(answered([set]), question, false, options.bounds);
}

function answerMetaType(question: Question, options: SlowOptions): Uint8Array | undefined {
  const { type } = question;
  if (type === rrType.ANY) {
    // RFC 8482 §4.2: one record that says so, instead of all that there is.
    const rdata = Uint8Array.of(7, ...new TextEncoder().encode("RFC8482"), 0);
    const hinfo = { name: question.name, type: HINFO, class: rrClass.IN, ttl: LOCAL_TTL_S };
    const set = { ...hinfo, rdatas: [rdata], signatures: [] };
    return compose(answered([set]), question, false, options.bounds);
  }
  if (type === rrType.AXFR || type === rrType.IXFR) return composeStatus(rcode.REFUSED, []);
  if (type === rrType.OPT || type === 0) return composeStatus(rcode.FORMERR, []);
  if (type < META_TYPES_FROM || type > rrType.ANY) return undefined;
  const error = { code: extendedError.invalidQueryType, text: "a type that no data has" };
  return composeStatus(rcode.NOTIMP, [error]);
}

const HINFO = 13;

function answerByPolicy(
  message: Message,
  question: Question,
  options: SlowOptions,
): Uint8Array | undefined {
  if ((message.header.flags & flag.rd) === 0 && options.recursionWithoutRd === "refuse") {
    const error = { code: extendedError.notAuthoritative, text: "ask with recursion desired" };
    return composeStatus(rcode.REFUSED, [error]);
  }
  const special = specialOf(question.name);
  if (special === undefined) return undefined;
  if (special === "no-name") {
    return compose({ ...answered([]), rcode: rcode.NXDOMAIN }, question, false, options.bounds);
  }
  const address = loopbackAddress(question.type);
  if (address === undefined) return compose(answered([]), question, false, options.bounds);
  const { name, type } = question;
  const set = { name, type, class: rrClass.IN, ttl: LOCAL_TTL_S, rdatas: [address] };
  return compose(answered([{ ...set, signatures: [] }]), question, false, options.bounds);
}

function answered(answer: readonly RecordSet[]): Answered {
  return {
    kind: "answered",
    rcode: rcode.NOERROR,
    answer,
    authority: [],
    verdict: "indeterminate",
    errors: [],
    ttlS: LOCAL_TTL_S,
  };
}
