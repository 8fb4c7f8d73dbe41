/**
 * What a worker answers over HTTP, by path:
 *
 *   /dns-query                 a sealed question │ a question in JSON │ a question (RFC 8484)
 *   /resolve                   a question in JSON, as 8.8.8.8 has it
 *   /.well-known/odohconfigs   the key to seal questions with
 *   /proxy                     a sealed question for another server
 *   /api/v1/purge              a name to forget
 */
import { isDeepStrictEqual } from "node:util";
import type { Name } from "@lethe/wire/name.ts";
import type { Random } from "../base/random.ts";
import type { Resolver } from "../serve/resolver.ts";
import { DohService } from "../transports/doh.ts";
import { HttpRouter } from "../transports/http/router.ts";
import type { HttpService } from "../transports/http/service.ts";
import { JsonService, wantsJson } from "../transports/json.ts";
import { ObliviousRelay, type RelayOptions } from "../transports/oblivious/relay.ts";
import { TargetKeys } from "../transports/oblivious/target-keys.ts";
import { ObliviousConfigs, ObliviousTarget, isOblivious } from "../transports/oblivious/target.ts";
import { PurgeService } from "../transports/purge.ts";
import { lookUpBy } from "./look-up.ts";
import type { ServicesTold } from "./services-told.ts";

/** What services need beside the resolver. */
export interface HttpServiceParts {
  readonly resolver: Resolver;
  readonly random: Random;
  readonly nowMs: () => number;
  /** Has every worker forget a name, or one type of it. */
  readonly purge: (name: Name, type: number | undefined) => void;
}

export class HttpServices {
  readonly router: HttpRouter;
  readonly #parts: HttpServiceParts;
  readonly #keys = new TargetKeys();
  #relay: ObliviousRelay | undefined;
  #relayOptions: RelayOptions | undefined;

  constructor(parts: HttpServiceParts) {
    const { resolver, random, nowMs, purge } = parts;
    this.#parts = parts;
    const target = new ObliviousTarget(resolver, this.#keys, random);
    const json = new JsonService(resolver, "cloudflare");
    const relay: HttpService = { serve: (...request) => this.#relay!.serve(...request) };
    const serves = resolver.serves.bind(resolver);
    this.router = new HttpRouter([
      {
        path: "/dns-query",
        service: target,
        takes: (head) => this.#keys.published !== undefined && isOblivious(head),
      },
      { path: "/dns-query", service: json, takes: wantsJson },
      { path: "/dns-query", service: new DohService(resolver) },
      { path: "/resolve", service: new JsonService(resolver, "google") },
      { path: "/.well-known/odohconfigs", service: new ObliviousConfigs(this.#keys) },
      { path: "/proxy", service: relay, takes: () => this.#relay !== undefined },
      { path: "/api/v1/purge", service: new PurgeService({ serves, purge, random, nowMs }) },
    ]);
  }

  /** Goes by this from now on; with other targets, what waits for one gets no answer from it. */
  use({ obliviousKeys, designation, relay }: ServicesTold): void {
    const { resolver, random } = this.#parts;
    this.#keys.replace(obliviousKeys);
    const obliviousConfigs = this.#keys.published;
    resolver.designate(designation && { ...designation, obliviousConfigs });
    if (isDeepStrictEqual(relay, this.#relayOptions)) return;
    this.#relayOptions = relay;
    this.#relay?.close();
    this.#relay = relay && new ObliviousRelay(relay, lookUpBy(resolver), random);
  }

  close(): void {
    this.#relay?.close();
  }
}
