/** Requests find their service by path, and by what they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../privacy/client.ts";
import { RequestHead, method } from "./request-head.ts";
import { HttpRouter } from "./router.ts";
import { type HttpService, NOT_SAID, type ResponseSlot, responseType } from "./service.ts";

/** Fills in its number as the status. */
function service(status: number): HttpService {
  return {
    serve: (_head, _body, _at, _end, slot) => {
      slot.status = status;
      return "filled";
    },
  };
}

const router = new HttpRouter([
  { path: "/two", service: service(1), takes: (head) => head.method === method.post },
  { path: "/two", service: service(2) },
  { path: "/below/", service: service(3) },
]);

const cases: readonly (readonly [title: string, target: string, status: number, post?: true])[] = [
  ["a path", "/two", 2],
  ["a path with a query", "/two?a=/below/", 2],
  ["the first service that takes the request", "/two", 1, true],
  ["a path below another", "/below/this?x", 3],
  ["the beginning of many itself", "/below/", 3],
  ["nothing without the closing slash", "/below", 404],
  ["nothing where more stands behind a whole path", "/two/", 404],
  ["nothing by other letters", "/Two", 404],
  ["nothing by a coded path", "/%74wo", 404],
  ["nothing without a path", "", 404],
  ["nothing by an asterisk", "*", 404],
];

for (const [title, target, status, isPost] of cases) {
  test(`finds ${title}`, () => {
    const head = new RequestHead();
    head.method = isPost === true ? method.post : method.get;
    head.setTarget(Buffer.from(target), 0, target.length);
    const slot: ResponseSlot = {
      octets: new Uint8Array(100),
      at: 3,
      capacity: 90,
      status: 0,
      type: responseType.html,
      maxAgeS: 7,
      length: 0,
    };
    const client = Client.at(Uint8Array.of(127, 0, 0, 1), 1);
    const later = (): never => assert.fail("nothing is answered later");
    router.serve(head, new Uint8Array(0), 0, 0, slot, { listener: 0, client, later });
    assert.equal(slot.status, status);
    if (status !== 404) return;
    assert.equal(slot.type, responseType.text);
    assert.equal(slot.maxAgeS, NOT_SAID);
    assert.match(Buffer.from(slot.octets).toString("latin1", 3, 3 + slot.length), /nothing/);
  });
}
