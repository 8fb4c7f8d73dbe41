/** DNS over HTTPS as a service: which requests hold a question, and what is said of others. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client } from "../privacy/client.ts";
import { TestDoor, message } from "../../test/transport-compliance.ts";
import { DohService } from "./doh.ts";
import { DROPPED, type Door, TAKEN } from "./door.ts";
import { type MediaType, mediaType } from "./http/media-type.ts";
import { type Method, RequestHead, method } from "./http/request-head.ts";
import {
  type HttpResponse,
  NOT_SAID,
  type Outcome,
  type ResponseSlot,
  responseType,
} from "./http/service.ts";

interface Request {
  readonly method: Method;
  readonly target?: string;
  readonly contentType?: MediaType;
  readonly accept?: MediaType;
  readonly body?: Uint8Array;
}

interface Response {
  readonly outcome: Outcome;
  readonly slot: ResponseSlot;
  readonly body: Uint8Array;
  readonly later: HttpResponse[];
}

/** What the service makes of a request, with a door behind it. */
function respond(request: Request, door: Door = new TestDoor()): Response {
  const head = new RequestHead();
  const { target = "/dns-query", body = new Uint8Array(0) } = request;
  head.method = request.method;
  head.setTarget(Buffer.from(target), 0, target.length);
  head.contentType = request.contentType ?? mediaType.none;
  head.accept = request.accept ?? mediaType.none;
  const slot: ResponseSlot = {
    octets: new Uint8Array(70_000),
    at: 5,
    capacity: 65_535,
    status: 0,
    type: responseType.html,
    maxAgeS: 9,
    length: 0,
  };
  const padded = new Uint8Array(body.length + 4);
  padded.set(body, 2);
  const later: HttpResponse[] = [];
  const requesting = {
    listener: 1,
    client: Client.at(Uint8Array.of(127, 0, 0, 1), 1),
    later: () => (response: HttpResponse) => void later.push(response),
  };
  const service = new DohService(door);
  const outcome = service.serve(head, padded, 2, 2 + body.length, slot, requesting);
  return { outcome, slot, body: slot.octets.slice(slot.at, slot.at + slot.length), later };
}

const asked = message(7, "echo", 40);
const inUrl = `/dns-query?dns=${Buffer.from(asked).toString("base64url")}`;
const dns = mediaType.dnsMessage;
const post = { method: method.post, contentType: dns, body: asked } as const;

describe("a request", () => {
  const cases: readonly (readonly [title: string, request: Request, status: number])[] = [
    ["by POST is answered", post, 200],
    ["by POST that accepts the type is answered", { ...post, accept: dns }, 200],
    ["by POST that accepts all is answered", { ...post, accept: mediaType.any }, 200],
    ["by GET is answered", { method: method.get, target: inUrl }, 200],
    ["by HEAD is answered", { method: method.head, target: inUrl }, 200],
    ["by GET with other parameters too", { method: method.get, target: `${inUrl}&x=1` }, 200],
    ["by GET without a question", { method: method.get }, 400],
    ["by GET with an empty one", { method: method.get, target: "/dns-query?dns=" }, 400],
    ["by GET that is no base64url", { method: method.get, target: `${inUrl}=` }, 400],
    ["by GET with a sign of base64", { method: method.get, target: "/dns-query?dns=A+/A" }, 400],
    ["by GET of less than a header", { method: method.get, target: "/dns-query?dns=AAAB" }, 400],
    ["by POST without a body", { ...post, body: new Uint8Array(0) }, 400],
    ["by POST of less than a header", { ...post, body: new Uint8Array(11) }, 400],
    ["by POST of the longest message", { ...post, body: message(7, "echo", 65_535) }, 200],
    ["by POST of more", { ...post, body: message(7, "echo", 65_536) }, 413],
    ["by POST without a type", { ...post, contentType: mediaType.none }, 415],
    ["by POST of another type", { ...post, contentType: mediaType.json }, 415],
    ["by PUT", { ...post, method: method.other }, 405],
    ["by OPTIONS", { method: method.options }, 405],
    ["that takes pages only", { ...post, accept: mediaType.html }, 406],
    ["that nobody answers, a reply say", { ...post, body: message(7, "drop", 40) }, 400],
  ];
  for (const [title, request, status] of cases) {
    test(`${title}: ${status}`, () => {
      const { outcome, slot, body } = respond(request);
      assert.equal(outcome, "filled");
      assert.equal(slot.status, status);
      if (status === 200) {
        assert.equal(slot.type, responseType.dnsMessage);
        assert.equal(body[1], 7);
        assert.equal(slot.maxAgeS, 0);
      } else {
        assert.equal(slot.type, responseType.text);
        assert.equal(slot.maxAgeS, NOT_SAID);
        assert.ok(body.length > 0);
      }
    });
  }
});

test("the door is told of HTTPS, whose idle time is not DNS's, and of the listener", () => {
  const door = new TestDoor();
  respond({ ...post, body: message(7, "tell", 40) }, door);
  assert.deepEqual(door.last, {
    client: "refused refused refused",
    transport: "https",
    listener: 1,
    idleTimeoutS: 0,
  });
});

describe("an answer that comes later", () => {
  test("is a response of its own", () => {
    const door = new LateDoor();
    const { outcome, later } = respond(post, door);
    assert.equal(outcome, "later");
    door.reply?.(asked);
    assert.deepEqual(later, [
      { status: 200, type: responseType.dnsMessage, maxAgeS: 0, body: asked },
    ]);
  });

  test("is 504 where there is none", () => {
    const door = new LateDoor();
    const { later } = respond(post, door);
    door.reply?.(undefined);
    assert.equal(later[0]!.status, 504);
    assert.equal(later[0]!.maxAgeS, NOT_SAID);
  });
});

/** Answers when it is told to. */
class LateDoor implements Door {
  reply: ((answer: Uint8Array | undefined) => void) | undefined;

  ask(...[, , length, , who]: Parameters<Door["ask"]>): number {
    if (length === 0) return DROPPED;
    this.reply = who.later();
    return TAKEN;
  }
}
