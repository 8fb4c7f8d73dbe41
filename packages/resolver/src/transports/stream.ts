/**
 * One client's stream of messages, over any socket of Node's.
 *
 *   socket ─► frames ─► door ─► one buffer for a turn's answers ─► one write
 *                         └──► later ──────► corked ─────────────► one write
 *
 * Questions are taken as they come and answered as their answers come, in any order (RFC 7766
 * §6.2.1.1, §7). A client that asks faster than it reads, or more than may wait, is not read from:
 * its own buffers fill, not ours.
 */
import type { Socket } from "node:net";
import { HEADER_BYTES } from "@lethe/wire/header.ts";
import { limits } from "../base/limits.ts";
import type { Client } from "../privacy/client.ts";
import { monotonicMs } from "../system/clock.ts";
import { type Asked, DROPPED, type Door, type Reply, TAKEN } from "./door.ts";
import { LENGTH_BYTES, NONE, STREAM_MESSAGE_BYTES_MAX, StreamFrames } from "./framing.ts";
import { reset } from "./reset.ts";
import type { Session, StreamHost, StreamProtocol } from "./session.ts";

const WAITING_MAX = limits.questionsPerStreamMax.value;
const TURN_MAX = limits.questionsPerStreamTurnMax.value;
const UNSENT_BYTES_MAX = limits.unsentBytesPerStreamMax.value;

/** Room that the next question and its answer may need. */
const NEXT_BYTES = LENGTH_BYTES + STREAM_MESSAGE_BYTES_MAX;
/** Room for the answers of a turn: written when it may not hold another. */
export const ANSWERS_BYTES = 2 * NEXT_BYTES;

/** Messages behind their lengths, as TCP and TLS carry them. */
export class DnsStreams implements StreamProtocol {
  readonly #door: Door;
  readonly #transport: StreamTransport;

  constructor(door: Door, transport: StreamTransport) {
    this.#door = door;
    this.#transport = transport;
  }

  open(socket: Socket, client: Client, host: StreamHost): Session {
    return new Stream(socket, client, host, this.#door, this.#transport);
  }
}

type StreamTransport = "tcp" | "tls";

class Stream implements Asked, Session {
  readonly transport: StreamTransport;
  readonly listener: number;
  readonly client: Client;
  readonly #socket: Socket;
  readonly #host: StreamHost;
  readonly #door: Door;
  readonly #frames = new StreamFrames();
  /** Questions that wait for an answer. */
  #waiting = 0;
  #activeMs = monotonicMs();
  #heldBytes = 0;
  /** The client, or we, will ask no more: the stream ends when all is answered. */
  #isEnding = false;
  #isSettling = false;

  constructor(
    socket: Socket,
    client: Client,
    host: StreamHost,
    door: Door,
    transport: StreamTransport,
  ) {
    this.transport = transport;
    this.listener = host.listener;
    this.client = client;
    this.#socket = socket;
    this.#host = host;
    this.#door = door;
    socket.on("data", (chunk: Buffer) => {
      this.#frames.push(chunk);
      this.#serve();
    });
    socket.on("drain", () => {
      this.#activeMs = monotonicMs();
      this.#serve();
    });
    socket.on("end", () => this.end());
    // What went wrong is the client's affair; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => host.hold(-this.#heldBytes));
    // A proxy's header was read before.
    if (socket.isPaused()) socket.resume();
  }

  /** RFC 7828 §3.1: what a client may count on if it asks again now. */
  get idleTimeoutS(): number {
    return this.#host.idleMs / 1000;
  }

