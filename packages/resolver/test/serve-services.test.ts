/** `lethe serve` over HTTPS: names that a client has purged, discovery, and JSON. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { rrType } from "@lethe/wire/codes.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { selfSigned } from "../src/transports/self-signed.ts";
import { httpsClient } from "./https-requests.ts";
import { main, portOf, serve } from "./served.ts";
import { type Wish, question, read } from "./small-resolver.ts";

const run = promisify(execFile);
const skip = systemLibc() === undefined ? "the FFI does not load on this machine" : false;

/** A server of two workers in the sandbox, and ways to ask it. */
async function start(t: TestContext, ...sets: string[]) {
  const directory = mkdtempSync(join(tmpdir(), "lethe-services-"));
  const [certificate, key] = [join(directory, "certificate"), join(directory, "key")];
  const admin = join(directory, "admin");
  const pair = await selfSigned(["127.0.0.1", "dns.test"], Date.now());
  writeFileSync(certificate, pair.certificate);
  writeFileSync(key, pair.key, { mode: 0o600 });
  const served = await serve(
    [
      "resolve.workers=2",
      `listen.admin="unix:${admin}"`,
      'listen.https=["127.0.0.1:0"]',
      `tls.certificate=${certificate}`,
      `tls.key=${key}`,
      ...sets,
    ],
    ["--sandbox"],
  );
  t.after(() => {
    served.child.kill("SIGKILL");
    rmSync(directory, { recursive: true });
  });
  const authority = `127.0.0.1:${portOf(served, "DNS over HTTPS")}`;
  const https = async (method: "GET" | "POST", path: string) => {
    const client = httpsClient("127.0.0.1", pair.certificate);
    const response = await client.send({ method, authority, path, headers: {}, body: undefined });
    client.close();
    assert.ok("status" in response);
    return { ...response, text: Buffer.from(response.body).toString() };
  };
  const udp = async (wish: Wish) => {
    const socket = createSocket("udp4");
    socket.send(question({ udpSize: 1232, ...wish }), served.port, "127.0.0.1");
    const [answer] = (await once(socket, "message")) as [Buffer];
    socket.close();
    return read(answer);
  };
  const dump = async (name: string): Promise<string> => {
    const { stdout } = await run(process.execPath, [
      main,
      "control",
      "--socket",
      admin,
      "dump",
      name,
    ]);
    return stdout;
  };
  return { https, udp, dump };
}

const NOTHING = "; worker 0: nothing\n; worker 1: nothing\n";

test("who purges a name reaches every worker, and answers by aliases too", { skip }, async (t) => {
  const { https, udp, dump } = await start(t);
  // Each of sixteen ports is some worker's.
  await Promise.all(Array.from({ length: 16 }, async () => await udp({ name: "www.example.com" })));
  assert.match(await dump("www.example.com"), /packed answer, A/);
  assert.match(await dump("example.com"), /data, A/);
  const purged = await https("POST", "/api/v1/purge?domain=example.com&type=A");
  assert.deepEqual(
    [purged.status, purged.text],
    [200, '{"msg":"the name will be asked for anew"}'],
  );
  let left = "";
  do left = await dump("www.example.com");
  while (left.includes("packed answer"));
  assert.doesNotMatch(await dump("example.com"), /data, A,/);
  // The alias itself is nobody else's, and stays.
  assert.match(left, /data, CNAME/);
  const whole = await https("POST", "/api/v1/purge?domain=WWW.example.com");
  assert.equal(whole.text, purged.text);
  do left = await dump("www.example.com");
  while (left !== NOTHING);
  // Of what nobody asked for it is said the same.
  const unknown = await https("POST", "/api/v1/purge?domain=nobody.asked.test&type=MX");
  assert.deepEqual([unknown.status, unknown.text], [purged.status, purged.text]);
});

test("clients find the transports by the address, and questions in JSON", { skip }, async (t) => {
  const { https, udp } = await start(t, "discovery.name=dns.test");
  const { answer } = await udp({ name: "_dns.resolver.arpa", type: rrType.SVCB });
  assert.equal(answer.length, 1);
  const page = await https("GET", "/dns-query?name=www.good.lethe&ct=application/dns-json");
  assert.equal(page.mediaType, "application/dns-json");
  const json = JSON.parse(page.text) as { AD: boolean; Answer: { data: string }[] };
  assert.deepEqual([json.AD, json.Answer[0]?.data], [true, "198.18.2.1"]);
  const google = await https("GET", "/resolve?name=www.bogus.lethe");
  assert.match(google.text, /"Status":2.*"Comment":"EDE\(6\): DNSSEC Bogus /);
  assert.equal((await https("GET", "/proxy?targethost=a&targetpath=/")).status, 404);
});
