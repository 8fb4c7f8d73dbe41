/** Options of a resolver that does nothing out of the ordinary, for tests. */
import type { RecursorOptions } from "../src/recursor/options.ts";
import type { ResolverOptions } from "../src/serve/resolver.ts";

/** Asks over IPv4, and nothing that nobody has asked for. */
export const plainRecursor: RecursorOptions = {
  rootHints: [],
  upstreamPort: 53,
  minimise: true,
  caseRandomisation: true,
  ipv4: true,
  ipv6: false,
  mayAskLoopback: false,
  fetchAhead: false,
  negativeTtlMaxS: 3600,
};

/** Answers clients on loopback; `cacheBytes` is the memory of all caches. */
export function plainOptions(recursor: RecursorOptions, cacheBytes: number): ResolverOptions {
  return {
    recursor,
    admit: {
      allow: [{ ip: Uint8Array.of(127, 0, 0, 0), bits: 8 }],
      refuse: [],
      others: "refuse",
    },
    slow: {
      identity: { server: undefined, version: undefined },
      bounds: { minS: 0, maxS: 86_400, negativeMaxS: 3600 },
      recursionWithoutRd: "refuse",
    },
    cacheBytes,
  };
}
