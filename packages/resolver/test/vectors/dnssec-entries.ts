/** Reads the DNSSEC vectors of Unbound: entries of a question and records in presentation form. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { RecordSet, ResourceRecord } from "@lethe/wire/record.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { gatherSets } from "../../src/recursor/sets.ts";

const root = join(import.meta.dirname, "../../../..");
const material = process.env["LETHE_MATERIAL"] ?? join(root, "../shared/material");
const directory = join(material, "vectors/unbound");

/** Why tests with these vectors are skipped, or false. */
export const skip = existsSync(directory) ? false : "the vectors are not beside this tree";

/** One entry: the name asked for, and its records as sets. */
export interface VectorEntry {
  readonly title: string;
  readonly name: Name;
  readonly answer: readonly RecordSet[];
  readonly authority: readonly RecordSet[];
}

/** The vector files whose names begin so. */
export function vectorFiles(prefix: string): string[] {
  return skip === false ? readdirSync(directory).filter((file) => file.startsWith(prefix)) : [];
}

/** The text of a vector file. */
export function vectorText(file: string): string {
  return readFileSync(join(directory, file), "utf8");
}

/** The entries of a file; unreadable records throw, since then nothing would be tested. */
export function vectorEntries(file: string): VectorEntry[] {
  const blocks = vectorText(file)
    .split(/^ENTRY_BEGIN.*$/m)
    .slice(1);
  return blocks.map((block) => {
    const text = block.split(/^ENTRY_END/m)[0]!;
    const question = section(text, "QUESTION").replace(/;.*$/gm, "").trim().split(/\s+/);
    return {
      title: `${question[0]} ${question.at(-1)}`,
      name: vectorName(question[0]!),
      answer: gatherSets(vectorRecords(section(text, "ANSWER"), ROOT)),
      authority: gatherSets(vectorRecords(section(text, "AUTHORITY"), ROOT)),
    };
  });
}

/** The records of a zone file. */
export function vectorRecords(text: string, origin: Name): readonly ResourceRecord[] {
  const read = readZoneFile(text, { origin, ttlS: 3600 });
  if (!("records" in read)) throw new Error(`the vector cannot be read: ${JSON.stringify(read)}`);
  return read.records;
}

/** A name in presentation form; relative ones are below the root. */
export function vectorName(text: string): Name {
  const name = nameFromText(text.endsWith(".") ? text : `${text}.`);
  if (name === undefined || !(name instanceof Uint8Array)) throw new Error(`no name: ${text}`);
  return name;
}

function section(text: string, title: string): string {
  const found = new RegExp(`^SECTION ${title}$([^]*?)(?=^SECTION|$(?![^]))`, "m").exec(text);
  return found?.[1] ?? "";
}
