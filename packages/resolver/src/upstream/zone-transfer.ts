/**
 * A whole zone from a server over one TCP connection: SOA first, then AXFR (RFC 5936).
 *
 * A zone whose serial is that of the copy at hand is not transferred. What comes is bounded in
 * bytes and in time; whether it is the zone is for its digest and signatures to say.
 */
import { type Socket, connect } from "node:net";
import { equalBytes, setU16 } from "@lethe/wire/bytes.ts";
import { rcode, rrClass, rrType } from "@lethe/wire/codes.ts";
import { HEADER_BYTES, countAt, flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode, readMessage } from "@lethe/wire/message.ts";
import { type Name, isAtOrUnder, nameEqual } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { type ServerAddress, ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { zoneTimes } from "../dnssec/zone-check.ts";
import { FrameReader } from "./frame-reader.ts";

const BYTES_MAX = limits.zoneBytesMax.value;
const TIME_MS = limits.zoneTransferMs.value;

export interface Transfer {
  readonly server: ServerAddress;
  readonly zone: Name;
  /** The serial of the copy at hand. */
  readonly serial: number | undefined;
  /** The address to come from; undefined leaves it to the kernel. */
  readonly source?: Uint8Array | undefined;
  readonly random: Random;
  /** `zoneBytesMax`, but for tests. */
  readonly bytesMax?: number;
  /** Ends the transfer early. */
  readonly signal?: AbortSignal;
}

export type Transferred =
  /** The server has the zone with the serial that is at hand. */
  | { readonly kind: "current" }
  | { readonly kind: "zone"; readonly records: readonly ResourceRecord[] }
  /** `why` holds no name. */
  | { readonly kind: "failed"; readonly why: string };

/** Transfers a zone. Settles always, within its time. */
export async function transferZone(transfer: Transfer): Promise<Transferred> {
  return await new Promise((resolve) => {
    const running = new Running(transfer, resolve);
    running.start();
  });
}

class Running {
  readonly #transfer: Transfer;
  readonly #done: (result: Transferred) => void;
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;
  #isOver = false;
  #query: Uint8Array = new Uint8Array(0);
  #bytes = 0;
  readonly #records: ResourceRecord[] = [];

  constructor(transfer: Transfer, done: (result: Transferred) => void) {
    const { server, source } = transfer;
    this.#transfer = transfer;
    this.#done = done;
    this.#timer = setTimeout(() => this.#fail("it took too long"), TIME_MS);
    this.#socket = connect({
      host: ipToText(server.ip),
      port: server.port,
      noDelay: true,
      ...(source === undefined ? {} : { localAddress: ipToText(source) }),
    });
  }

  start(): void {
    const frames = new FrameReader((message) => this.#take(message));
    const { signal, serial, bytesMax = BYTES_MAX } = this.#transfer;
    signal?.addEventListener("abort", () => this.#fail("it was given up"), { once: true });
    this.#socket.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#bytes > bytesMax) this.#fail("it is too large");
      else if (!this.#isOver) frames.read(chunk);
    });
    this.#socket.on("error", (error: NodeJS.ErrnoException) => this.#fail(error.code ?? "error"));
    this.#socket.on("close", () => this.#fail("the connection ended early"));
    this.#ask(serial === undefined ? rrType.AXFR : rrType.SOA);
    if (signal?.aborted === true) this.#fail("it was given up");
  }

  #ask(type: number): void {
    const { zone, random } = this.#transfer;
    const size = HEADER_BYTES + zone.length + 4;
    const frame = new Uint8Array(2 + size);
    setU16(frame, 0, size);
    this.#query = frame.subarray(2);
    setU16(this.#query, 0, random.uint32());
    setU16(this.#query, countAt.question, 1);
    this.#query.set(zone, HEADER_BYTES);
    setU16(this.#query, size - 4, type);
    setU16(this.#query, size - 2, rrClass.IN);
    this.#socket.write(frame);
  }

  #take(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const message = readMessage(bytes);
    if (message.kind === "malformed") {
      this.#fail("a message of it is malformed");
    } else if (!this.#isReply(bytes, message)) {
      this.#fail("a message is no reply to what was asked");
    } else if (fullRcode(message) !== rcode.NOERROR) {
      this.#fail("the server refuses it");
    } else if (this.#isOfType(rrType.SOA)) {
      this.#takeSoa(message);
    } else {
      this.#takePart(message);
    }
  }

  /** Later messages of a transfer need not repeat the question (RFC 5936 §2.2.1). */
  #isReply(bytes: Uint8Array, { header, questions }: Message): boolean {
    if (bytes[0] !== this.#query[0] || bytes[1] !== this.#query[1]) return false;
    if ((header.flags & flag.qr) === 0) return false;
    if (questions.length === 0) return this.#records.length > 0;
    const asked = this.#query.subarray(HEADER_BYTES);
    return equalBytes(bytes.subarray(HEADER_BYTES, HEADER_BYTES + asked.length), asked);
  }

  #isOfType(type: number): boolean {
    const at = this.#query.length - 4;
    return this.#query[at] === type >>> 8 && this.#query[at + 1] === (type & 0xff);
  }

  #takeSoa({ answer }: Message): void {
    const { serial } = this.#transfer;
    const soa = answer.find((record) => this.#isSoa(record));
    const times = soa && zoneTimes(soa.rdata);
    if (times === undefined) this.#fail("the server does not have it");
    else if (times.serial === serial) this.#end({ kind: "current" });
    else this.#ask(rrType.AXFR);
  }

  /** A transfer begins and ends with the SOA record (RFC 5936 §2.2). */
  #takePart({ answer }: Message): void {
    const { zone } = this.#transfer;
    for (const [i, record] of answer.entries()) {
      const isFirst = this.#records.length === 0;
      if (isFirst !== this.#isSoa(record)) {
        if (isFirst) return this.#fail("it does not begin with the SOA record");
        const isSame = equalBytes(record.rdata, this.#records[0]!.rdata);
        const isLast = i === answer.length - 1;
        if (!isSame || !isLast) return this.#fail("it changed on its way");
        return this.#end({ kind: "zone", records: this.#records });
      }
      const isOwn = isAtOrUnder(record.name, zone) && record.class === rrClass.IN;
      if (!isOwn) return this.#fail("it holds records of other zones");
      this.#records.push(record);
    }
  }

  #isSoa(record: ResourceRecord): boolean {
    return record.type === rrType.SOA && nameEqual(record.name, this.#transfer.zone);
  }

  #fail(why: string): void {
    this.#end({ kind: "failed", why });
  }

  #end(result: Transferred): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket.destroy();
    this.#done(result);
  }
}
