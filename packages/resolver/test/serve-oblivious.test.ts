/**
 * Oblivious DNS between two servers: client, relay and target, each at an address of its own.
 *
 *   client 127.0.0.77 ──► relay ──► recorder, which undoes TLS ──► target
 *
 * What passes the recorder is all that the target is told, and all that the relay could tell.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { after, before, describe, it } from "node:test";
import { rcode } from "@lethe/wire/codes.ts";
import { askObliviously } from "../src/cli/oblivious-client.ts";
import { selfSigned } from "../src/transports/self-signed.ts";
import type { KeyPair } from "../src/transports/tls.ts";
import { type HttpsClient, httpsClient } from "./https-requests.ts";
import { type Served, main, portOf, serve } from "./served.ts";
import { question, read } from "./small-resolver.ts";
import { name } from "./small-world.ts";
import { TlsRecorder } from "./tls-recorder.ts";

const run = promisify(execFile);
const CLIENT = "127.0.0.77";
const NAME = "www.example.com";
const HTTPS = 'listen.https=["127.0.0.1:0"]';

const directory = mkdtempSync(join(tmpdir(), "lethe-oblivious-"));
const file = (what: string): string => join(directory, what);
let pair: KeyPair;
let target: Served;
let relay: Served;
let recorder: TlsRecorder;
let client: HttpsClient;
const authorityOf = (port: number): string => `127.0.0.1:${port}`;

before(async () => {
  pair = await selfSigned(["127.0.0.1"], Date.now());
  writeFileSync(file("certificate"), pair.certificate);
  writeFileSync(file("key"), pair.key, { mode: 0o600 });
  const shown = [`tls.certificate=${file("certificate")}`, `tls.key=${file("key")}`, HTTPS];
  target = await serve(shown, ["--sandbox"]);
  recorder = await TlsRecorder.before(portOf(target, "DNS over HTTPS"), pair);
  relay = await serve([
    ...shown,
    "oblivious.target=false",
    `relay.targets=["https://${authorityOf(recorder.port)}/dns-query"]`,
    `relay.authorities=${file("certificate")}`,
  ]);
  client = httpsClient(CLIENT, pair.certificate);
});
after(() => {
  client.close();
  recorder.close();
  for (const { child } of [target, relay]) child.kill();
  rmSync(directory, { recursive: true });
});

const way = () => ({
  target: { authority: authorityOf(recorder.port), path: "/dns-query" },
  relay: { authority: authorityOf(portOf(relay, "DNS over HTTPS")), path: "/proxy" },
});

describe("oblivious DNS by a relay", () => {
  it("is answered, and neither hears what is not meant for it", async () => {
    const sent: Uint8Array[] = [];
    const query = question({ name: NAME, id: 4711, udpSize: 1232 });
    // The key is fetched from the target itself, by somebody else.
    const other = httpsClient("127.0.0.1", pair.certificate);
    const answer = await askObliviously(way(), query, async (request) => {
      if (request.method === "GET") return await other.send(request);
      sent.push(request.body!);
      return await client.send(request);
    });
    other.close();
    assert.ok(answer instanceof Uint8Array, JSON.stringify(answer));
    const { header, answer: records } = read(answer);
    assert.deepEqual([header.id, header.rcode], [4711, rcode.NOERROR]);
    assert.ok(records.length > 0);

    const passed = recorder.all;
    assert.ok(passed.length > 500, "the question passed the recorder");
    const [body] = sent;
    assert.ok(passed.includes(body!), "the relay passed on what the client sent");
    // The relay has seen what the client sent and what passed: the question is in neither.
    for (const seen of [Buffer.from(body!), passed]) {
      assert.equal(seen.includes(name(NAME)), false);
      assert.equal(seen.includes(NAME), false);
      assert.equal(seen.includes("example"), false);
      for (const { rdata } of records.filter(({ type }) => type === 1)) {
        assert.equal(seen.includes(rdata), false);
      }
    }
    // The target has seen what passed, from the relay: the client's address is nowhere in it.
    assert.deepEqual(recorder.peers, new Set(["127.0.0.1"]));
    assert.equal(passed.includes(CLIENT), false);
    assert.equal(passed.includes(Buffer.from([127, 0, 0, 77])), false);
  });

  it("would be seen by the recorder if it were not sealed", async () => {
    const body = question({ name: NAME, id: 0 });
    const type = "application/dns-message";
    await client.send({
      method: "POST",
      authority: authorityOf(recorder.port),
      path: "/dns-query",
      headers: { accept: type, "content-type": type },
      body,
    });
    assert.equal(recorder.all.includes(name(NAME)), true);
    assert.equal(recorder.peers.has(CLIENT), true);
  });

  it("is passed on to targets of the list only, and by relays only", async () => {
    const query = question({ name: NAME });
    const { relay: by, target: to } = way();
    const elsewhere = { authority: authorityOf(portOf(target, "DNS over HTTPS")), path: to.path };
    const refused = await askObliviously({ target: elsewhere, relay: by }, query, client.send);
    assert.deepEqual(refused, { why: "HTTP status 403" });
    const noRelay = { ...elsewhere, path: "/proxy" };
    const none = await askObliviously({ target: to, relay: noRelay }, query, client.send);
    assert.deepEqual(none, { why: "HTTP status 404" });
    const noKey = await askObliviously({ target: by }, query, client.send);
    assert.deepEqual(noKey, { why: "the target has no key (HTTP status 404)" });
  });

  it("is answered by the target itself too, by any of its workers", async () => {
    for (let i = 0; i < 6; i++) {
      const one = httpsClient(CLIENT, pair.certificate);
      const query = question({ name: NAME, id: i });
      const answer = await askObliviously({ target: way().target }, query, one.send);
      assert.ok(answer instanceof Uint8Array, JSON.stringify(answer));
      one.close();
    }
  });

  it("is what `lethe query +odoh +relay=` asks", async () => {
    const { target: to, relay: by } = way();
    const trust = `+tls-ca=${file("certificate")}`;
    const where = [`@https://${to.authority}${to.path}`, NAME, "+odoh", trust];
    const ask = async (...more: string[]): Promise<string> =>
      (await run(process.execPath, [main, "query", ...where, ...more])).stdout;
    const relayed = await ask(`+relay=https://${by.authority}${by.path}`);
    assert.match(relayed, /status: NOERROR/);
    assert.match(relayed, /over ODOH/);
    assert.match(await ask("+short"), /^198\.18\.1\.1$/m);
    await assert.rejects(ask(`+relay=https://${by.authority}/elsewhere`), /HTTP status 404/);
    await assert.rejects(ask("+relay=relay"), /expected a URL like/);
  });
});
