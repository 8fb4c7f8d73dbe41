/** Requests put to a service of HTTP without a connection: for tests of what stands behind HTTP. */
import { Client } from "../src/privacy/client.ts";
import { fieldName } from "../src/transports/http/field-name.ts";
import { RequestHead } from "../src/transports/http/request-head.ts";
import {
  type HttpResponse,
  type HttpService,
  NOT_SAID,
  type ResponseSlot,
  responseType,
} from "../src/transports/http/service.ts";

/** A request as a test writes it. */
export interface TestRequest {
  readonly method?: string;
  readonly target: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: Uint8Array;
  readonly ip?: readonly number[];
}

/** The head of a request, as a connection would have read it. */
export function headOf(asked: TestRequest): RequestHead {
  const { method = "GET", target, accept, contentType } = asked;
  const head = new RequestHead();
  type Take = (octets: Uint8Array, at: number, end: number) => void;
  const set = (text: string, take: Take): void => {
    const octets = Buffer.from(`?${text}?`, "latin1"); // not at either end of its memory
    take(octets, 1, octets.length - 1);
  };
  set(method, (octets, at, end) => head.setMethod(octets, at, end));
  set(target, (octets, at, end) => head.setTarget(octets, at, end));
  const fields = [
    [fieldName.accept, accept],
    [fieldName.contentType, contentType],
  ] as const;
  for (const [name, text] of fields) {
    if (text !== undefined) set(text, (octets, at, end) => head.setField(name, octets, at, end));
  }
  return head;
}

/** Puts a request to a service that answers when it can. */
export async function requestLater(
  service: HttpService,
  asked: TestRequest,
): Promise<HttpResponse> {
  const answered = Promise.withResolvers<HttpResponse>();
  const response = request(service, asked, undefined, undefined, answered.resolve);
  return response ?? (await answered.promise);
}

/** Puts a request to a service; `happen` lets what answers later answer. */
export function request(
  service: HttpService,
  asked: TestRequest,
  happen: () => void = () => {},
  capacity = 66_000,
  onLate: (response: HttpResponse) => void = () => {},
): HttpResponse | undefined {
  const at = 5; // not at the start: offsets that forget it are found
  const slot: ResponseSlot = {
    octets: new Uint8Array(at + capacity),
    at,
    capacity,
    status: 0,
    type: responseType.text,
    maxAgeS: NOT_SAID,
    length: 0,
  };
  const body = asked.body ?? new Uint8Array(0);
  const framed = new Uint8Array(body.length + 6);
  framed.set(body, 3);
  let late: HttpResponse | undefined;
  const outcome = service.serve(headOf(asked), framed, 3, 3 + body.length, slot, {
    listener: 0,
    client: Client.at(Uint8Array.from(asked.ip ?? [127, 0, 0, 1]), 4000),
    later: () => (response) => {
      late = response;
      onLate(response);
    },
  });
  framed.fill(0xee);
  if (outcome === "later") {
    happen();
    return late;
  }
  const { status, type, maxAgeS, octets, length } = slot;
  return { status, type, maxAgeS, body: octets.slice(at, at + length) };
}
