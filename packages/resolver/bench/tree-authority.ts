/**
 * The authorities of the cold walk: a root, and as many domains and zones as are asked for.
 *
 *   127.0.1.53  root      bench.lethe, signed.lethe → 127.0.1.54 (nsd); X → 127.0.1.55
 *   127.0.1.55  any X     Y.X → 127.0.1.56
 *   127.0.1.56  any Y.X   an address for every name in it
 *
 * No server could load so many zones, so these answers are written as they are asked for: a process
 * of its own, `node bench/tree-authority.ts`, which runs until it is ended.
 */
import { getU16, setU16, setU32 } from "@lethe/wire/bytes.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { HEADER_BYTES, countAt, flag } from "@lethe/wire/header.ts";
import { assert } from "../src/base/assert.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { openListener } from "../src/system/sockets.ts";
import { KernelDatagrams } from "../src/transports/kernel-datagrams.ts";

const PORT = 53;
const TTL_S = 3600;
/** 127.0.1.N */
const LOOPBACK = [127, 0, 1] as const;
const host = { root: 53, nsd: 54, domain: 55, zone: 56 } as const;
const OPT = Uint8Array.of(0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0);
/** A SOA of nothing in particular: names at the root, and timers. */
const SOA = Uint8Array.of(
  0,
  0,
  0,
  0,
  0,
  1,
  0,
  0,
  14,
  16,
  0,
  0,
  3,
  132,
  0,
  9,
  58,
  128,
  0,
  0,
  14,
  16,
);

/** A question where it lies, and the answer that is written behind it. */
class Answer {
  readonly #frame: Uint8Array;
  readonly #at: number;
  /** Where each label of the question begins in the message; the root's last. */
  readonly labels: number[] = [];
  readonly type: number;
  #end: number;
  readonly #hasOpt: boolean;

  constructor(frame: Uint8Array, at: number) {
    this.#frame = frame;
    this.#at = at;
    let label = HEADER_BYTES;
    for (; frame[at + label] !== 0; label += 1 + frame[at + label]!) this.labels.push(label);
    this.type = getU16(frame, at + label + 1);
    this.#end = label + 5;
    this.#hasOpt = getU16(frame, at + countAt.additional) > 0;
    setU16(frame, at + 2, flag.qr);
    frame.fill(0, at + countAt.answer, at + HEADER_BYTES);
  }

  /** The label that stands `fromEnd` labels before the root, in small letters. */
  label(fromEnd: number): string {
    const at = this.#at + this.labels.at(-fromEnd)!;
    const bytes = this.#frame.subarray(at + 1, at + 1 + this.#frame[at]!);
    return String.fromCharCode(...bytes).toLowerCase();
  }

  /** NS and glue of the zone of so many labels: its server `ns` inside it, at a host. */
  refer(labels: number, to: number): number {
    this.#ns("authority", labels);
    const nameAt = this.#end - 5;
    this.#record("additional", nameAt, rrType.A, Uint8Array.of(...LOOPBACK, to));
    return this.#finish();
  }

  /** The NS set of the zone of so many labels, as itself has it. */
  servers(labels: number, at: number): number {
    this.#ns("answer", labels);
    this.#record("additional", this.#end - 5, rrType.A, Uint8Array.of(...LOOPBACK, at));
    return this.#authoritative();
  }

  address(...ip: readonly number[]): number {
    this.#record("answer", this.labels[0] ?? HEADER_BYTES, rrType.A, Uint8Array.from(ip));
    return this.#authoritative();
  }

  /** The name exists without the type, in the zone of so many labels. */
  noData(labels: number): number {
    this.#record("authority", this.#labelAt(labels), rrType.SOA, SOA);
    return this.#authoritative();
  }

  /** Where the name of the last so many labels begins. */
  #labelAt(labels: number): number {
    return labels === 0 ? this.#rootAt() : this.labels.at(-labels)!;
  }

  #rootAt(): number {
    const last = this.labels.at(-1);
    return last === undefined ? HEADER_BYTES : last + 1 + this.#frame[this.#at + last]!;
  }

  #ns(section: "answer" | "authority", labels: number): void {
    const zoneAt = this.#labelAt(labels);
    this.#record(
      section,
      zoneAt,
      rrType.NS,
      Uint8Array.of(2, 0x6e, 0x73, 0xc0 | (zoneAt >> 8), zoneAt),
    );
  }

  #record(section: keyof typeof countAt, nameAt: number, type: number, rdata: Uint8Array): void {
    const frame = this.#frame;
    const at = this.#at + this.#end;
    setU16(frame, at, 0xc000 | nameAt);
    setU16(frame, at + 2, type);
    setU16(frame, at + 4, 1);
    setU32(frame, at + 6, TTL_S);
    setU16(frame, at + 10, rdata.length);
    frame.set(rdata, at + 12);
    this.#end += 12 + rdata.length;
    this.#count(section);
  }

  #count(section: keyof typeof countAt): void {
    const at = this.#at + countAt[section];
    setU16(this.#frame, at, getU16(this.#frame, at) + 1);
  }

  #authoritative(): number {
    this.#frame[this.#at + 2]! |= flag.aa >>> 8;
    return this.#finish();
  }

  #finish(): number {
    if (this.#hasOpt) {
      this.#frame.set(OPT, this.#at + this.#end);
      this.#end += OPT.length;
      this.#count("additional");
    }
    return this.#end;
  }
}

function root(answer: Answer): number {
  const { labels, type } = answer;
  if (labels.length === 0)
    return type === rrType.NS ? answer.servers(0, host.root) : answer.noData(0);
  const top = answer.label(1);
  if (top === "ns")
    return type === rrType.A ? answer.address(...LOOPBACK, host.root) : answer.noData(0);
  if (top !== "lethe") return answer.refer(1, host.domain);
  return labels.length === 1 ? answer.noData(0) : answer.refer(2, host.nsd);
}

/** The zone of one label at a host: its own names, and what it refers to another. */
function zone(answer: Answer, depth: number, own: number, below: number | undefined): number {
  const { labels, type } = answer;
  if (labels.length === depth) {
    return type === rrType.NS ? answer.servers(depth, own) : answer.noData(depth);
  }
  const isServer = labels.length === depth + 1 && answer.label(depth + 1) === "ns";
  if (below !== undefined && !isServer) return answer.refer(depth + 1, below);
  if (type !== rrType.A) return answer.noData(depth);
  return isServer ? answer.address(...LOOPBACK, own) : answer.address(192, 0, 2, 77);
}

function serve(at: number, answerOf: (answer: Answer) => number): void {
  const libc = systemLibc();
  assert(libc !== undefined, "the tree needs the system calls");
  const socket = openListener(libc, "udp", Uint8Array.of(...LOOPBACK, at), PORT);
  assert(socket.kind !== "no-socket", "the tree needs port 53 of its addresses");
  const datagrams = new KernelDatagrams(libc, socket.fd, false);
  datagrams.start((count) => {
    for (let i = 0; i < count; i++) {
      if (datagrams.receivedBytes(i) < HEADER_BYTES + 5) continue;
      datagrams.stage(i, answerOf(new Answer(datagrams.frames, datagrams.frameAt(i))));
    }
  });
}

serve(host.root, root);
serve(host.domain, (answer) => zone(answer, 1, host.domain, host.zone));
serve(host.zone, (answer) => zone(answer, 2, host.zone, undefined));
process.once("SIGTERM", () => process.exit(0));
process.stdout.write("ready\n");
