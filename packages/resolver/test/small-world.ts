/**
 * An Internet of a few functions, for tests of the recursor: virtual time, one function a server.
 *
 * A server is a function from name and type to what its reply holds; undefined is silence. Texts
 * of records are `owner type value`, with the types that these tests need.
 */
import { fromHex } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, readMessage } from "@lethe/wire/message.ts";
import { type Name, labelsOf, nameFromLabels } from "@lethe/wire/name.ts";
import { MessageWriter, type SectionName } from "@lethe/wire/writer.ts";
import { ipFromText, ipToText } from "../src/base/address.ts";
import { assert } from "../src/base/assert.ts";
import type { Random } from "../src/base/random.ts";
import type { Ask, AskResult, Cancel, World } from "../src/recursor/effect.ts";
import { Budget } from "../src/recursor/budget.ts";
import { Mesh, type MeshParts } from "../src/recursor/mesh.ts";
import { newMemory } from "../src/recursor/memory.ts";
import type { RecursorMemory, RecursorOptions, TraceStep } from "../src/recursor/options.ts";
import type { Outcome } from "../src/recursor/outcome.ts";
import type { Trail } from "../src/recursor/trail.ts";

/** A name from plain text: no escapes, no quoting. */
export function name(plain: string): Name {
  const labels = plain.split(".").filter((label) => label !== "");
  const found = nameFromLabels(labels.map((label) => new TextEncoder().encode(label)));
  assert(found !== undefined, "tests write valid names");
  return found;
}

/** A name as plain text, in small letters. */
export function text(of: Name): string {
  let out = "";
  for (const label of labelsOf(of)) out += `${String.fromCharCode(...label)}.`;
  return (out === "" ? "." : out).toLowerCase();
}

/** What a server says; records as `owner type value`, or `owner type #hex`. */
export interface Said {
  readonly rcode?: number;
  readonly aa?: boolean;
  readonly ra?: boolean;
  readonly tc?: boolean;
  readonly answer?: readonly string[];
  readonly authority?: readonly string[];
  readonly additional?: readonly string[];
}

/** A server of the small world: what it says to a name and type, or nothing. */
export type Server = (
  qname: string,
  qtype: number,
  asked: {
    readonly message: Message;
    readonly transport: string;
    readonly timeoutMs: number;
  },
) => Said | AskResult | undefined;

/** When the small world begins, in seconds since 1970. */
const WALL_S = 1_800_000_000;

const TYPES: Readonly<Record<string, number>> = rrType;

function rdataOf(type: number, value: string): Uint8Array {
  if (value.startsWith("#")) return fromHex(value.slice(1))!;
  if (type === rrType.A || type === rrType.AAAA) return ipFromText(value)!;
  if (type !== rrType.SOA) return name(value);
  const soa = new Uint8Array(22);
  soa[21] = Number(value); // the last field: how long a denial may be kept
  return soa;
}

function writeReply(query: Message, said: Said): Uint8Array {
  const bytes = new Uint8Array(65535);
  const writer = new MessageWriter(bytes);
  writer.question(query.questions[0]!);
  for (const section of ["answer", "authority", "additional"] as const satisfies SectionName[]) {
    for (const record of said[section] ?? []) {
      const [owner, type, value] = record.split(" ");
      const code = TYPES[type!]!;
      writer.record(section, name(owner!), code, 1, 300, rdataOf(code, value!));
    }
  }
  let flags = flag.qr | (said.rcode ?? 0);
  if (said.aa === true) flags |= flag.aa;
  if (said.ra === true) flags |= flag.ra;
  if (said.tc === true) flags |= flag.tc;
  return bytes.slice(0, writer.finish(query.header.id, flags));
}

/** Random numbers from a seed: a linear congruential generator, good enough for tests. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const uint32 = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state ^ (state >>> 15)) >>> 0;
  };
  return { uint32, bytes: (size) => Uint8Array.from({ length: size }, () => uint32() >>> 24) };
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly happen: () => void;
  isOff: boolean;
}

/** The world, a mesh in it, and what happened. */
export class SmallWorld implements World {
  readonly random = seeded(1);
  readonly mesh: Mesh;
  readonly options: RecursorOptions;
  readonly memory: RecursorMemory;
  /** Each upstream question as `server name type`. */
  readonly asked: string[] = [];
  /** Bytes of these questions and of the replies to them. */
  bytes = 0;
  readonly steps: TraceStep[] = [];
  readonly #servers: Readonly<Record<string, Server>>;
  #events: Event[] = [];
  #nowMs = 0;
  #order = 0;

