/**
 * A worker's side of the socket to the QUIC process: what is handed over goes in by the same door
 * as everything else, and comes back by id.
 *
 * PRIVACY: who asked is a view here and no address; there is none in the frames.
 */
import type { Socket } from "node:net";
import { Client } from "../../privacy/client.ts";
import { ByteQueue } from "../byte-queue.ts";
import { type Asked, DROPPED, type Door, type Reply, TAKEN } from "../door.ts";
import { STREAM_MESSAGE_BYTES_MAX } from "../framing.ts";
import { RequestHead } from "../http/request-head.ts";
import {
  type HttpResponse,
  type HttpService,
  NOT_SAID,
  type Requesting,
  type ResponseSlot,
  responseType,
} from "../http/service.ts";
import {
  BACK_HEADER_BYTES,
  GIVEN_HEADER_BYTES,
  type Given,
  handed,
  readRequest,
  responseFrame,
  takeGiven,
  writeBackHeader,
} from "./handover.ts";

/** Room for an answer and what stands in front of it. */
const ANSWER_BYTES = BACK_HEADER_BYTES + STREAM_MESSAGE_BYTES_MAX;

export class HandedOver implements Asked, Requesting {
  readonly transport = "quic";
  /** RFC 9250 §5.5.2: not told over QUIC. */
  readonly idleTimeoutS = 0;
  listener = 0;
  client: Client;
  readonly #socket: Socket;
  readonly #door: Door;
  readonly #service: HttpService;
  readonly #queue = new ByteQueue();
  readonly #clients = new Map<number, Client>();
  readonly #head = new RequestHead();
  readonly #answer = Buffer.alloc(ANSWER_BYTES);
  readonly #slot: ResponseSlot;
  /** Of what is with the door or a service now. */
  #id = 0;
  #isRequest = false;

  constructor(socket: Socket, door: Door, service: HttpService) {
    this.#socket = socket;
    this.#door = door;
    this.#service = service;
    this.client = this.#clientOf(0);
    this.#slot = {
      octets: new Uint8Array(STREAM_MESSAGE_BYTES_MAX),
      at: 0,
      capacity: STREAM_MESSAGE_BYTES_MAX,
      status: 200,
      type: responseType.dnsMessage,
      maxAgeS: NOT_SAID,
      length: 0,
    };
    socket.on("data", (chunk: Buffer) => {
      this.#queue.push(chunk);
      socket.cork();
      this.#takeAll();
      socket.uncork();
    });
    // The QUIC process has ended; its successor has another socket.
    socket.on("error", () => {});
  }

  close(): void {
    this.#socket.destroy();
  }

  later(): Reply & ((response: HttpResponse) => void) {
    const id = this.#id;
    if (this.#isRequest) {
      return (response: HttpResponse | Uint8Array | undefined) => {
        this.#write(responseFrame(id, response as HttpResponse));
      };
    }
    return (answer: HttpResponse | Uint8Array | undefined) => {
      this.#giveBack(id, answer as Uint8Array | undefined);
    };
  }

  #takeAll(): void {
    for (let given = takeGiven(this.#queue); given !== undefined;) {
      if (given === "broken") {
        this.close();
        return;
      }
      this.#take(given);
      this.#queue.consume(GIVEN_HEADER_BYTES + given.end - given.at);
      given = takeGiven(this.#queue);
    }
  }

  #take(given: Given): void {
    this.#id = given.id;
    this.listener = given.listener;
    this.client = this.#clientOf(given.view);
    if (given.kind === handed.question) this.#ask(given);
    else this.#serve(given);
  }

  #ask({ id, octets, at, end }: Given): void {
    this.#isRequest = false;
    const answer = this.#answer;
    answer.set(octets.subarray(at, end), BACK_HEADER_BYTES);
    const length = this.#door.ask(
      answer,
      BACK_HEADER_BYTES,
      end - at,
      STREAM_MESSAGE_BYTES_MAX,
      this,
    );
    if (length === TAKEN) return;
    if (length === DROPPED) {
      this.#giveBack(id, undefined);
    } else {
      writeBackHeader(answer, 0, id, handed.answer, length);
      this.#write(Buffer.from(answer.subarray(0, BACK_HEADER_BYTES + length)));
    }
  }

  #serve({ id, octets, at, end }: Given): void {
    this.#isRequest = true;
    const bodyAt = readRequest(octets, at, end, this.#head);
    const slot = this.#slot;
    if (this.#service.serve(this.#head, octets, bodyAt, end, slot, this) === "later") return;
    const { status, type, maxAgeS, length } = slot;
    const body = slot.octets.subarray(slot.at, slot.at + length);
    this.#write(responseFrame(id, { status, type, maxAgeS, body }));
  }

  #giveBack(id: number, answer: Uint8Array | undefined): void {
    const bytes = answer?.length ?? 0;
    const frame = Buffer.allocUnsafe(BACK_HEADER_BYTES + bytes);
    writeBackHeader(frame, 0, id, answer === undefined ? handed.nothing : handed.answer, bytes);
    if (answer !== undefined) frame.set(answer, BACK_HEADER_BYTES);
    this.#write(frame);
  }

  #write(frame: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(frame);
  }

  /** There are as many as there are views. */
  #clientOf(view: number): Client {
    let client = this.#clients.get(view);
    if (client === undefined) this.#clients.set(view, (client = Client.ofView(view)));
    return client;
  }
}
