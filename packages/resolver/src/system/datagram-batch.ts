/**
 * A batch of datagrams in one piece of memory that the kernel reads and writes.
 *
 * recvmmsg fills the frames; who answers writes over the frame where the question lies and stages
 * the answer; sendmmsg sends all that is staged. Each message has, in memory laid out once:
 *
 *   mmsghdr  | name ptr, size | iovec ptr, count | control ptr, size | flags | length |
 *   iovec    | frame ptr | frame size |
 *   sockaddr | the peer, 28 bytes |      control | IP_PKTINFO: which of our addresses was asked |
 *
 * Offsets are those of 64-bit Linux, the only platform that the FFI back-end serves.
 * PERF: allocates nothing per datagram; a system call per batch each way.
 */
import koffi from "koffi";
import { limits } from "../base/limits.ts";
import { type Libc, errno, linux } from "./libc.ts";
import { SOCKADDR_BYTES, sockaddrBytes } from "./sockaddr.ts";

const SIZE = limits.datagramsPerBatchMax.value;
export const FRAME_BYTES = limits.datagramFrameBytes.value;

const MMSGHDR_BYTES = 64;
const MMSGHDR_WORDS = MMSGHDR_BYTES >>> 2;
const VECTOR_BYTES = 16;
const ADDRESS_BYTES = 32;
const CONTROL_BYTES = 64;

/** Offsets inside a `struct mmsghdr`: bytes of pointers and sizes, and words of the rest. */
const NAME_AT = 0;
const NAME_SIZE_WORD = 8 >>> 2;
const VECTOR_AT = 16;
const VECTOR_COUNT_AT = 24;
const CONTROL_AT = 32;
const CONTROL_SIZE_WORD = 40 >>> 2;
const FLAGS_WORD = 48 >>> 2;
const LENGTH_WORD = 56 >>> 2;

/** Offsets inside a `struct cmsghdr`, and where its in_pktinfo or in6_pktinfo holds what. */
const CMSG_TYPE_AT = 12;
const CMSG_DATA_AT = 16;
const IN_PKTINFO_INTERFACE_AT = CMSG_DATA_AT;
const IN6_PKTINFO_ADDRESS_AT = CMSG_DATA_AT;
const IN6_PKTINFO_INTERFACE_AT = CMSG_DATA_AT + 16;
/** What a control message of each kind takes with its padding. */
const IN_PKTINFO_SPACE = 32;
const IN6_PKTINFO_SPACE = 40;

/** The kernel cut a datagram that was longer than its frame. */
const MSG_TRUNC = 0x20;

/** One batch over one socket: receive, look at frames, stage answers, flush; again. */
export class DatagramBatch {
  /** All frames, one behind the other. */
  readonly frames: Uint8Array = new Uint8Array(SIZE * FRAME_BYTES);
  /** All peers' socket addresses; that of message `i` is at `addressAt(i)`. */
  readonly addresses: Uint8Array = new Uint8Array(SIZE * ADDRESS_BYTES);
  /** Answers that found the kernel's buffers full. */
  droppedFull = 0;
  /** Answers that the kernel cannot send: no route, no such port, a filter's refusal. */
  droppedUnsendable = 0;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #asksAddress: boolean;
  readonly #headers = new Uint8Array(SIZE * MMSGHDR_BYTES);
  readonly #words = new Int32Array(this.#headers.buffer);
  /** Headers of what is staged, in its order: rows of the same shape. */
  readonly #staged = new Uint8Array(SIZE * MMSGHDR_BYTES);
  readonly #stagedWords = new Int32Array(this.#staged.buffer);
  readonly #vectors = new BigUint64Array(SIZE * 2);
  readonly #vectorWords = new Int32Array(this.#vectors.buffer);
  readonly #control = new Uint8Array(SIZE * CONTROL_BYTES);
  readonly #controlWords = new Int32Array(this.#control.buffer);
  #stagedCount = 0;
  /** Rows that the last batch used: their fields are set anew before the next. */
  #used: number = SIZE;

  /** `asksAddress`: the socket is bound to a wildcard address and tells which of ours was asked. */
  constructor(libc: Libc, fd: number, asksAddress: boolean) {
    this.#libc = libc;
    this.#fd = fd;
    this.#asksAddress = asksAddress;
    this.#layOut();
  }

  /** How many messages one batch holds. */
  get size(): number {
    return SIZE;
  }

  /** Where the frame of a message begins in `frames`. */
  frameAt(i: number): number {
    return i * FRAME_BYTES;
  }

  /** Where the peer of a message stands in `addresses`. */
  addressAt(i: number): number {
    return i * ADDRESS_BYTES;
  }

