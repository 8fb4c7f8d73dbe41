/** Stub and forward zones end to end: clients, `lethe serve`, and nsd on loopback addresses. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { rcodeToText } from "@lethe/wire/codes-text.ts";
import { type Message, fullRcode } from "@lethe/wire/message.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { type Running, isInstalled, start, stop, until } from "../../bench/processes.ts";
import { type Served, serve } from "../served.ts";
import { freePort } from "../free-port.ts";
import { askAt } from "../asking.ts";

const NSD = "nsd";
const skip = isInstalled(NSD) ? false : `${NSD} is not installed`;
const AUTHORITY = "127.0.0.53";

/** `test.` is a special name: only a configured zone makes it one that is asked for. */
const zone = `$ORIGIN bench.test.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A ${AUTHORITY}
www A 192.0.2.80
alias CNAME www
`;

/** RCODE and the answer section, in text. */
function told(message: Message): string[] {
  const records = message.answer.map((record) => recordToText({ ...record, ttl: 60 }));
  return [rcodeToText(fullRcode(message)), ...records.map((one) => one.replaceAll("\t", " "))];
}

describe("configured zones", { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), "lethe-nsd-"));
  const running: Running[] = [];
  const served: Served[] = [];
  let stubPort = 0;
  let forwardPort = 0;

  before(async () => {
    const port = await freePort(AUTHORITY);
    const at = (file: string): string => join(directory, file);
    writeFileSync(at("bench.zone"), zone);
    writeFileSync(
      at("nsd.conf"),
      `server:
  server-count: 1
  ip-address: ${AUTHORITY}@${port}
  username: ""
  chroot: ""
  zonesdir: "${directory}"
  database: ""
  pidfile: "${at("nsd.pid")}"
  zonelistfile: "${at("zone.list")}"
  xfrdfile: "${at("xfrd.state")}"
  xfrdir: "${directory}"
remote-control:
  control-enable: no
zone:
  name: "bench.test"
  zonefile: "${at("bench.zone")}"
`,
    );
    const nsd = start(NSD, 0, [NSD, "-d", "-c", at("nsd.conf")]);
    running.push(nsd);
    await until(nsd, () => nsd.said().includes("nsd started"));
    const common = ["resolve.workers=1"];
    const stub = `resolve.stub=[{ zone = "bench.test", servers = ["${AUTHORITY}:${port}"] }]`;
    served.push(await serve([...common, stub], ["--sandbox"]));
    stubPort = served[0]!.port;
    const resolver = `127.0.0.1:${stubPort}`;
    const forward = `resolve.forward=[{ zone = "bench.test", servers = ["${resolver}"] }]`;
    served.push(await serve([...common, forward], ["--sandbox"]));
    forwardPort = served[1]!.port;
  });

  after(async () => {
    for (const { child } of served) child.kill("SIGTERM");
    for (const one of running) await stop(one);
    rmSync(directory, { recursive: true });
  });

  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["an address", "www.bench.test", ["NOERROR", "www.bench.test. 60 IN A 192.0.2.80"]],
    [
      "an alias",
      "alias.bench.test",
      [
        "NOERROR",
        "alias.bench.test. 60 IN CNAME www.bench.test.",
        "www.bench.test. 60 IN A 192.0.2.80",
      ],
    ],
    ["a name that is not there", "absent.bench.test", ["NXDOMAIN"]],
    ["a special name beside the zone", "other.test", ["NXDOMAIN"]],
    ["a name of the root's", "www.plain.lethe", ["NOERROR"]],
  ];
  for (const [title, name, expected] of cases) {
    test(`${title} is answered from the authorities of a stub zone`, async () => {
      assert.deepEqual(told(await askAt(stubPort, name, "A")).slice(0, expected.length), expected);
    });
    test(`${title} is answered through the resolver of a forward zone`, async () => {
      assert.deepEqual(
        told(await askAt(forwardPort, name, "A")).slice(0, expected.length),
        expected,
      );
    });
  }
});
