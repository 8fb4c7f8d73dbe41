/** Notes: those of Go's package and of C2SP, and what is none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { published } from "../test/published.ts";
import { toUtf8 } from "./decimal.ts";
import { checkEd25519, ed25519Pair } from "./ed25519.ts";
import { tlogLimits } from "./limits.ts";
import {
  type NoteSignature,
  isNoteText,
  noteBytes,
  openNote,
  parseNote,
  parseSignatureLine,
  signatureLine,
} from "./note.ts";
import { signNote, signatureCheck } from "./signing.ts";
import { parseVerifierKey } from "./verifier-key.ts";

const { notes, c2sp } = published;
const { text, peterLine, enochLine } = notes;
const peter = parseVerifierKey(notes.peter)!;
const enoch = parseVerifierKey(notes.enoch)!;
const check = signatureCheck(checkEd25519);
const open = (note: string, keys = [peter]): ReturnType<typeof openNote> =>
  openNote(toUtf8(note), keys, check);

test("signs as Go's package does, byte for byte", async () => {
  const pair = (await ed25519Pair(Uint8Array.fromBase64(notes.peterSeed)))!;
  assert.deepEqual(pair.publicKey, peter.publicKey);
  const signature = (await signNote(text, peter, pair.sign))!;
  assert.equal(signatureLine(signature), peterLine);
  assert.deepEqual(noteBytes({ text, signatures: [signature] }), toUtf8(`${text}\n${peterLine}`));
  for (const bad of ["abc", "", "a\x01\n", "\ud800\n"]) {
    assert.equal(await signNote(bad, peter, pair.sign), undefined);
    assert.equal(noteBytes({ text: bad, signatures: [signature] }), undefined);
  }
});

test("opens a note by the keys it knows, and keeps what others signed apart", async () => {
  const note = await open(`${text}\n${peterLine}${enochLine}`);
  assert.equal(note.kind, "opened");
  if (note.kind !== "opened") return;
  assert.equal(note.text, text);
  assert.deepEqual(
    note.signed.map(({ key }) => key.name),
    ["PeterNeumann"],
  );
  assert.deepEqual(note.unknown.map(signatureLine), [enochLine]);
  const both = await open(`${text}\n${peterLine}${enochLine}`, [peter, enoch]);
  assert.ok(both.kind === "opened" && both.signed.length === 2 && both.unknown.length === 0);
});

test("does not open what no known key signed", async () => {
  assert.equal((await open(`${text}\n${peterLine}${enochLine}`, [])).kind, "unsigned");
  assert.equal((await open(`${text}\n${enochLine}`)).kind, "unsigned");
  const otherName = peterLine.replace("PeterNeumann", "CarmenSandiego");
  assert.equal((await open(`${text}\n${otherName}`)).kind, "unsigned");
  assert.equal((await open(`${text}\n${peterLine.replace("x08g", "xxxx")}`)).kind, "unsigned");
});

test("refuses the whole note where a known key's signature is not its own", async () => {
  const longer = `${peterLine.slice(0, 60)}ABCD${peterLine.slice(60)}`;
  assert.equal((await open(`${text}\n${longer}`)).kind, "forged");
  assert.equal((await open(`${text}\n${peterLine}${longer}`)).kind, "forged");
  assert.equal((await open(`${text.replace("answer", "answers")}\n${peterLine}`)).kind, "forged");
  assert.equal((await open(`${text}\n${enochLine}${longer}`, [peter, enoch])).kind, "forged");
});

test("counts a line that stands twice once, and tells which of two like keys signed", async () => {
  const note = await open(`${text}\n${peterLine}${peterLine}${enochLine}${enochLine}`);
  assert.ok(note.kind === "opened" && note.signed.length === 1 && note.unknown.length === 1);
  const twin = { ...peter, publicKey: enoch.publicKey };
  const found = await open(`${text}\n${peterLine}`, [twin, peter]);
  assert.ok(found.kind === "opened" && found.signed[0]!.key === peter);
});

test("opens nobody's note with a key that is no point of the curve", async () => {
  const bad = { ...peter, publicKey: new Uint8Array(32).fill(0xff) };
  assert.equal((await open(`${text}\n${peterLine}`, [bad])).kind, "forged");
});

test("reads the examples of C2SP; the last empty line ends the text", () => {
  const poem = parseNote(toUtf8(c2sp.poem));
  assert.ok(poem.kind === "note" && poem.text.endsWith("\n\ned \u00e8 subito sera.\n"));
  assert.deepEqual(noteBytes(poem), toUtf8(c2sp.poem));
  const cosigned = parseNote(toUtf8(c2sp.checkpoint));
  assert.ok(cosigned.kind === "note" && cosigned.signatures.length === 2);
  assert.deepEqual(noteBytes(cosigned), toUtf8(c2sp.checkpoint));
});

test("reads nothing that is not a note", () => {
  const line = peterLine.slice(0, -1);
  const table: readonly (readonly [string, string])[] = [
    ["nothing", ""],
    ["a text alone", text],
    ["no signature", `${text}\n`],
    ["no last newline", `${text}\n${line}`],
    ["a control character", `\x01${text}\n${peterLine}`],
    ["a carriage return", `${text.replaceAll("\n", "\r\n")}\n${peterLine}`],
    ["a tab", `\t${text}\n${peterLine}`],
    ["a name with a space", `${text}\n\u2014 Bad Name x08go/ZJ\n`],
    ["a hyphen for the dash", `${text}\n- PeterNeumann x08go/ZJ\n`],
    ["two spaces", `${text}\n\u2014  PeterNeumann x08go/ZJ\n`],
    ["a space at the end", `${text}\n${line} \n`],
    ["a line after the signatures", `${text}\n${peterLine}Unexpected line.\n`],
    ["a signature of four bytes", `${text}\n\u2014 PeterNeumann x08gow==\n`],
    ["base64 with bits left over", `${text}\n\u2014 PeterNeumann x08go/ZJkv==\n`],
    ["an empty line at the end", `${text}\n${peterLine}\n`],
  ];
  for (const [title, note] of table) {
    assert.equal(parseNote(toUtf8(note)).kind, "malformed", title);
  }
  const bytes = toUtf8(`${text}\n${peterLine}`);
  bytes[3] = 0xff;
  assert.equal(parseNote(bytes).kind, "malformed");
});

test("takes noteSignaturesMax signatures and noteBytesMax bytes, and no more", () => {
  const many = tlogLimits.noteSignaturesMax.value;
  assert.equal(parseNote(toUtf8(`${text}\n${peterLine.repeat(many)}`)).kind, "note");
  assert.equal(parseNote(toUtf8(`${text}\n${peterLine.repeat(many + 1)}`)).kind, "malformed");
  const most = tlogLimits.noteBytesMax.value;
  const end = `\n\n${peterLine}`;
  const filled = "x".repeat(most - toUtf8(end).length) + end;
  assert.equal(parseNote(toUtf8(filled)).kind, "note");
  assert.equal(parseNote(toUtf8(`x${filled}`)).kind, "malformed");
});

const signatures: fc.Arbitrary<NoteSignature> = fc.record(
  {
    name: fc.constantFrom("a", "example.com/log", "\u{1f600}"),
    id: fc.nat(0xffffffff),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  },
  { noNullPrototype: true },
);

test("any note comes back as it went in", () => {
  const texts = fc
    .string({ unit: "grapheme" })
    .map((one) => `${one}\n`)
    .filter(isNoteText);
  fc.assert(
    fc.property(texts, fc.array(signatures, { minLength: 1, maxLength: 5 }), (one, list) => {
      const note = { text: one, signatures: list };
      assert.deepEqual(parseNote(noteBytes(note)!), { kind: "note", ...note });
    }),
  );
});

test("any bytes are a note or none, and are what they are read as", () => {
  const honest = toUtf8(`${text}\n${peterLine}${enochLine}`);
  const bytes = fc
    .tuple(fc.nat(honest.length - 1), fc.nat(255), fc.nat(honest.length))
    .map(([at, byte, end]) => {
      const changed = honest.slice(0, end % 3 === 0 ? end : honest.length);
      if (at < changed.length) changed[at] = byte;
      return changed;
    });
  fc.assert(
    fc.property(fc.oneof(bytes, fc.uint8Array()), (one) => {
      const note = parseNote(one);
      if (note.kind === "note") assert.deepEqual(noteBytes(note), one);
    }),
    { numRuns: 1000 },
  );
});

test("any line is a signature or none, and is what it is read as", () => {
  fc.assert(
    fc.property(
      fc.string().map((rest) => `\u2014 ${rest}`),
      (line) => {
        const signature = parseSignatureLine(line);
        assert.ok(signature === undefined || signatureLine(signature) === `${line}\n`);
      },
    ),
  );
});