  /** The size of a received datagram; 0 for one that did not fit its frame. */
  receivedBytes(i: number): number {
    const row = i * MMSGHDR_WORDS;
    if (this.#words[row + FLAGS_WORD]! & MSG_TRUNC) return 0;
    return this.#words[row + LENGTH_WORD]!;
  }

  /** Reads what has come, at most a batch; gives how many, 0 where there is nothing. */
  receive(): number {
    for (let i = 0; i < this.#used; i++) this.#makeReady(i);
    this.#used = 0;
    const count = this.#libc.recvmmsg(this.#fd, this.#headers, SIZE, linux.MSG_DONTWAIT, null);
    if (count <= 0) return 0;
    this.#used = count;
    return count;
  }

  /** Stages the first `length` bytes of a message's frame as the answer to its peer. */
  stage(i: number, length: number): void {
    const from = i * MMSGHDR_WORDS;
    this.#vectorWords[i * 4 + 2] = length;
    if (this.#asksAddress) this.#answerFromAsked(i);
    const to = this.#stagedCount++ * MMSGHDR_WORDS;
    for (let word = 0; word < MMSGHDR_WORDS; word++) {
      this.#stagedWords[to + word] = this.#words[from + word]!;
    }
    this.#stagedWords[to + FLAGS_WORD] = 0;
  }

  /** The control data of a received message, to keep with a question that is answered later. */
  keepControl(i: number): Uint8Array {
    return this.#control.slice(i * CONTROL_BYTES, (i + 1) * CONTROL_BYTES);
  }

  /**
   * Puts an answer that comes later into frame `i` and stages it.
   *
   * `i` is any row that holds no unanswered question: the caller has a batch for such answers.
   */
  stageLate(i: number, answer: Uint8Array, sockaddr: Uint8Array, control: Uint8Array): void {
    this.frames.set(answer, this.frameAt(i));
    this.addresses.set(sockaddr, this.addressAt(i));
    this.#control.set(control, i * CONTROL_BYTES);
    this.#words[i * MMSGHDR_WORDS + NAME_SIZE_WORD] = sockaddrBytes(sockaddr, 0);
    this.stage(i, answer.length);
    this.#used = Math.max(this.#used, i + 1);
  }

  /** Sends all that is staged. What the kernel does not take is counted and dropped, as UDP may. */
  flush(): void {
    let sent = 0;
    while (sent < this.#stagedCount) {
      const rest = sent === 0 ? this.#staged : this.#staged.subarray(sent * MMSGHDR_BYTES);
      const count = this.#libc.sendmmsg(
        this.#fd,
        rest,
        this.#stagedCount - sent,
        linux.MSG_DONTWAIT,
      );
      if (count > 0) {
        sent += count;
        continue;
      }
      const code = this.#libc.errno();
      if (code === errno.EINTR) continue;
      if (code === errno.EAGAIN || code === errno.ENOBUFS || code === errno.ENOMEM) {
        // Waiting would hold up the others: clients ask again, as they do for what UDP loses.
        this.droppedFull += this.#stagedCount - sent;
        break;
      }
      // The first of the rest cannot be sent: it alone is given up.
      this.droppedUnsendable++;
      sent++;
    }
    this.#stagedCount = 0;
  }

  /** Sets what no batch changes: where everything lies. */
  #layOut(): void {
    const rows = new BigUint64Array(this.#headers.buffer);
    const framesAt = koffi.address(this.frames);
    const addressesAt = koffi.address(this.addresses);
    const controlAt = koffi.address(this.#control);
    const vectorsAt = koffi.address(this.#vectors);
    for (let i = 0; i < SIZE; i++) {
      const row = (i * MMSGHDR_BYTES) >>> 3;
      rows[row + (NAME_AT >>> 3)] = addressesAt + BigInt(i * ADDRESS_BYTES);
      rows[row + (VECTOR_AT >>> 3)] = vectorsAt + BigInt(i * VECTOR_BYTES);
      rows[row + (VECTOR_COUNT_AT >>> 3)] = 1n;
      if (this.#asksAddress) {
        rows[row + (CONTROL_AT >>> 3)] = controlAt + BigInt(i * CONTROL_BYTES);
      }
      this.#vectors[2 * i] = framesAt + BigInt(i * FRAME_BYTES);
      this.#vectors[2 * i + 1] = BigInt(FRAME_BYTES);
    }
  }

  /** Sets anew what the last batch changed in a row. */
  #makeReady(i: number): void {
    const row = i * MMSGHDR_WORDS;
    this.#words[row + NAME_SIZE_WORD] = SOCKADDR_BYTES;
    this.#words[row + CONTROL_SIZE_WORD] = this.#asksAddress ? CONTROL_BYTES : 0;
    this.#words[row + FLAGS_WORD] = 0;
    this.#vectorWords[i * 4 + 2] = FRAME_BYTES;
  }

  /**
   * Turns what the kernel said of the asked address into the order to answer from it.
   *
   * The interface is left to routing, but for link-local addresses, which mean nothing without.
   */
  #answerFromAsked(i: number): void {
    const at = (i * CONTROL_BYTES) >>> 2;
    const type = this.#controlWords[at + (CMSG_TYPE_AT >>> 2)];
    const isV6 = type === linux.IPV6_PKTINFO;
    this.#words[i * MMSGHDR_WORDS + CONTROL_SIZE_WORD] = isV6
      ? IN6_PKTINFO_SPACE
      : IN_PKTINFO_SPACE;
    if (!isV6) {
      this.#controlWords[at + (IN_PKTINFO_INTERFACE_AT >>> 2)] = 0;
      return;
    }
    const address = i * CONTROL_BYTES + IN6_PKTINFO_ADDRESS_AT;
    const isLinkLocal =
      this.#control[address] === 0xfe && (this.#control[address + 1]! & 0xc0) === 0x80;
    if (!isLinkLocal) this.#controlWords[at + (IN6_PKTINFO_INTERFACE_AT >>> 2)] = 0;
  }
}
