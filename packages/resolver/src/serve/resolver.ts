/**
 * One resolver: caches, mesh and both lanes behind the door, over a world that it is given.
 *
 * It opens no socket and reads no clock, so a worker and the simulator run the same.
 */
import { rcode } from "@lethe/wire/codes.ts";
import { HEADER_BYTES, flag, writeHeader } from "@lethe/wire/header.ts";
import { type Message, readMessage } from "@lethe/wire/message.ts";
import { getU16 } from "@lethe/wire/bytes.ts";
import { AnswerCache, variantOf } from "../cache/answer-cache.ts";
import { FailureCache } from "../cache/failure-cache.ts";
import { RrsetCache } from "../cache/rrset-cache.ts";
import { ServerCache } from "../cache/server-cache.ts";
import { compose, composeStatus } from "../recursor/compose.ts";
import type { World } from "../recursor/effect.ts";
import { Mesh } from "../recursor/mesh.ts";
import type { RecursorOptions } from "../recursor/options.ts";
import { type Asked, DROPPED, type Door, TAKEN } from "../transports/door.ts";
import { type AdmitOptions, Admission, DROP, REFUSED } from "./admit.ts";
import { Asking } from "./asking.ts";
import { FastLane } from "./fast.ts";
import { Finish } from "./finish.ts";
import { type SlowOptions, answerHere } from "./slow.ts";

export interface ResolverOptions {
  readonly recursor: RecursorOptions;
  readonly admit: AdmitOptions;
  readonly slow: SlowOptions;
  /** Memory of all caches together, in bytes. */
  readonly cacheBytes: number;
}

/** Parts of the memory: half for packed answers, which serve; a quarter and more for sets. */
const ANSWERS_SHARE = 0.5;
const RRSETS_SHARE = 0.45;
/** Servers and failures take some tens of bytes each. */
const TABLE_ENTRY_BYTES = 128;

export class Resolver implements Door {
  readonly #world: World;
  readonly #options: ResolverOptions;
  readonly #answers: AnswerCache;
  readonly #admission: Admission;
  readonly #finish: Finish;
  readonly #fast: FastLane;
  readonly #mesh: Mesh;
  readonly #asking = new Asking();