  later(): Reply {
    this.#waiting++;
    return (answer) => {
      this.#waiting--;
      if (this.#socket.destroyed) return;
      if (answer !== undefined) this.#writeLate(answer);
      this.#settleSoon();
    };
  }

  /** Takes no more questions; the stream closes when those that it took are answered. */
  end(): void {
    this.#isEnding = true;
    this.#closeWhenAnswered();
  }

  /** Sends the turn's late answers and goes on with what had to wait for them. */
  settle(): void {
    this.#isSettling = false;
    if (this.#socket.destroyed) return;
    this.#uncork();
    if (this.#socket.isPaused()) this.#serve();
    this.#closeWhenAnswered();
  }

  /**
   * Closes the stream if for its idle time no question came whole and nothing could be sent.
   *
   * A question that is being answered keeps it open: the recursor's own bounds end that.
   */
  closeIfIdle(nowMs: number): void {
    if (this.#waiting > 0 || nowMs - this.#activeMs < this.#host.idleMs) return;
    if (this.#socket.writableLength > 0) reset(this.#socket);
    else this.#socket.destroy();
  }

  /** Takes whole messages while it may, and writes their answers at once. */
  #serve(): void {
    const { answers } = this.#host;
    const door = this.#door;
    let end = 0;
    let turn = 0;
    let isAsking = false;
    while (this.#mayTake() && turn < TURN_MAX) {
      if (end > ANSWERS_BYTES - NEXT_BYTES) {
        this.#write(answers, end);
        end = 0;
        continue;
      }
      const at = end + LENGTH_BYTES;
      const length = this.#frames.take(answers, at);
      if (length === NONE) break;
      if (length < HEADER_BYTES) {
        // Nobody means that: the stream is out of step, and all that follows is noise.
        reset(this.#socket);
        return;
      }
      turn++;
      const answer = door.ask(answers, at, length, STREAM_MESSAGE_BYTES_MAX, this);
      if (answer !== DROPPED) isAsking = true;
      if (answer <= TAKEN) continue;
      answers[end] = answer >>> 8;
      answers[end + 1] = answer;
      end = at + answer;
    }
    if (isAsking) this.#activeMs = monotonicMs();
    if (end > 0) this.#write(answers, end);
    this.#hold();
    this.#readOn(turn);
  }

  /** Says whether another question may be taken: room for its answer, and for it to wait. */
  #mayTake(): boolean {
    if (this.#isEnding || this.#waiting >= WAITING_MAX) return false;
    return !this.#socket.writableNeedDrain && !this.#socket.destroyed;
  }

  /** Reads on, waits until that makes sense, or goes on in the next turn. */
  #readOn(turn: number): void {
    if (!this.#mayTake()) {
      this.#socket.pause();
    } else if (turn === TURN_MAX) {
      this.#socket.pause();
      this.#settleSoon();
    } else if (this.#socket.isPaused()) {
      this.#socket.resume();
    }
  }

  /** Writes answers that stand in the shared memory, which the next stream needs. */
  #write(answers: Uint8Array, end: number): void {
    if (!this.#socket.destroyed) this.#socket.write(Buffer.copyBytesFrom(answers, 0, end));
  }

  #writeLate(answer: Uint8Array): void {
    if (this.#socket.writableCorked === 0) this.#socket.cork();
    const message = Buffer.allocUnsafe(LENGTH_BYTES + answer.length);
    message.writeUInt16BE(answer.length, 0);
    message.set(answer, LENGTH_BYTES);
    this.#activeMs = monotonicMs();
    this.#socket.write(message);
    if (this.#socket.writableLength > UNSENT_BYTES_MAX) this.#uncork();
    if (this.#socket.writableLength > UNSENT_BYTES_MAX) reset(this.#socket);
    else this.#hold();
  }

  #uncork(): void {
    while (this.#socket.writableCorked > 0) this.#socket.uncork();
  }

  #settleSoon(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#host.settleSoon(this);
  }

  /** Tells what is held now: what is not whole, and what the client has not read. */
  #hold(): void {
    if (this.#socket.destroyed) return;
    const heldBytes = this.#frames.heldBytes + this.#socket.writableLength;
    const more = heldBytes - this.#heldBytes;
    this.#heldBytes = heldBytes;
    if (more !== 0 && !this.#host.hold(more)) reset(this.#socket);
  }

  #closeWhenAnswered(): void {
    if (this.#isEnding && this.#waiting === 0) this.#socket.destroySoon();
  }
}
