/** A resolver in the small world, and clients that ask it: bytes in, bytes out. */
import { type EdnsOption } from "@lethe/wire/edns.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, readMessage } from "@lethe/wire/message.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { assert } from "../src/base/assert.ts";
import { Client } from "../src/privacy/client.ts";
import { Resolver, type ResolverOptions, type SlowOptions } from "../src/serve/resolver.ts";
import { type Asked, type ClientTransport, DROPPED, TAKEN } from "../src/transports/door.ts";
import { type Server, SmallWorld, name } from "./small-world.ts";
import { plainOptions } from "./plain-options.ts";

/** What a client asks, with the defaults of a stub resolver that knows no EDNS. */
export interface Wish {
  readonly name?: string;
  readonly type?: number;
  readonly class?: number;
  readonly id?: number;
  /** Flags beside RD, opcode included. */
  readonly flags?: number;
  readonly rd?: boolean;
  /** Absent: no OPT record. */
  readonly udpSize?: number;
  readonly dnssecOk?: boolean;
  readonly version?: number;
  readonly options?: readonly EdnsOption[];
}

/** A question as bytes. */
export function question(wish: Wish): Uint8Array {
  const bytes = new Uint8Array(1024);
  const writer = new MessageWriter(bytes);
  const { type = 1, class: rrclass = 1 } = wish;
  writer.question({ name: name(wish.name ?? "www.example"), type, class: rrclass });
  if (wish.udpSize !== undefined) {
    const { udpSize, dnssecOk = false, version = 0, options = [] } = wish;
    writer.opt({ udpSize, extendedRcode: 0, version, dnssecOk, options });
  }
  const flags = (wish.flags ?? 0) | (wish.rd === false ? 0 : flag.rd);
  return bytes.slice(0, writer.finish(wish.id ?? 1234, flags));
}

/** How a client reaches the resolver. */
export interface Way {
  readonly ip?: readonly number[];
  /** TCP where an idle time is given, else UDP. */
  readonly transport?: ClientTransport;
  /** Over a stream that may stay idle for so long; absent: over UDP. */
  readonly idleTimeoutS?: number;
  readonly capacity?: number;
}

const LOOPBACK = [127, 0, 0, 1];

export class SmallResolver {
  readonly world: SmallWorld;
  readonly resolver: Resolver;
  /** Answers that came later, by their order; each client is answered once at most. */
  readonly later: (Uint8Array | undefined)[] = [];

  constructor(
    servers: Readonly<Record<string, Server>>,
    slow: Partial<SlowOptions> = {},
    options: Partial<ResolverOptions> = {},
  ) {
    this.world = new SmallWorld(servers);
    const plain = plainOptions(this.world.options, 1 << 20);
    this.resolver = new Resolver(
      { ...plain, slow: { ...plain.slow, ...slow }, ...options },
      this.world,
    );
  }

  /** Asks; gives the answer that is at hand, "taken" or "dropped". */
  put(message: Uint8Array, way: Way = {}): Uint8Array | "taken" | "dropped" {
    const at = 7; // not at the start: offsets that forget it are found
    const frame = new Uint8Array(at + 65_535);
    frame.set(message, at);
    const capacity = way.capacity ?? (way.idleTimeoutS === undefined ? 4096 : 65_535);
    const length = this.resolver.ask(frame, at, message.length, capacity, this.#asked(way));
    frame.fill(0xee, 0, at);
    if (length === TAKEN) return "taken";
    return length === DROPPED ? "dropped" : frame.slice(at, at + length);
  }

  /** Asks, lets everything happen, and gives the answer; undefined where there is none. */
  ask(message: Uint8Array, way: Way = {}): Uint8Array | undefined {
    const before = this.later.length;
    const put = this.put(message, way);
    if (put === "dropped") return undefined;
    if (put !== "taken") return put;
    this.world.run();
    assert(this.later.length === before + 1, "a client is answered once");
    return this.later.at(-1);
  }

  /** Asks, and reads the answer. */
  answer(wish: Wish, way: Way = {}): Message {
    return read(this.ask(question(wish), way));
  }

  /** A client, at loopback unless said otherwise. */
  client(ip: readonly number[] = LOOPBACK): Client {
    return Client.at(Uint8Array.from(ip), 4000);
  }

  #asked(way: Way): Asked {
    return {
      transport: way.transport ?? (way.idleTimeoutS === undefined ? "udp" : "tcp"),
      listener: 0,
      client: this.client(way.ip),
      idleTimeoutS: way.idleTimeoutS ?? 0,
      later: () => {
        let isAnswered = false;
        return (answer) => {
          assert(!isAnswered, "nobody is answered twice");
          isAnswered = true;
          this.later.push(answer);
        };
      },
    };
  }
}

/** An answer as a message; it must be one. */
export function read(answer: Uint8Array | undefined): Message {
  assert(answer !== undefined, "there is an answer");
  const message = readMessage(answer);
  assert(message.kind === "message", "answers are messages");
  return message;
}