  constructor(options: ResolverOptions, world: World) {
    const { random } = world;
    const { bounds, identity } = options.slow;
    const share = (part: number): number => Math.floor(options.cacheBytes * part);
    const rest = share(1 - ANSWERS_SHARE - RRSETS_SHARE);
    const entriesMax = Math.floor(rest / 2 / TABLE_ENTRY_BYTES);
    this.#world = world;
    this.#options = options;
    this.#answers = new AnswerCache({ sizeBytes: share(ANSWERS_SHARE) }, random);
    this.#admission = new Admission(options.admit);
    this.#finish = new Finish(new TextEncoder().encode(identity.server ?? ""));
    this.#fast = new FastLane(this.#answers, this.#finish);
    const ttls = { ttlMinS: bounds.minS, ttlMaxS: bounds.maxS };
    const rrsets = { sizeBytes: share(RRSETS_SHARE), ...ttls };
    this.#mesh = new Mesh(options.recursor, world, {
      rrsets: new RrsetCache({ ...rrsets, negativeTtlMaxS: bounds.negativeMaxS }, random),
      servers: new ServerCache({ entriesMax }, random),
      failures: new FailureCache({ entriesMax }, random),
    });
  }

  ask(frame: Uint8Array, at: number, length: number, capacity: number, asked: Asked): number {
    // What is no question at all gets no answer: it could be made to bounce.
    if (length < HEADER_BYTES || (getU16(frame, at + 2) & flag.qr) !== 0) return DROPPED;
    const view = this.#admission.viewOf(asked.client);
    if (view === DROP) return DROPPED;
    const asking = this.#asking;
    const isPlain = asking.readPlain(frame, at, length);
    if (isPlain && view !== REFUSED && this.#mayRecurse(asking)) {
      const nowMs = this.#world.nowMs();
      const { idleTimeoutS } = asked;
      const answer = this.#fast.answer(frame, at, capacity, asking, view, idleTimeoutS, nowMs);
      if (answer > 0) return answer;
    }
    return this.#slow(frame, at, length, capacity, asked, view);
  }

  /** Questions being resolved now. */
  get tasksRunning(): number {
    return this.#mesh.tasksRunning;
  }

  /** Ends all questions without answers: the worker stops. */
  close(): void {
    this.#mesh.close();
  }

  #mayRecurse(asking: Asking): boolean {
    return asking.recursionDesired || this.#options.slow.recursionWithoutRd === "answer";
  }

  #slow(
    frame: Uint8Array,
    at: number,
    length: number,
    capacity: number,
    asked: Asked,
    view: number,
  ): number {
    const message = readMessage(frame.slice(at, at + length));
    if (message.kind === "malformed") return headerOnly(frame, at, rcode.FORMERR);
    const [question] = message.questions;
    if (question === undefined) return headerOnly(frame, at, codeWithoutQuestion(message));
    this.#asking.take(
      message.header.flags,
      question.name.length,
      question.type,
      question.class,
      message.opt,
    );
    // The question as we write it: uncompressed, in the client's letter case.
    const room = HEADER_BYTES + question.name.length + 4;
    if (room > capacity) return DROPPED;
    frame.set(question.name, at + HEADER_BYTES);
    const here =
      view === REFUSED
        ? composeStatus(rcode.REFUSED, [{ code: PROHIBITED, text: "not for this client" }])
        : answerHere(message, this.#options.slow);
    frame[at + room - 4] = question.type >>> 8;
    frame[at + room - 3] = question.type;
    frame[at + room - 2] = question.class >>> 8;
    frame[at + room - 1] = question.class;
    if (here !== undefined) {
      const { idleTimeoutS } = asked;
      return this.#finish.write(frame, at, capacity, this.#asking, idleTimeoutS, here, 0, 0);
    }
    this.#resolve(frame.slice(at, at + room), capacity, message, asked, view);
    return TAKEN;
  }

  /** Asks the mesh, and answers when it has. The frame is not the transport's any more. */
  #resolve(head: Uint8Array, capacity: number, message: Message, asked: Asked, view: number): void {
    const reply = asked.later();
    const { idleTimeoutS } = asked;
    const question = message.questions[0]!;
    const asking = new Asking();
    const { name, type } = question;
    asking.take(message.header.flags, name.length, type, question.class, message.opt);
    this.#mesh.request(question, (outcome) => {
      const nowMs = this.#world.nowMs();
      const { bounds } = this.#options.slow;
      const packed = compose(outcome, question, asking.dnssecOk, bounds);
      const variant = variantOf(asking.dnssecOk, asking.checkingDisabled, view);
      this.#answers.store(question, variant, packed, nowMs);
      const out = new Uint8Array(Math.max(head.length, capacity));
      out.set(head);
      const size = this.#finish.write(out, 0, capacity, asking, idleTimeoutS, packed, 0, 0);
      reply(out.subarray(0, size));
    });
  }
}

/** INFO-CODE "Prohibited" (RFC 8914 §4.19). */
const PROHIBITED = 18;

/** What a message without a question is told (RFC 1035 §4.1.1). */
function codeWithoutQuestion(message: Message): number {
  return message.header.opcode === 0 ? rcode.FORMERR : rcode.NOTIMP;
}

/** Answers with a header alone: nothing of a malformed message is sent back but its id. */
function headerOnly(frame: Uint8Array, at: number, code: number): number {
  const flags = getU16(frame, at + 2);
  const kept = flags & (flag.rd | flag.cd | 0x7800);
  const head = frame.subarray(at, at + HEADER_BYTES);
  writeHeader(head, getU16(frame, at), flag.qr | flag.ra | kept | code, [0, 0, 0, 0]);
  return HEADER_BYTES;
}
