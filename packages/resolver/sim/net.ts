/**
 * A bad network between the resolver and servers: loss, delay, reordering, duplicates, spoofers.
 *
 * All of it comes from the dice that the world is made with. Replies are judged by the same rules
 * as on the real wire (upstream/match.ts); what does not match is ignored and counted.
 */
import { getU16, setU16 } from "@lethe/wire/bytes.ts";
import { HEADER_BYTES, countAt, flag } from "@lethe/wire/header.ts";
import { FOLD, uncompressedNameBytes } from "@lethe/wire/name.ts";
import { ipToText } from "../src/base/address.ts";
import type { Ask, AskResult, Cancel, World } from "../src/recursor/effect.ts";
import { judgeReply, questionEnd } from "../src/upstream/match.ts";
import type { Sent } from "./authority.ts";
import { Dice } from "./seeded.ts";
import { VirtualTime } from "./virtual-time.ts";

/** The path between the resolver and one server. Shares are numbers from 0 to 1, per packet. */
export interface Link {
  readonly rttMs: number;
  /** Up to this much is added to each packet's way, so that packets overtake each other. */
  readonly jitterMs: number;
  readonly lossShare: number;
  readonly duplicateShare: number;
  /** Share of questions over UDP that somebody off the path races with wrong replies. */
  readonly spoofShare: number;
}

export interface Host {
  readonly link: Link;
  readonly tcp: "served" | "refused" | "silent";
  serve(query: Uint8Array, transport: "udp" | "tcp"): Sent;
}

const PORT_FIRST = 1024;
const PORT_LAST = 65535;

/** How many wrong replies a spoofer gets in before the right one. */
const SPOOFS = 8;

/** Letters that a name needs before nobody guesses their case in a few packets. */
const LETTERS_SAFE = 12;

/** What the network saw, for the checks. */
export interface NetCounters {
  asks: number;
  /** Packets that came to an open port and were ignored. */
  ignored: number;
}

interface Socket {
  readonly server: string;
  readonly port: number;
  readonly query: Uint8Array;
  readonly end: number;
  readonly sentMs: number;
  readonly done: (result: AskResult) => void;
  cancelTimer: Cancel;
  isOpen: boolean;
}

/** A packet on its way to the resolver. */
interface Packet {
  readonly from: string;
  readonly toPort: number;
  readonly bytes: Uint8Array;
}

/** The world of a simulation: virtual time, and hosts by the text of their address. */
export class SimWorld implements World {
  readonly time = new VirtualTime();
  /** The resolver's dice; the network throws its own. */
  readonly random: Dice;
  readonly counters: NetCounters = { asks: 0, ignored: 0 };
  readonly #dice: Dice;
  readonly #hosts: ReadonlyMap<string, Host>;

  readonly #beganS: number | undefined;

  /** `beganS`: seconds since 1970 at the beginning; undefined where nothing is signed. */
  constructor(dice: Dice, hosts: ReadonlyMap<string, Host>, beganS?: number) {
    this.#beganS = beganS;
    this.random = dice.fork();
    this.#dice = dice.fork();
    this.#hosts = hosts;
  }

