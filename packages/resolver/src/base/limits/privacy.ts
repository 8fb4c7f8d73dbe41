/** Bounds of privacy/: what is kept of clients while they wait. */
import type { Limit } from "@lethe/wire/limits.ts";

export const privacyLimits = {
  clientNetworksMax: {
    value: 1024,
    unit: "networks",
    why: "looked up one by one for each datagram; longer lists want a trie",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/privacy/networks.test.ts",
  },
} as const satisfies Record<string, Limit>;
