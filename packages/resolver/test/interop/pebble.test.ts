/**
 * Certificates from pebble, the test authority of the people who run Let's Encrypt: for a name and
 * an address, proven over HTTP and inside TLS.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createSecureContext, createServer } from "node:tls";
import { AccountKey } from "../../src/acme/account.ts";
import { AcmeClient, type Identifier } from "../../src/acme/client.ts";
import { obtain } from "../../src/acme/obtain.ts";
import { HttpProofs, type TlsProofs } from "../../src/acme/proofs.ts";
import { accountKeyPem, factsOf } from "../../src/acme/requests.ts";
import { type KeyPair, whyUnusable } from "../../src/transports/tls.ts";
import { selfSigned } from "../../src/transports/self-signed.ts";
import { type Running, isInstalled, start, stop } from "../../bench/processes.ts";
import { freePort } from "../free-port.ts";
import { until } from "../until.ts";

const programs = ["pebble", "pebble-challtestsrv"];
const absent = programs.find((program) => !isInstalled(program));
const skip = absent === undefined ? false : `${absent} is not installed`;

const directory = mkdtempSync(join(tmpdir(), "lethe-pebble-"));
const inside = (file: string): string => join(directory, file);
const running: Running[] = [];
let key: AccountKey;
let roots = "";
let url = "";
let httpPort = 0;
let alpn: Server;
/** What is shown to connections that ask for a name by `acme-tls/1`. */
const shown = new Map<string, KeyPair>();
const tls: TlsProofs = {
  show: (name, pair) => shown.set(name, pair),
  hide: (name) => shown.delete(name),
};

describe("certificates from pebble", { skip }, () => {
  before(async () => {
    alpn = createServer({
      ALPNProtocols: ["acme-tls/1"],
      SNICallback: (name, done) => {
        const pair = shown.get(name);
        if (pair === undefined) done(new Error("nothing is being proven"));
        else done(null, createSecureContext({ cert: pair.certificate, key: pair.key }));
      },
    });
    alpn.listen(0, "127.0.0.1");
    await once(alpn, "listening");
    const [port, dnsPort, management] = [
      await freePort("127.0.0.1"),
      await freePort("127.0.0.1"),
      await freePort("127.0.0.1"),
    ];
    httpPort = await freePort("127.0.0.1");
    const own = await selfSigned(["127.0.0.1"], Date.now());
    roots = own.certificate;
    writeFileSync(inside("certificate.pem"), own.certificate);
    writeFileSync(inside("key.pem"), own.key);
    const pebble = {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${await freePort("127.0.0.1")}`,
      certificate: inside("certificate.pem"),
      privateKey: inside("key.pem"),
      httpPort,
      tlsPort: (alpn.address() as AddressInfo).port,
      ocspResponderURL: "",
      externalAccountBindingRequired: false,
    };
    writeFileSync(inside("pebble.json"), JSON.stringify({ pebble }));
    const names = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""];
    const dns = ["-dns01", `127.0.0.1:${dnsPort}`, "-management", `127.0.0.1:${management}`];
    running.push(start("challtestsrv", [0, 1], ["pebble-challtestsrv", ...names, ...dns]));
    // It proves each name anew, and does not wait before it does.
    Object.assign(process.env, { PEBBLE_AUTHZREUSE: "0", PEBBLE_VA_NOSLEEP: "1" });
    const options = ["-config", inside("pebble.json"), "-dnsserver", `127.0.0.1:${dnsPort}`];
    running.push(start("pebble", [0, 1], ["pebble", ...options]));
    url = `https://127.0.0.1:${port}/dir`;
    key = AccountKey.ofPem(await accountKeyPem())!;
    let isThere = false;
    void (async () => {
      while (!isThere) isThere = (await newClient().begin()) === undefined;
    })();
    await until(() => isThere);
  });
  after(async () => {
    for (const one of running) await stop(one);
    alpn.close();
    rmSync(directory, { recursive: true });
  });

  function newClient(): AcmeClient {
    // A clock that runs faster: pebble wants its polls seconds apart.
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, ms / 4));
    return new AcmeClient({ directory: url, key, contacts: [], roots, sleep });
  }

  const name: Identifier = { type: "dns", value: "dns.example" };
  const address: Identifier = { type: "ip", value: "127.0.0.1" };
  const cases: readonly [title: string, identifiers: readonly Identifier[], inTls: boolean][] = [
    ["a name, proven over HTTP", [name], false],
    ["a name and an address, proven over HTTP", [name, address], false],
    ["a name and an address, proven inside TLS", [name, address], true],
  ];
  for (const [title, identifiers, inTls] of cases) {
    test(title, async () => {
      const client = newClient();
      assert.equal(await client.begin(), undefined);
      const http = new HttpProofs(inTls ? [] : [{ host: "127.0.0.1", port: httpPort }]);
      const provers = { http, tls: inTls ? tls : undefined };
      const wanted = { identifiers, profile: undefined, replaces: undefined };
      const pair = await obtain(client, key, wanted, provers, Date.now());
      http.close();
      assert.ok(!("kind" in pair), JSON.stringify(pair));
      assert.equal(whyUnusable(pair), undefined);
      const facts = await factsOf(pair.certificate);
      assert.deepEqual(facts!.names.toSorted(), identifiers.map(({ value }) => value).toSorted());
      assert.ok(facts!.notAfterMs > Date.now());
      assert.match(facts!.renewalId!, /^[\w-]+\.[\w-]+$/);
    });
  }

  test("a name that cannot be proven: told in the authority's words", async () => {
    const client = newClient();
    await client.begin();
    const provers = {
      http: new HttpProofs([{ host: "127.0.0.1", port: httpPort }]),
      tls: undefined,
    };
    provers.http.show = () => {};
    const wanted = { identifiers: [name], profile: undefined, replaces: undefined };
    const failed = await obtain(client, key, wanted, provers, Date.now());
    provers.http.close();
    assert.ok("kind" in failed);
    assert.match(failed.why, /^dns\.example: the authority could not verify it: .*404/);
  });
});
