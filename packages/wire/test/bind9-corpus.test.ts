/** BIND's fuzzing corpora: no reader throws, and what is accepted comes back the same. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { classFromText, typeFromText } from "../src/codes-text.ts";
import { messageToText } from "../src/message-text.ts";
import { readMessage } from "../src/message.ts";
import { nameFromText, nameToText } from "../src/name-text.ts";
import { ROOT, readName } from "../src/name.ts";
import { rdataFromText, rdataToText } from "../src/rdata-text.ts";
import { readZoneFile } from "../src/zone-file.ts";
import { tryMessage, tryNames, tryRdata, tryZone } from "../fuzz/trials.ts";
import { material, needsMaterial } from "./material.ts";

const CORPUS = "fuzz/bind9";

/** The files of one corpus, by name. */
function corpus(name: string): readonly (readonly [string, Uint8Array])[] {
  const folder = material(`${CORPUS}/${name}.in`);
  return readdirSync(folder)
    .toSorted()
    .map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))]);
}

/** Texts that BIND reads and this package does not, each with its reason. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ["ch_a", "the CHAOS class has another A record, which has no text here"],
  ["null", "a NULL record has no text of its own, not even where it is empty: RFC 1035 §3.3.10"],
  ["opt", "OPT has no text, and the corpus has it to be refused"],
  ["svbc-max-token", "its class and type are bare numbers, and its key has no end"],
  ["keydata", "KEYDATA is a type of BIND's own, without a number of the registry"],
]);

test("whole messages", needsMaterial(CORPUS), () => {
  let read = 0;
  for (const folder of ["dns_message_parse", "dns_message_checksig"]) {
    for (const [file, bytes] of corpus(folder)) {
      tryMessage(bytes);
      const message = readMessage(bytes);
      if (message.kind === "malformed") continue;
      read++;
      assert.ok(messageToText(message).startsWith(";; ->>HEADER<<-"), file);
    }
  }
  assert.ok(read > 250, `${read} messages were read`);
});

test("names in wire form and in text", needsMaterial(CORPUS), () => {
  for (const folder of ["dns_name_fromwire", "dns_qpkey_name", "dns_name_fromtext_target"]) {
    for (const [, bytes] of corpus(folder)) tryNames(bytes);
  }
  const text = new TextDecoder().decode(corpus("dns_name_fromtext_target")[0]![1]).trim();
  assert.ok(
    nameFromText(text, ROOT) !== undefined && readName(corpus("dns_qp")[0]![1], 0) !== null,
  );
});

test("RDATA in text", needsMaterial(CORPUS), () => {
  for (const [file, bytes] of corpus("dns_rdata_fromtext")) {
    if (REFUSED.has(file)) continue;
    const words = new TextDecoder().decode(bytes).trim().split(/\s+/);
    const type = typeFromText(words[1]!);
    assert.ok(classFromText(words[0]!) !== undefined, file);
    assert.ok(type !== undefined, file);
    const text = new TextDecoder()
      .decode(bytes)
      .trim()
      .replace(/^\S+\s+\S+\s*/, "");
    const rdata = rdataFromText(type, text, ROOT);
    assert.ok(rdata instanceof Uint8Array, `${file}: ${JSON.stringify(rdata)}`);
    assert.deepEqual(rdataFromText(type, rdataToText(type, rdata)), rdata, file);
  }
});

test("RDATA in wire form", needsMaterial(CORPUS), () => {
  for (const [, bytes] of corpus("dns_rdata_fromwire_text")) tryRdata(bytes);
});

test("zone files and the words in them", needsMaterial(CORPUS), () => {
  for (const folder of ["dns_master_load", "isc_lex_getmastertoken", "isc_lex_gettoken"]) {
    for (const [, bytes] of corpus(folder)) tryZone(bytes);
  }
  const minimal = corpus("dns_master_load").find(([file]) => file === "minimal.db")!;
  const zone = readZoneFile(new TextDecoder().decode(minimal[1]), { origin: ROOT, ttlS: 60 });
  assert.ok(!("kind" in zone), JSON.stringify(zone));
  assert.ok(zone.records.every((record) => nameToText(record.name).endsWith(".")));
});
