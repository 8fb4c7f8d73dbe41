/**
 * Every bound of the resolver in one table, by the room that keeps it.
 *
 * Each row has a value, its unit, the reason for it, what happens beyond it, and the file of the
 * tests that reach it and pass it. No literal bound stands outside this table; `docs/limits.md`
 * is generated from it.
 */
import type { Limit } from "@lethe/wire/limits.ts";

export const limits = {
  // recursor
  asksPerClientQuestionMax: {
    value: 100,
    unit: "upstream questions",
    why: "CAMP, NXNSAttack: Knot ships 100, Unbound and BIND 200, PowerDNS 50",
    beyond: "that client's question fails with SERVFAIL; the failure is not cached",
    test: "packages/resolver/src/recursor/mesh.test.ts",
  },
  asksPerTaskMax: {
    value: 100,
    unit: "upstream questions",
    why: "a task that ever new clients join must end too; sub-questions are counted in it",
    beyond: "the task fails for all who wait for it",
    test: "packages/resolver/src/recursor/mesh.test.ts",
  },
  // privacy
  clientNetworksMax: {
    value: 1024,
    unit: "networks",
    why: "looked up one by one for each datagram; longer lists want a trie",
    beyond: "the configuration is refused",
    test: "packages/resolver/src/privacy/networks.test.ts",
  },
} as const satisfies Record<string, Limit>;
