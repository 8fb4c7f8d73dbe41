/** The zones that a scenario has copies of: Unbound's `auth-zone`, from the files between. */
import { type Name, isAtOrUnder, nameEqual } from "@lethe/wire/name.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import type { TrustAnchor } from "../src/dnssec/anchor.ts";
import { WorkBudget } from "../src/dnssec/work-budget.ts";
import { type DigestTerms, checkZone } from "../src/dnssec/zone-check.ts";
import type { ConfiguredZone } from "../src/recursor/options.ts";
import { packZone } from "../src/recursor/zone-copy.ts";
import { Unreadable } from "./entry.ts";
import { yesOrNo } from "./scenario-values.ts";

/** A zone and what its copy is packed from; undefined: there is none that can be believed. */
export interface ScenarioCopy {
  readonly zone: Name;
  readonly packed: SharedArrayBuffer | undefined;
}

interface Draft {
  zone: Name | undefined;
  file: string;
  line: number;
  forUpstream: boolean;
  forDownstream: boolean;
  orOthers: boolean;
  checksDigest: boolean;
  needsDigest: boolean;
}

type Switch = Exclude<keyof Draft, "zone" | "file" | "line">;

const SWITCHES: Readonly<Record<string, Switch>> = {
  "for-upstream": "forUpstream",
  "for-downstream": "forDownstream",
  "fallback-enabled": "orOthers",
  "zonemd-check": "checksDigest",
  "zonemd-reject-absence": "needsDigest",
};

/** The settings of an `auth-zone` that are read here. */
export const COPY_SWITCHES: readonly string[] = Object.keys(SWITCHES);

export class CopyDraft {
  readonly #drafts: Draft[] = [];
  isPermissive = false;

  /** A clause begins; Unbound's defaults hold in it. */
  begin(): void {
    this.#drafts.push({
      zone: undefined,
      file: "",
      line: 0,
      forUpstream: true,
      forDownstream: true,
      orOthers: false,
      checksDigest: false,
      needsDigest: false,
    });
  }

  name(zone: Name): void {
    this.#draft.zone = zone;
  }

  file(name: string, line: number): void {
    Object.assign(this.#draft, { file: name, line });
  }

  turn(key: string, value: string, line: number): void {
    this.#draft[SWITCHES[key]!] = yesOrNo(value, line);
  }

  /** The zones that a resolver or its clients are to be told from copies. */
  get zones(): ConfiguredZone[] {
    return this.#used.map(({ zone, orOthers, forDownstream }) => {
      const authoritative = forDownstream;
      return { zone, servers: [], recursive: false, isCopied: true, orOthers, authoritative };
    });
  }

  /** Their copies, checked as at a date. */
  copies(
    files: ReadonlyMap<string, string>,
    anchors: readonly TrustAnchor[],
    nowS: number | undefined,
  ): ScenarioCopy[] {
    return this.#used.map(({ zone, file, line, checksDigest, needsDigest }) => {
      const text = files.get(file);
      if (text === undefined) throw new Unreadable(line, `there is no file "${file}"`);
      const read = readZoneFile(text, { origin: zone, ttlS: 3600 });
      if ("kind" in read) throw new Unreadable(line, `${file}, line ${read.line}: ${read.why}`);
      const records = read.records.filter(({ name }) => isAtOrUnder(name, zone));
      const checked: DigestTerms = needsDigest ? "required" : "if-there";
      const check = checkZone(records, zone, {
        nowS,
        trustsSha1: true,
        work: new WorkBudget(),
        anchor: anchors.find((anchor) => nameEqual(anchor.zone, zone)),
        digest: checksDigest && !this.isPermissive ? checked : "ignored",
      });
      return { zone, packed: check.kind === "good" ? packZone(records) : undefined };
    });
  }

  get #used(): (Draft & { readonly zone: Name })[] {
    return this.#drafts.flatMap((one) => {
      const { zone } = one;
      const isUsed = one.forUpstream || one.forDownstream;
      return zone !== undefined && isUsed ? [{ ...one, zone }] : [];
    });
  }

  get #draft(): Draft {
    return this.#drafts.at(-1)!;
  }
}

/** The files that stand between the lines of a configuration, by name. */
export function filesIn(text: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const pattern = /^[ \t]*TEMPFILE_CONTENTS[ \t]+(\S+)[^\n]*\n([\s\S]*?)^[ \t]*TEMPFILE_END/gm;
  for (const [, name, contents] of text.matchAll(pattern)) files.set(name!, contents!);
  for (const [name, contents] of files) {
    const whole = contents.replaceAll(
      /^\$INCLUDE_TEMPFILE[ \t]+(\S+).*$/gm,
      (_, other: string) => files.get(other) ?? "",
    );
    files.set(name, whole);
  }
  return files;
}
