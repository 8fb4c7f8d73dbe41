/**
 * Whoever asks a question that came in a request: as the door wants to know it.
 *
 * A service is asked again and again, so it says this itself: `requesting` holds for one call.
 */
import type { Client } from "../../privacy/client.ts";
import type { ClientTransport, Way } from "../door.ts";
import type { Requesting } from "./service.ts";

export class AskingOverHttp implements Way {
  readonly transport: ClientTransport = "https";
  /** RFC 8484 §6: keepalive is HTTP's affair here. */
  readonly idleTimeoutS = 0;
  /** The request whose question is with the door. */
  protected requesting: Requesting | undefined;

  get listener(): number {
    return this.requesting!.listener;
  }

  get client(): Client {
    return this.requesting!.client;
  }
}
