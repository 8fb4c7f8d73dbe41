/** What the HTTP connections of a listener share, whatever their version. */
import type { StreamHost } from "../session.ts";
import type { HttpService, ResponseSlot } from "./service.ts";

export interface HttpHost extends StreamHost {
  readonly service: HttpService;
  /** The response at hand; for one call only. */
  readonly slot: ResponseSlot;
}
