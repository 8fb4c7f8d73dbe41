/** From settings to what stands behind HTTP, and what is told of this server. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { nameToText } from "@lethe/wire/name-text.ts";
import { ipFromText, ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { selfSigned } from "../transports/self-signed.ts";
import type { ListenRow, Spoken } from "../worker/options.ts";
import type { QuicRow } from "../worker/quic-orders.ts";
import type { ServicesTold } from "../worker/services-told.ts";
import { isWrong, readConfiguration } from "./configuration.ts";
import { type PlannedServices, planServices } from "./service-settings.ts";
import { ServiceWatch } from "./service-watch.ts";
import type { Settings } from "./settings.ts";

const directory = mkdtempSync(join(tmpdir(), "lethe-services-"));
after(() => rmSync(directory, { recursive: true }));
let certificate = "";
before(async () => {
  const names = ["dns.example", "192.0.2.1", "2001:db8::1", "127.0.0.1"];
  ({ certificate } = await selfSigned(names, Date.now()));
});

function settingsOf(...sets: readonly string[]): Settings {
  const settings = readConfiguration({ file: undefined, sets });
  assert.ok(!isWrong(settings), isWrong(settings) ? settings.line : "");
  return settings;
}

const row = (spoken: Spoken, ip: string, port: number): ListenRow => {
  return { spoken, ip: ipFromText(ip)!, port };
};
const rows = [
  row("dns", "192.0.2.1", 53),
  row("dns", "2001:db8::1", 53),
  row("tls", "192.0.2.1", 853),
  row("tls", "2001:db8::1", 853),
  row("https", "192.0.2.1", 443),
  row("https", "192.0.2.1", 8443),
  row("https", "0.0.0.0", 9443),
];

function plan(sets: readonly string[], listening: readonly ListenRow[] = rows): PlannedServices {
  const planned = planServices(settingsOf(...sets), listening, [], certificate);
  assert.ok(!isWrong(planned), isWrong(planned) ? planned.line : "");
  return planned;
}

/** Transports as they are told: alpn, port, addresses. */
function told({ services }: PlannedServices): string[] {
  return (services.designation?.services ?? []).map(
    ({ alpn, port, addresses }) =>
      `${alpn.join()} ${port} ${addresses.map((ip) => ipToText(ip)).join()}`,
  );
}

describe("what is told of this server", () => {
  it("is each port of an encrypted listener, HTTPS first, wildcards without addresses", () => {
    const planned = plan(["discovery.name=dns.example"]);
    assert.deepEqual(planned.complaints, []);
    const { name, coversAddresses } = planned.services.designation!;
    assert.deepEqual([nameToText(name), coversAddresses], ["dns.example.", true]);
    assert.deepEqual(told(planned), [
      "h2 443 192.0.2.1",
      "h2 8443 192.0.2.1",
      "h2 9443 ",
      "dot 853 192.0.2.1,2001:db8::1",
    ]);
  });

  it("is nothing without a name or a certificate; tls.names gives one", () => {
    assert.equal(plan([]).services.designation, undefined);
    const named = plan(['tls.names=["dns.example", "other.example"]']);
    assert.equal(nameToText(named.services.designation!.name), "dns.example.");
    const bare = planServices(settingsOf("discovery.name=dns.example"), rows, [], undefined);
    assert.ok(!isWrong(bare) && bare.services.designation === undefined);
  });

  const uncovered: readonly [title: string, sets: string[], listening: ListenRow[], why: RegExp][] =
    [
      [
        "an address that the certificate is not for",
        ["discovery.name=dns.example"],
        [row("dns", "192.0.2.9", 53)],
        /the certificate is not for 192\.0\.2\.9, so transports are not told by address$/,
      ],
      [
        "a name that it is not for",
        ["discovery.name=else.example"],
        rows,
        /not for else\.example,/,
      ],
      [
        "addresses that nobody knows",
        ["discovery.name=dns.example"],
        [row("dns", "::", 53)],
        /^discovery\.addresses: expected the addresses that clients know/,
      ],
      [
        "an address that is given, but not covered",
        ["discovery.name=dns.example", 'discovery.addresses=["192.0.2.77"]'],
        [row("dns", "::", 53)],
        /not for 192\.0\.2\.77,/,
      ],
    ];
  for (const [title, sets, listening, why] of uncovered) {
    it(`is not told by address to who knows ${title}`, () => {
      const { services, complaints } = plan(sets, listening);
      assert.equal(services.designation?.coversAddresses, false);
      assert.equal(complaints.length, 1);
      assert.match(complaints[0]!, why);
    });
  }

  it("has the addresses that are given instead of those listened at", () => {
    const sets = ["discovery.name=dns.example", 'discovery.addresses=["192.0.2.1"]'];
    const planned = plan(sets, [row("dns", "::", 53), row("tls", "::", 8853)]);
    assert.deepEqual(planned.complaints, []);
    assert.deepEqual(told(planned), ["dot 8853 192.0.2.1"]);
  });
});

