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
    value: 200,
    unit: "upstream questions",
    why: "a task that ever new clients join must end too; sub-questions are counted in it",
    beyond: "the task fails for all who wait for it",
    test: "packages/resolver/src/recursor/mesh.test.ts",
  },
  taskDepthMax: {
    value: 8,
    unit: "tasks",
    why: "a question needs a name server's address, which needs another's: BIND allows 7, PowerDNS 16",
    beyond: "the sub-question fails; the task tries other servers",
    test: "packages/resolver/src/recursor/mesh.test.ts",
  },
  tasksMax: {
    value: 10000,
    unit: "tasks",
    why: "about 20 MB of generators and buffers in a worker",
    beyond: "new questions fail with SERVFAIL; running ones go on",
    test: "packages/resolver/src/recursor/mesh.test.ts",
  },
  waitersPerTaskMax: {
    value: 1000,
    unit: "clients",
    why: "clients that wait for one question; BIND allows 100, Unbound as many as fit",
    beyond: "further clients of that question get SERVFAIL",
    test: "packages/resolver/src/recursor/mesh.test.ts",
  },
  taskTimeMs: {
    value: 12000,
    unit: "milliseconds",
    why: "clients give up after five to ten seconds; Knot and BIND allow 10 s",
    beyond: "the task fails for all who wait for it",
    test: "packages/resolver/src/recursor/mesh.test.ts",
  },
  aliasesPerQuestionMax: {
    value: 11,
    unit: "aliases",
    why: "Unbound and BIND ship 11, PowerDNS 10",
    beyond: "SERVFAIL",
    test: "packages/resolver/src/recursor/resolve.test.ts",
  },
  referralsPerNameMax: {
    value: 30,
    unit: "referrals",
    why: "ip6.arpa names have 34 labels, few of them cuts",
    beyond: "SERVFAIL",
    test: "packages/resolver/src/recursor/resolve.test.ts",
  },
  nsNamesPerDelegationMax: {
    value: 20,
    unit: "names",
    why: "CacheFlush, NRDelegation: Unbound keeps 20, BIND 13",
    beyond: "the other names are left out",
    test: "packages/resolver/src/recursor/delegation.test.ts",
  },
  addressesPerNsNameMax: {
    value: 8,
    unit: "addresses",
    why: "BIND keeps 6 for each name; the root's have two",
    beyond: "the other addresses are left out",
    test: "packages/resolver/src/recursor/delegation.test.ts",
  },
  signaturesPerSetMax: {
    value: 8,
    unit: "signatures",
    why: "KeyTrap: Unbound keeps 8 for each set",
    beyond: "the other signatures are left out",
    test: "packages/resolver/src/recursor/scrub.test.ts",
  },
  addressLookupsPerTaskMax: {
    value: 12,
    unit: "lookups",
    why: "NXNSAttack: Unbound fetches 16 targets for a delegation, PowerDNS 10",
    beyond: "no further name server is looked up",
    test: "packages/resolver/src/recursor/addresses.test.ts",
  },
  addressLookupsFailedMax: {
    value: 5,
    unit: "lookups",
    why: "NXNSAttack: Unbound and Knot give up after 5 without address",
    beyond: "no further name server is looked up",
    test: "packages/resolver/src/recursor/addresses.test.ts",
  },
  asksPerExchangeMax: {
    value: 16,
    unit: "upstream questions",
    why: "all servers of a zone in one step; Unbound sends 32 until it restarts",
    beyond: "the step fails",
    test: "packages/resolver/src/recursor/exchange.test.ts",
  },
  triesPerServerMax: {
    value: 4,
    unit: "upstream questions",
    why: "loss of one packet in five leaves one question in 600 without reply",
    beyond: "the server is not asked again in this step",
    test: "packages/resolver/src/recursor/exchange.test.ts",
  },
  fallbacksPerServerMax: {
    value: 4,
    unit: "upstream questions",
    why: "EDNS, letter case, truncation and one more",
    beyond: "the server counts as broken",
    test: "packages/resolver/src/recursor/exchange.test.ts",
  },
  timeoutsWhileMinimisedMax: {
    value: 3,
    unit: "time-outs",
    why: "a server may drop what it does not expect: Unbound ships 3",
    beyond: "the whole name is shown",
    test: "packages/resolver/src/recursor/exchange.test.ts",
  },
  timeoutsBeforePlainDns: {
    value: 2,
    unit: "time-outs",
    why: "a server that drops OPT must be found before it is given up",
    beyond: "that question is asked without EDNS",
    test: "packages/resolver/src/recursor/exchange.test.ts",
  },
  minimiseStepsMax: {
    value: 10,
    unit: "steps",
    why: "RFC 9156 §2.3 MAX_MINIMISE_COUNT",
    beyond: "the whole name is shown",
    test: "packages/resolver/src/recursor/minimise.test.ts",
  },
  minimiseOneLabelSteps: {
    value: 4,
    unit: "steps",
    why: "RFC 9156 §2.3 MINIMISE_ONE_LAB",
    beyond: "several labels are added in a step",
    test: "packages/resolver/src/recursor/minimise.test.ts",
  },
  rttBandMs: {
    value: 40,
    unit: "milliseconds",
    why: "servers this close to the fastest share the questions",
    beyond: "slower servers are asked by exploration only",
    test: "packages/resolver/src/recursor/pick-server.test.ts",
  },
  rttUnknownMs: {
    value: 30,
    unit: "milliseconds",
    why: "a server that was never asked counts as fairly near, so that it is tried",
    beyond: "slower known servers wait",
    test: "packages/resolver/src/recursor/pick-server.test.ts",
  },
  exploreOneIn: {
    value: 20,
    unit: "questions",
    why: "5 % of questions keep the measurements of the others fresh",
    beyond: "a server that became faster is found later",
    test: "packages/resolver/src/recursor/pick-server.test.ts",
  },
  upstreamUdpBytesMax: {
    value: 1232,
    unit: "bytes",
    why: "fits an IPv6 packet of 1280 bytes: no fragments, which can be spoofed",
    beyond: "the server truncates and is asked over TCP",
    test: "packages/resolver/src/recursor/query.test.ts",
  },
  failureFirstTtlS: {
    value: 5,
    unit: "seconds",
    why: "RFC 9520 §3.2: a resolution failure is remembered for at least one second, five as BIND",
    beyond: "the question is asked again; a renewed failure is kept twice as long",
    test: "packages/resolver/src/cache/failure-cache.test.ts",
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