  wallS(): number | undefined {
    if (this.#beganS === undefined) return undefined;
    return this.#beganS + Math.floor(this.time.nowMs / 1000);
  }

  nowMs(): number {
    return this.time.nowMs;
  }

  after(ms: number, done: () => void): Cancel {
    return this.time.after(ms, done);
  }

  ask(effect: Ask, done: (result: AskResult) => void): Cancel {
    this.counters.asks++;
    const socket: Socket = {
      server: ipToText(effect.server.ip),
      port: this.#dice.between(PORT_FIRST, PORT_LAST),
      query: effect.query,
      end: questionEnd(effect.query),
      sentMs: this.time.nowMs,
      done,
      cancelTimer: () => {},
      isOpen: true,
    };
    socket.cancelTimer = this.time.after(effect.timeoutMs, () =>
      this.#close(socket, { kind: "timeout" }),
    );
    const host = this.#hosts.get(socket.server);
    if (host === undefined) return () => this.#shut(socket); // an address where nobody is
    if (effect.transport === "tcp") this.#askTcp(socket, host);
    else this.#askUdp(socket, host);
    return () => this.#shut(socket);
  }

  #askUdp(socket: Socket, host: Host): void {
    const { link } = host;
    if (this.#dice.chance(link.spoofShare)) this.#spoof(socket, link);
    if (this.#dice.chance(link.lossShare)) return;
    this.time.after(this.#wayMs(link), () => {
      const { delayMs, messages } = host.serve(socket.query, "udp");
      for (const bytes of messages) {
        const packet: Packet = { from: socket.server, toPort: socket.port, bytes };
        this.#send(socket, packet, link, delayMs);
        if (this.#dice.chance(link.duplicateShare)) this.#send(socket, packet, link, delayMs);
      }
    });
  }

  #send(socket: Socket, packet: Packet, link: Link, delayMs: number): void {
    if (this.#dice.chance(link.lossShare)) return;
    this.time.after(delayMs + this.#wayMs(link), () => this.#arrive(socket, packet));
  }

  #wayMs(link: Link): number {
    return Math.round(link.rttMs / 2) + this.#dice.between(0, link.jitterMs);
  }

  /** A stream: a round trip to open it, one for the question; nothing is lost. */
  #askTcp(socket: Socket, host: Host): void {
    const { rttMs } = host.link;
    if (host.tcp === "silent") return;
    this.time.after(host.tcp === "refused" ? rttMs : 2 * rttMs, () => {
      if (host.tcp === "refused") {
        this.#close(socket, { kind: "unreachable" });
        return;
      }
      const bytes = host.serve(socket.query, "tcp").messages[0];
      if (bytes === undefined) return;
      this.#arrive(socket, { from: socket.server, toPort: socket.port, bytes });
    });
  }

  /**
   * Somebody who does not see the question sends replies that lead elsewhere.
   *
   * He knows the server and the name, and guesses id and port; here he always guesses at least
   * one thing wrong, for a right guess would win: that is what the numbers are large for.
   */
  #spoof(socket: Socket, link: Link): void {
    for (let i = 0; i < SPOOFS; i++) {
      const bytes = poisonedReply(socket.query);
      const packet: Packet = this.#dice.pick([
        { from: "192.0.2.66", toPort: socket.port, bytes },
        { from: socket.server, toPort: socket.port ^ this.#dice.between(1, 1023), bytes },
        { from: socket.server, toPort: socket.port, bytes: withOtherId(bytes, this.#dice) },
        { from: socket.server, toPort: socket.port, bytes: withOtherQuestion(bytes) },
      ]);
      const arrivesMs = this.#dice.between(0, link.rttMs);
      this.time.after(arrivesMs, () => this.#arrive(socket, packet));
    }
    if (this.#dice.chance(0.1) && lettersOf(socket.query) >= LETTERS_SAFE) {
      const bytes = foldedQuestion(poisonedReply(socket.query));
      const isGuessed = judgeReply(socket.query, socket.end, bytes, bytes.length) === "match";
      const packet: Packet = { from: socket.server, toPort: socket.port, bytes };
      if (!isGuessed) this.time.after(link.rttMs >> 1, () => this.#arrive(socket, packet));
    }
  }

  #arrive(socket: Socket, packet: Packet): void {
    if (!socket.isOpen) return;
    const isHere = packet.from === socket.server && packet.toPort === socket.port;
    const { bytes } = packet;
    const judged = isHere ? judgeReply(socket.query, socket.end, bytes, bytes.length) : "wrong-id";
    const rttMs = this.time.nowMs - socket.sentMs;
    if (judged === "match") this.#close(socket, { kind: "reply", message: bytes.slice(), rttMs });
    else if (judged === "wrong-case") this.#close(socket, { kind: "case-mismatch", rttMs });
    else this.counters.ignored++;
  }

  #close(socket: Socket, result: AskResult): void {
    if (!socket.isOpen) return;
    this.#shut(socket);
    socket.done(result);
  }

  #shut(socket: Socket): void {
    socket.isOpen = false;
    socket.cancelTimer();
  }
}

/** Where spoofed and poisoned data leads. No right answer of any world holds it. */
export const POISON_IP = Uint8Array.of(203, 0, 113, 66);

/** An authoritative-looking answer to a query that leads to the poison's address. */
function poisonedReply(query: Uint8Array): Uint8Array {
  const end = questionEnd(query);
  const reply = new Uint8Array(end + 16);
  reply.set(query.subarray(0, end));
  setU16(reply, 2, flag.qr | flag.aa);
  setU16(reply, countAt.answer, 1);
  setU16(reply, countAt.additional, 0);
  // A pointer to the question's name, type A, class IN, a day, four bytes.
  reply.set([0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 1, 0x51, 0x80, 0, 4, ...POISON_IP], end);
  return reply;
}

function withOtherId(bytes: Uint8Array, dice: Dice): Uint8Array {
  const other = bytes.slice();
  setU16(other, 0, getU16(bytes, 0) ^ dice.between(1, 0xffff));
  return other;
}

function withOtherQuestion(bytes: Uint8Array): Uint8Array {
  const other = bytes.slice();
  const nameBytes = uncompressedNameBytes(bytes, HEADER_BYTES, bytes.length);
  other[HEADER_BYTES + nameBytes + 1]! ^= 0x40; // the type's low byte
  return other;
}

function foldedQuestion(bytes: Uint8Array): Uint8Array {
  const folded = bytes.slice();
  const nameBytes = uncompressedNameBytes(bytes, HEADER_BYTES, bytes.length);
  for (let i = HEADER_BYTES; i < HEADER_BYTES + nameBytes; i++) folded[i] = FOLD[bytes[i]!]!;
  return folded;
}

function lettersOf(query: Uint8Array): number {
  let letters = 0;
  for (let i = HEADER_BYTES; i < questionEnd(query) - 5; i++) {
    const small = query[i]! | 0x20;
    if (small >= 0x61 && small <= 0x7a) letters++;
  }
  return letters;
}