describe("the relay", () => {
  it("has the targets of its list, up to relayTargetsMax", () => {
    const urls = (count: number): string =>
      `relay.targets=[${Array.from({ length: count }, (_, i) => `"https://T${i}.other/q"`).join()}]`;
    const most = limits.relayTargetsMax.value;
    const { relay } = plan([urls(most)]).services;
    assert.equal(relay?.targets.length, most);
    assert.deepEqual(relay?.targets[1], { host: "t1.other", port: 443, path: "/q" });
    assert.ok(isWrong(readConfiguration({ file: undefined, sets: [urls(most + 1)] })));
    assert.equal(plan([]).services.relay, undefined);
  });

  it("takes no target that is no plain URL of https", () => {
    const wrongs = ["http://a/", "https://u:p@a/", "https://a/?b", "https://a/#b", "a/", ""];
    for (const url of wrongs) {
      const read = readConfiguration({ file: undefined, sets: [`relay.targets=["${url}"]`] });
      assert.ok(isWrong(read) && read.line.includes("a list of URLs"), url);
    }
  });

  it("reads the authorities, and refuses a file without any", () => {
    const good = join(directory, "good.pem");
    const bad = join(directory, "bad.pem");
    writeFileSync(good, certificate);
    writeFileSync(bad, "nothing");
    const target = 'relay.targets=["https://a.other/"]';
    assert.equal(
      plan([target, `relay.authorities=${good}`]).services.relay?.authorities,
      certificate,
    );
    for (const file of [bad, join(directory, "absent")]) {
      const planned = planServices(
        settingsOf(target, `relay.authorities=${file}`),
        rows,
        [],
        undefined,
      );
      assert.ok(isWrong(planned) && planned.line.includes("expected certificates in PEM"));
    }
  });

  const near: readonly [title: string, target: string, isTold: RegExp | undefined][] = [
    ["by name", "https://dns.example/dns-query", /is this server; where one operator/],
    ["by address", "https://192.0.2.1/dns-query", /is this server/],
    ["by an address of IPv6", "https://[2001:db8::1]:8443/dns-query", /is this server/],
    ["by its domain", "https://odoh.example/dns-query", undefined],
    ["by a neighbour's name", "https://odoh.dns.example/dns-query", /lies in the domain of/],
    ["not another's", "https://odoh.other.net/dns-query", undefined],
  ];
  for (const [title, target, expected] of near) {
    it(`tells where a target looks like the same operator's: ${title}`, () => {
      const { complaints } = plan(["discovery.name=a.dns.example", `relay.targets=["${target}"]`]);
      const line = complaints.find((one) => one.startsWith("relay.targets"));
      if (expected === undefined) assert.equal(line, undefined);
      else assert.match(line ?? "", expected);
    });
  }
});

describe("what is told of QUIC", () => {
  it("stands beside what is told of the same port over TLS", () => {
    const quic: QuicRow[] = [
      { ip: "192.0.2.1", port: 8443, speaks: "h3", listener: 3 },
      { ip: "192.0.2.1", port: 8533, speaks: "doq", listener: 4 },
    ];
    const planned = planServices(settingsOf("discovery.name=dns.example"), rows, quic, certificate);
    assert.ok(!isWrong(planned));
    const alpns = planned.services.designation!.services.map(({ alpn }) => alpn.join(" "));
    assert.equal(alpns.filter((one) => /doq|h3/.test(one)).length, 2);
    assert.ok(alpns.includes("doq"));
  });
});

describe("workers are told", () => {
  function watch(...sets: string[]): {
    told: ServicesTold[];
    complaints: string[];
    services: ServiceWatch;
  } {
    const heard: ServicesTold[] = [];
    const complaints: string[] = [];
    const services = ServiceWatch.begin(settingsOf(...sets), rows, [], certificate, {
      use: (one) => heard.push(one),
      complain: (line) => complaints.push(line),
    });
    assert.ok(!isWrong(services));
    return { told: heard, complaints, services };
  }

  it("at the start, with a key for the target where it is one", () => {
    const on = watch();
    on.services.stop();
    assert.deepEqual([on.told.length, on.told[0]!.obliviousKeys.length], [1, 1]);
    const off = watch("oblivious.target=false");
    off.services.stop();
    assert.deepEqual(off.told[0]!.obliviousKeys, []);
    const shared = watch(`oblivious.secret=${"0".repeat(32)}`);
    shared.services.stop();
    assert.equal(shared.told[0]!.obliviousKeys.length, 3);
  });

  it("when settings or the certificate change; each complaint once", async () => {
    const { told: all, complaints, services } = watch("discovery.name=dns.example");
    services.certified(certificate);
    assert.equal(all.length, 1);
    const other = await selfSigned(["dns.example"], Date.now());
    services.certified(other.certificate);
    assert.deepEqual(
      all.map(({ designation }) => designation?.coversAddresses),
      [true, false],
    );
    services.reload(settingsOf("discovery.name=dns.example", "oblivious.target=false"));
    assert.equal(complaints.length, 1);
    assert.deepEqual([all.length, all[2]!.obliviousKeys.length], [3, 0]);
    services.reload(settingsOf('relay.targets=["https://a.b/"]', "relay.authorities=absent"));
    assert.equal(all.length, 3);
    assert.match(complaints[1]!, /^reload: relay\.authorities = absent/);
    services.stop();
  });
});
