/** Servers that are asked over TLS or HTTPS: over nothing else, whatever they say or do not say. */
import { rcode } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Said, type Server, SmallWorld, line, name } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { SecureTerms } from "../base/secure-terms.ts";
import type { AskResult } from "./effect.ts";
import type { ConfiguredZone } from "./options.ts";

const trust = { kind: "anyone" } as const;
const overTls: SecureTerms = { over: "tls", name: "dns.example", path: "", trust };
const overHttps: SecureTerms = { ...overTls, over: "https", path: "/dns-query" };

function forward(secure: SecureTerms, ...hosts: readonly number[]): ConfiguredZone {
  const servers = hosts.map((host) => {
    return { ip: Uint8Array.of(10, 0, 0, host), port: 853, secure };
  });
  return { zone: name("corp"), servers, recursive: true };
}

const answer: Said = { ra: true, answer: ["www.corp A 192.0.2.1"] };

/** Servers that say what is given, one after the other and the last again and again. */
function saying(...all: readonly (Said | AskResult | undefined)[]) {
  const transports: string[] = [];
  const timeoutsMs: number[] = [];
  const queries: { readonly flags: number; readonly options: number }[] = [];
  const server: Server = (_qname, _qtype, { transport, timeoutMs, message }) => {
    transports.push(transport);
    timeoutsMs.push(timeoutMs);
    queries.push({ flags: message.header.flags, options: message.opt?.options.length ?? 0 });
    return all[Math.min(transports.length, all.length) - 1];
  };
  return { server, transports, timeoutsMs, queries };
}

for (const secure of [overTls, overHttps]) {
  const { over } = secure;
  const world = (server: Server): SmallWorld => {
    return new SmallWorld(
      { "10.0.0.9": server },
      {
        configuredZones: [forward(secure, 9)],
        cookies: true,
        caseRandomisation: true,
      },
    );
  };
  describe(`a server over ${over}`, () => {
    const cases: readonly (readonly [string, readonly (Said | AskResult | undefined)[], string])[] =
      [
        ["is asked over it", [answer], "0 | www.corp. 1 192.0.2.1"],
        ["is asked again where it is silent", [undefined, answer], "0 | www.corp. 1 192.0.2.1"],
        ["that folds letter case", [{ kind: "case-mismatch", rttMs: 1 }, answer], "0 | www.corp."],
        ["that cannot read EDNS", [{ rcode: rcode.FORMERR }, answer], "0 | www.corp. 1 192.0.2.1"],
        ["that truncates", [{ tc: true, ra: true }], "malformed-replies"],
        ["that cannot be reached", [{ kind: "unreachable" }], "no-reachable-server"],
        ["that is never heard", [undefined], "no-reachable-server"],
        ["that refuses", [{ rcode: rcode.REFUSED, ra: true }], "servers-refuse"],
        ["that proves nothing", [{ kind: "untrusted", why: "why" }], "no-reachable-server"],
      ];
    for (const [title, said, expected] of cases) {
      test(title, () => {
        const { server, transports, queries } = saying(...said);
        const outcome = world(server).resolve("www.corp");
        const told = outcome.kind === "failed" ? outcome.why : line(outcome);
        assert.ok(told.startsWith(expected), told);
        assert.deepEqual(new Set(transports), new Set([over]));
        assert.ok(
          queries.every(({ flags }) => (flags & flag.rd) !== 0),
          "a resolver is asked",
        );
        assert.ok(
          queries.every(({ options }) => options === 0),
          "without a cookie",
        );
      });
    }

    test("that proves nothing is told of to who asks", () => {
      const { server } = saying({ kind: "untrusted", why: "its certificate has expired" });
      const outcome = world(server).resolve("www.corp");
      assert.deepEqual(outcome.kind === "failed" && outcome.errors, [
        { code: 22, text: "at delegation corp." },
        { code: 23, text: "10.0.0.9:853 its certificate has expired" },
      ]);
    });

    test("is given the time of a handshake, however fast it was", () => {
      const { server, timeoutsMs } = saying(answer);
      const one = world(server);
      for (const at of ["www.corp", "w2.corp", "w3.corp"]) one.resolve(at);
      assert.equal(timeoutsMs.at(-1), limits.tlsTimeoutMinMs.value);
    });
  });
}

test("another server is asked where one proves nothing", () => {
  const good = saying(answer);
  const bad = saying({ kind: "untrusted", why: "why" });
  const world = new SmallWorld(
    { "10.0.0.8": bad.server, "10.0.0.9": good.server },
    { configuredZones: [forward(overTls, 8, 9)] },
  );
  assert.equal(line(world.resolve("www.corp")), "0 | www.corp. 1 192.0.2.1");
});
