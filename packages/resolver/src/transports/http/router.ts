/**
 * Which service takes a request: by its path, and where several share one, by what it is.
 *
 * A path counts octet by octet, without its query; nothing in it is decoded. One that ends in `/`
 * stands for all below it. The first route that fits takes the request; where none does the answer
 * is 404. PERF: allocates nothing; compares as many paths as there are routes.
 */
import type { RequestHead } from "./request-head.ts";
import {
  type HttpService,
  NOT_SAID,
  type Outcome,
  type Requesting,
  type ResponseSlot,
  responseType,
} from "./service.ts";
import { isPath, isUnderPath, pathEnd } from "./target.ts";

export interface Route {
  /** A whole path, or with a `/` at its end the beginning of many. */
  readonly path: string;
  readonly service: HttpService;
  /** Says which requests for the path are this service's; absent: all. */
  readonly takes?: (head: RequestHead) => boolean;
}

interface KnownRoute {
  readonly path: Uint8Array;
  readonly isPrefix: boolean;
  readonly service: HttpService;
  readonly takes: ((head: RequestHead) => boolean) | undefined;
}

const NOTHING_HERE = Buffer.from("there is nothing at this path\n");

export class HttpRouter implements HttpService {
  readonly #routes: readonly KnownRoute[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map(({ path, service, takes }) => {
      return { path: Buffer.from(path), isPrefix: path.endsWith("/"), service, takes };
    });
  }

  serve(
    head: RequestHead,
    body: Uint8Array,
    at: number,
    end: number,
    slot: ResponseSlot,
    requesting: Requesting,
  ): Outcome {
    const { target } = head;
    const behindPath = pathEnd(target, head.targetBytes);
    for (const { path, isPrefix, service, takes } of this.#routes) {
      const fits = isPrefix
        ? isUnderPath(target, behindPath, path)
        : isPath(target, behindPath, path);
      if (fits && (takes === undefined || takes(head))) {
        return service.serve(head, body, at, end, slot, requesting);
      }
    }
    slot.octets.set(NOTHING_HERE, slot.at);
    slot.status = 404;
    slot.type = responseType.text;
    slot.maxAgeS = NOT_SAID;
    slot.length = NOTHING_HERE.length;
    return "filled";
  }
}