  constructor(
    servers: Readonly<Record<string, Server>>,
    options: Partial<RecursorOptions> = {},
    parts: MeshParts = {},
  ) {
    this.#servers = servers;
    this.memory = newMemory(
      {
        rrsets: { sizeBytes: 1 << 20, ttlMinS: 0, ttlMaxS: 86400, negativeTtlMaxS: 3600 },
        servers: 1024,
        failures: 1024,
        chains: 1024,
      },
      this.random,
    );
    this.options = {
      rootHints: [{ name: name("a.root"), ips: [Uint8Array.of(10, 0, 0, 1)] }],
      upstreamPort: 53,
      minimise: true,
      caseRandomisation: true,
      ipv4: true,
      ipv6: false,
      mayAskLoopback: false,
      fetchAhead: false,
      negativeTtlMaxS: 3600,
      trace: (step) => this.steps.push(step),
      ...options,
    };
    this.mesh = new Mesh(this.options, this, this.memory, parts);
  }

  wallS(): number {
    return WALL_S + Math.floor(this.#nowMs / 1000);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, done: () => void): Cancel {
    const event: Event = {
      atMs: this.#nowMs + ms,
      order: this.#order++,
      happen: done,
      isOff: false,
    };
    this.#events.push(event);
    return () => {
      event.isOff = true;
    };
  }

  ask(effect: Ask, done: (result: AskResult) => void): Cancel {
    const query = readMessage(effect.query);
    assert(query.kind === "message", "the recursor writes whole messages");
    const question = query.questions[0]!;
    const server = ipToText(effect.server.ip);
    this.bytes += effect.query.length;
    this.asked.push(`${server} ${text(question.name)} ${question.type}`);
    const { transport, timeoutMs } = effect;
    const asked = { message: query, transport, timeoutMs };
    const said = this.#servers[server]?.(text(question.name), question.type, asked);
    if (said === undefined) return this.after(effect.timeoutMs, () => done({ kind: "timeout" }));
    const result: AskResult =
      "kind" in said ? said : { kind: "reply", message: writeReply(query, said), rttMs: 10 };
    if (result.kind === "reply") this.bytes += result.message.length;
    return this.after(10, () => done(result));
  }

  /** Lets everything happen that is going to, or all until `untilMs`. */
  run(untilMs = Number.POSITIVE_INFINITY): void {
    for (;;) {
      const event = this.#next();
      if (event === undefined || event.atMs > untilMs) break;
      this.#events = this.#events.filter((other) => other !== event && !other.isOff);
      if (event.isOff) continue;
      this.#nowMs = Math.max(this.#nowMs, event.atMs);
      event.happen();
    }
    if (Number.isFinite(untilMs)) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #next(): Event | undefined {
    let first: Event | undefined;
    for (const event of this.#events) {
      const isEarlier =
        first === undefined ||
        event.atMs < first.atMs ||
        (event.atMs === first.atMs && event.order < first.order);
      if (isEarlier) first = event;
    }
    return first;
  }

  /** Asks one question and lets everything happen. */
  resolve(qname: string, qtype: number = rrType.A): Outcome {
    let outcome: Outcome | undefined;
    this.mesh.request({ name: name(qname), type: qtype, class: 1 }, (result) => {
      assert(outcome === undefined, "an asker is answered once");
      outcome = result;
    });
    this.run();
    assert(outcome !== undefined, "an asker is always answered");
    return outcome;
  }
}

/** A trail for tests of single steps: of a question for `a.` in a world that stands still. */
export function trailIn(world: SmallWorld): Trail {
  return {
    question: { name: name("a"), type: rrType.A, class: 1 },
    options: world.options,
    memory: world.memory,
    random: world.random,
    nowMs: 0,
    depth: 0,
    budget: new Budget(0),
    renewS: 0,
    isHampered: false,
    terms: undefined,
    beliefs: undefined,
    source: undefined,
    errors: [],
  };
}

/** An outcome in one line: RCODE or failure, then the records of its answer. */
export function line(outcome: Outcome): string {
  if (outcome.kind === "failed") return outcome.why;
  const records = outcome.answer.flatMap((set) =>
    set.rdatas.map((rdata) => {
      const isAddress = set.type === rrType.A || set.type === rrType.AAAA;
      const value = isAddress ? ipToText(rdata) : text(rdata as Name);
      return `${text(set.name)} ${set.type} ${value}`;
    }),
  );
  return [String(outcome.rcode), ...records].join(" | ");
}
