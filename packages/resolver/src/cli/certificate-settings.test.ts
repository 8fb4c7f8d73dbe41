/** What a self-signed certificate is for, and where one comes from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { certificateNames, certificateSourceOf } from "./certificate-settings.ts";
import { isWrong, readConfiguration } from "./configuration.ts";
import type { Settings } from "./settings.ts";

function settingsOf(...sets: string[]): Settings {
  const settings = readConfiguration({ file: undefined, sets });
  assert.ok(!isWrong(settings));
  return settings;
}

const machine = ["192.0.2.7", "2001:db8::7", "127.0.0.1"].map((text) => ipFromText(text)!);

const rows: readonly (readonly [title: string, sets: string[], string[] | undefined])[] = [
  ["the addresses of all encrypted rows, once", [], ["localhost", "127.0.0.1", "::1"]],
  [
    "the operator's names first",
    ["tls.names=['DNS.example.','two.example']", "listen.tls=['192.0.2.1:853']", "listen.https=[]"],
    ["dns.example", "two.example", "192.0.2.1"],
  ],
  [
    "the machine's addresses of a wildcard's family",
    ["listen.tls=['0.0.0.0:853']", "listen.https=[]"],
    ["localhost", "192.0.2.7", "127.0.0.1"],
  ],
  ["nothing where nothing is encrypted", ["listen.tls=[]", "listen.https=[]"], undefined],
];

for (const [title, sets, expected] of rows) {
  test(`a self-signed certificate is for ${title}`, () => {
    assert.deepEqual(certificateNames(settingsOf(...sets), machine), expected);
  });
}

test("a self-signed certificate has certificateNamesMax names, and no more are taken", () => {
  const max = limits.certificateNamesMax.value;
  const many = Array.from({ length: max }, (_, i) => `n${i}.example`);
  const names = certificateNames(settingsOf(`tls.names=${JSON.stringify(many)}`), machine);
  assert.deepEqual(names, many);
  const sets = [`tls.names=${JSON.stringify([...many, "one.more"])}`];
  assert.ok(isWrong(readConfiguration({ file: undefined, sets })));
});

test("files are used where both are named, and one alone is refused", () => {
  const both = settingsOf("tls.certificate=/c.pem", "tls.key=/k.pem");
  assert.deepEqual(certificateSourceOf(both)?.files, { certificate: "/c.pem", key: "/k.pem" });
  for (const one of ["tls.certificate=/c.pem", "tls.key=/k.pem"]) {
    const read = readConfiguration({ file: undefined, sets: [one] });
    assert.ok(isWrong(read));
    assert.match(read.line, /^tls\.(key|certificate): expected a file beside/);
  }
});
