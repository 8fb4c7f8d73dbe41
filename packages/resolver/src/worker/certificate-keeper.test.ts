/** Certificates as time goes by: files that change, what is kept, what is refused. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, before, describe, test } from "node:test";
import { limits } from "../base/limits.ts";
import { selfSigned } from "../transports/self-signed.ts";
import { type KeyPair, TICKET_KEYS_BYTES, type TlsMaterial } from "../transports/tls.ts";
import type { CertificateFiles } from "./certificate-files.ts";
import { CertificateKeeper, type CertificateSource } from "./certificate-keeper.ts";
import { until } from "../../test/until.ts";

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);

let one: KeyPair;
let two: KeyPair;
before(async () => {
  [one, two] = await Promise.all([
    selfSigned(["one.example"], START_MS),
    selfSigned(["two.example"], START_MS),
  ]);
});

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "lethe-certificate-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A keeper whose clock can be set, with what it says and gives to use. */
class Scene {
  nowMs = START_MS;
  readonly lines: string[] = [];
  readonly complaints: string[] = [];
  readonly used: TlsMaterial[] = [];
  readonly parts = {
    nowMs: (): number => this.nowMs,
    say: (line: string): void => void this.lines.push(line),
    complain: (line: string): void => void this.complaints.push(line),
  };

  async begin(t: TestContext, source: CertificateSource): Promise<CertificateKeeper> {
    const keeper = await CertificateKeeper.begin(source, this.parts);
    assert.ok(!("kind" in keeper));
    keeper.start((material) => this.used.push(material));
    t.after(() => keeper.stop());
    return keeper;
  }
}

const names = ["dns.example", "127.0.0.1", "2001:db8::1"];

function write(files: CertificateFiles, pair: KeyPair): void {
  writeFileSync(files.certificate, pair.certificate);
  writeFileSync(files.key, pair.key);
}

/** Files of the first pair in a directory, and what names them. */
function filesIn(directory: string): CertificateSource & { files: CertificateFiles } {
  const files = { certificate: join(directory, "cert.pem"), key: join(directory, "key.pem") };
  write(files, one);
  return { files, names, directory: undefined };
}

describe("files", () => {
  test("count when they have changed and then stand still for a look", async (t) => {
    const scene = new Scene();
    const source = filesIn(directoryFor(t));
    const keeper = await scene.begin(t, source);
    assert.equal(keeper.material.pair.certificate, one.certificate);
    keeper.look();
    write(source.files, two);
    keeper.look();
    assert.equal(scene.used.length, 0);
    keeper.look();
    await until(() => scene.used.length === 1);
    assert.equal(scene.used[0]!.pair.certificate, two.certificate);
    assert.match(scene.lines[0]!, /^certificate: .*cert\.pem, until 2026-04-01, pin [\w+/]{43}=$/);
    keeper.look();
    keeper.look();
    assert.equal(scene.used.length, 1);
    assert.ok(limits.certificateLookMs.value <= 10_000);
  });

  const broken: readonly [title: string, change: (files: CertificateFiles) => void, RegExp][] = [
    ["of two owners", (files) => writeFileSync(files.key, two.key), /does not belong/],
    ["that is no PEM", (files) => writeFileSync(files.certificate, "x"), /not a certificate/],
    ["that is gone", (files) => rmSync(files.key), /^tls\.key = .*: ENOENT; the old one stays$/],
  ];
  for (const [title, change, why] of broken) {
    test(`a pair ${title} is refused with one line, and the old one stays`, async (t) => {
      const scene = new Scene();
      const source = filesIn(directoryFor(t));
      const keeper = await scene.begin(t, source);
      change(source.files);
      for (let i = 0; i < 4; i++) keeper.look();
      await until(() => scene.complaints.length > 0);
      for (let i = 0; i < 4; i++) keeper.look();
      assert.equal(scene.complaints.length, 1);
      assert.match(scene.complaints[0]!, why);
      assert.equal(keeper.material.pair.certificate, one.certificate);
      write(source.files, two);
      for (let i = 0; i < 2; i++) keeper.look();
      await until(() => scene.used.length === 1);
    });
  }

  test("may have certificateBytesMax bytes and no more", async (t) => {
    const scene = new Scene();
    const source = filesIn(directoryFor(t));
    const max = limits.certificateBytesMax.value;
    writeFileSync(source.files.certificate, one.certificate.padEnd(max, "\n"));
    await scene.begin(t, source);
    writeFileSync(source.files.certificate, one.certificate.padEnd(max + 1, "\n"));
    const refused = await CertificateKeeper.begin(source, scene.parts);
    assert.deepEqual(refused, {
      kind: "no-certificate",
      file: "certificate",
      why: `more than ${max} bytes`,
    });
  });

  test("that have ended are used, and the line says so", async (t) => {
    const scene = new Scene();
    scene.nowMs += 100 * DAY_MS;
    const keeper = await scene.begin(t, filesIn(directoryFor(t)));
    assert.match(keeper.line, /, which has ended on 2026-04-01, pin /);
  });
});

describe("self-signed", () => {
  test("is for every name and address, and kept for the owner alone", async (t) => {
    const scene = new Scene();
    const directory = join(directoryFor(t), "state");
    const keeper = await scene.begin(t, { files: undefined, names, directory });
    const path = join(directory, "self-signed.pem");
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.match(readFileSync(path, "utf8"), /BEGIN PRIVATE KEY/);
    const again = await scene.begin(t, { files: undefined, names, directory });
    assert.equal(again.line, keeper.line);
    const other = await scene.begin(t, { files: undefined, names: ["new.example"], directory });
    assert.notEqual(other.line, keeper.line);
    assert.deepEqual(scene.complaints, []);
  });

  test("stays over a reload, and is made anew in time", async (t) => {
    const scene = new Scene();
    const source = { files: undefined, names, directory: undefined };
    const keeper = await scene.begin(t, source);
    await keeper.reload(source);
    scene.nowMs += 59 * DAY_MS;
    keeper.look();
    await keeper.reload(source);
    assert.equal(scene.used.length, 0);
    scene.nowMs += 2 * DAY_MS;
    keeper.look();
    await until(() => scene.used.length === 1);
    assert.match(keeper.line, /until 2026-06-01/);
  });

  test("a reload changes over to files, and back", async (t) => {
    const scene = new Scene();
    const source = { files: undefined, names, directory: undefined };
    const keeper = await scene.begin(t, source);
    await keeper.reload(filesIn(directoryFor(t)));
    assert.equal(keeper.material.pair.certificate, one.certificate);
    await keeper.reload(source);
    assert.match(keeper.line, /self-signed for dns\.example/);
    assert.equal(scene.used.length, 2);
  });

  test("that cannot be kept is used all the same, with a line", async (t) => {
    const scene = new Scene();
    const file = join(directoryFor(t), "file");
    writeFileSync(file, "");
    await scene.begin(t, { files: undefined, names, directory: join(file, "state") });
    assert.match(scene.complaints[0]!, /the certificate is not kept: ENOTDIR/);
  });
});

test("keys for tickets are changed, each time to others of the right size", async (t) => {
  const scene = new Scene();
  const keeper = await scene.begin(t, { files: undefined, names, directory: undefined });
  const first = keeper.material.ticketKeys;
  keeper.rotate();
  const [second] = scene.used;
  assert.equal(first.length, TICKET_KEYS_BYTES);
  assert.equal(second!.ticketKeys.length, TICKET_KEYS_BYTES);
  assert.notDeepEqual(first, second!.ticketKeys);
});
