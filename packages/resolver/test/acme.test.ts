/** Tests of the ACME client against an authority that has moods: what it may say, and when. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { AccountKey } from "../src/acme/account.ts";
import { AcmeClient } from "../src/acme/client.ts";
import { AcmeKeeper } from "../src/acme/keeper.ts";
import { HttpProofs, serverName } from "../src/acme/proofs.ts";
import { accountKeyPem } from "../src/acme/requests.ts";
import { AcmeStore } from "../src/acme/store.ts";
import { limits } from "../src/base/limits.ts";
import { SystemRandom } from "../src/system/random.ts";
import type { KeyPair } from "../src/transports/tls.ts";
import { AcmeAuthority, type Moods } from "./acme-authority.ts";

const DAY_MS = 86_400_000;

describe("ACME", () => {
  let authority: AcmeAuthority;
  let state = "";
  before(async () => {
    authority = await AcmeAuthority.start();
    state = mkdtempSync(join(tmpdir(), "lethe-acme-"));
  });
  after(async () => {
    await authority.stop();
    rmSync(state, { recursive: true });
  });
  afterEach(() => {
    for (const mood of Object.keys(authority.moods)) delete authority.moods[mood as keyof Moods];
  });

  interface Kept {
    readonly keeper: AcmeKeeper;
    readonly pairs: KeyPair[];
    readonly news: string[];
    /** Times that it wants to be woken at, and what wakes it. */
    readonly timers: { ms: number; done: () => void }[];
    wallMs: number;
  }

  /** A keeper whose clock and timers are ours; `shown` is what TLS connections would see. */
  function keep(name: string, names = ["dns.example"], shown: string[] = []): Kept {
    const kept: Omit<Kept, "keeper"> = { pairs: [], news: [], timers: [], wallMs: Date.now() };
    const keeper = new AcmeKeeper({
      directory: `${authority.url}/dir`,
      identifiers: names.map((value) => ({ type: "dns", value })),
      contacts: ["mailto:hostmaster@dns.example"],
      profile: undefined,
      roots: authority.roots,
      store: new AcmeStore(join(state, name)),
      provers: {
        http: new HttpProofs([]),
        tls: { show: (host) => shown.push(host), hide: (host) => shown.push(`-${host}`) },
      },
      random: new SystemRandom(),
      wallMs: () => kept.wallMs,
      after: (ms, done) => {
        if (ms <= 1000) setTimeout(done, 1);
        else kept.timers.push({ ms, done });
        return () => {};
      },
      onPair: (pair) => kept.pairs.push(pair),
      onNews: (line) => kept.news.push(line),
    });
    return Object.assign(kept, { keeper });
  }

  /** Starts it, and waits until it wants to be woken later. */
  async function look(kept: Kept): Promise<void> {
    const timers = kept.timers.length;
    if (timers === 0) kept.keeper.start();
    else kept.timers[timers - 1]!.done();
    while (kept.timers.length === timers) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it("gets a certificate, keeps it for its owner, and begins with it the next time", async () => {
    const shown: string[] = [];
    const kept = keep("first", ["dns.example"], shown);
    assert.equal(await kept.keeper.begin(), undefined);
    await look(kept);
    assert.equal(kept.pairs.length, 1);
    assert.match(kept.news.join(), /^tls\.acme: a certificate until 20/);
    assert.deepEqual(shown, ["dns.example", "-dns.example"]);
    for (const file of ["acme-account.pem", "acme-certificate.pem"]) {
      assert.equal(statSync(join(state, "first", file)).mode & 0o777, 0o600);
    }
    const next = keep("first");
    const pair = await next.keeper.begin();
    assert.equal(pair?.certificate.trim(), kept.pairs[0]!.certificate.trim());
    await look(next);
    assert.equal(next.pairs.length, 0);
    const other = keep("first", ["dns.example", "other.example"]);
    assert.equal(await other.keeper.begin(), undefined);
    assert.equal(next.timers[0]!.ms, limits.acmeLookMs.value);
  });

  it("renews with a third of its life left where nothing is suggested", async () => {
    const kept = keep("second");
    await look(kept);
    kept.wallMs += 58 * DAY_MS;
    await look(kept);
    assert.equal(kept.pairs.length, 1);
    kept.wallMs += 4 * DAY_MS;
    await look(kept);
    assert.equal(kept.pairs.length, 2);
  });

  it("keeps a certificate while the authority cannot be had, until its time comes", async () => {
    const kept = keep("third");
    await look(kept);
    authority.moods.instead = () => ({ status: 500, body: "" });
    await look(kept);
    assert.equal(kept.news.length, 1);
    kept.wallMs += 70 * DAY_MS;
    await look(kept);
    assert.match(kept.news.at(-1)!, /^tls\.acme: status 500; trying again in 5 minutes$/);
    assert.equal(kept.timers.at(-1)!.ms, limits.acmeRetryFirstMs.value);
  });

  it("tries again later and later, and no more than twice a day", async () => {
    const kept = keep("fourth");
    authority.moods.unproven = "no such name";
    await look(kept);
    assert.match(kept.news[0]!, /dns\.example: the authority could not verify it: no such name;/);
    for (let i = 0; i < 9; i++) await look(kept);
    assert.equal(kept.timers.at(-1)!.ms, limits.acmeRetryMaxMs.value);
  });

  it("asks for addresses by their reverse names (RFC 8738 §6)", () => {
    const octets = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    assert.equal(
      serverName({ type: "ip", value: "2001:db8::1" }, octets),
      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
    );
    const v4 = { type: "ip", value: "192.0.2.1" } as const;
    assert.equal(serverName(v4, Uint8Array.of(192, 0, 2, 1)), "1.2.0.192.in-addr.arpa");
    assert.equal(serverName({ type: "dns", value: "dns.example" }, undefined), "dns.example");
  });

  it("takes another nonce where one is refused, a few times", async () => {
    const client = await newClient();
    authority.moods.badNonces = limits.acmeNonceTriesMax.value - 1;
    assert.equal(await client.begin(), undefined);
    authority.moods.badNonces = limits.acmeNonceTriesMax.value;
    assert.equal((await client.order([], undefined, undefined)).kind, "failed");
  });

  const wrong: readonly [title: string, path: RegExp, body: string][] = [
    ["a directory that is no JSON", /^\/dir/, "<html>"],
    ["a directory with nothing in it", /^\/dir/, "{}"],
    [
      "a directory whose URLs are plain",
      /^\/dir/,
      JSON.stringify({ newNonce: "http://a/", newAccount: "http://a/", newOrder: "http://a/" }),
    ],
    ["an order that is a list", /^\/order$/, "[]"],
    [
      "an authorization of something else",
      /^\/authorization/,
      '{"status":"pending","identifier":{"type":"soul"}}',
    ],
    [
      "a token with a path in it",
      /^\/authorization/,
      '{"status":"pending","identifier":{"type":"dns","value":"dns.example"},"challenges":[{"type":"tls-alpn-01","url":"https://a/","token":"../../../etc/passwd"}]}',
    ],
    ["a certificate that is none", /^\/certificate/, "hello"],
    ["a response that is too long", /^\/dir/, " ".repeat(limits.acmeResponseBytesMax.value + 1)],
  ];
  for (const [title, path, body] of wrong) {
    it(`is not led astray by ${title}`, async () => {
      authority.moods.instead = (asked) => (path.test(asked) ? { status: 200, body } : undefined);
      const kept = keep(`wrong-${title.length}`);
      await look(kept);
      assert.equal(kept.pairs.length, 0);
      assert.match(kept.news[0]!, /^tls\.acme: .+; trying again in 5 minutes$/);
    });
  }

  it("renews when the authority suggests it, and names the one that it replaces", async () => {
    const far = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
    authority.moods.window = { start: far(20), end: far(21) };
    const kept = keep("suggested");
    await look(kept);
    kept.wallMs += 19 * DAY_MS;
    await look(kept);
    assert.equal(kept.pairs.length, 1);
    kept.wallMs += 3 * DAY_MS;
    await look(kept);
    assert.equal(kept.pairs.length, 2);
    // RFC 9773 §4.1 has this as its example.
    const id = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";
    assert.deepEqual(authority.asked, [id, id, `replaces ${id}`]);
  });

  it("asks nobody whose certificate is not to be trusted", async () => {
    const client = await newClient("");
    assert.match((await client.begin())!.why, /CERT|SELF_SIGNED/);
  });

  it("waits no longer than it has to for an order that does not end", async () => {
    let polls = 0;
    authority.moods.instead = (asked) => {
      if (!asked.startsWith("/authorization/")) return undefined;
      polls++;
      return { status: 200, body: '{"status":"processing"}' };
    };
    const client = await newClient();
    await client.begin();
    const challenge = { type: "tls-alpn-01", url: `${authority.url}/challenge/0`, token: "x" };
    const problem = await client.prove(challenge, `${authority.url}/authorization/0`);
    assert.match(problem!.why, /does not come to an end/);
    assert.equal(polls, limits.acmePollsMax.value);
  });

  it("lets an authority put it off, but not for ever", async () => {
    let polls = 0;
    const slept: number[] = [];
    authority.moods.retryAfter = "99999999";
    authority.moods.instead = (asked) => {
      if (!asked.startsWith("/authorization/")) return undefined;
      polls++;
      const status = polls > 2 ? "valid" : "processing";
      return { status: 200, body: JSON.stringify({ status }) };
    };
    const client = await newClient(authority.roots, async (ms) => {
      slept.push(ms);
    });
    await client.begin();
    const challenge = { type: "tls-alpn-01", url: `${authority.url}/challenge/0`, token: "x" };
    assert.equal(await client.prove(challenge, `${authority.url}/authorization/0`), undefined);
    const mostMs = limits.acmeRetryAfterMaxS.value * 1000;
    assert.deepEqual(slept, [mostMs, mostMs]);
    assert.ok(limits.acmeRequestMs.value < limits.acmeRetryFirstMs.value);
  });

  /** A client that trusts the authority's own certificate, or Node's where `roots` is empty. */
  async function newClient(
    roots = authority.roots,
    sleep: (ms: number) => Promise<void> = async () => {},
  ): Promise<AcmeClient> {
    const key = AccountKey.ofPem(await accountKeyPem())!;
    const directory = `${authority.url}/dir`;
    const trusted = roots === "" ? undefined : roots;
    return new AcmeClient({ directory, key, contacts: [], roots: trusted, sleep });
  }
});
