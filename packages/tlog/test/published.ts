/** Vectors that others published, each with its source: `vectors/published.json`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Proven {
  readonly size: number;
  readonly proof: readonly string[];
}

interface PublishedCheckpoint {
  readonly name: string;
  readonly origin: string;
  readonly logKey: string | null;
  readonly witnessKeys: readonly string[];
  readonly note: string;
  readonly size: number;
  readonly witnessedS: readonly number[];
}

interface Published {
  readonly merkle: {
    readonly leaves: readonly string[];
    readonly roots: readonly string[];
    readonly emptyRoot: string;
    readonly leafL123456: string;
    readonly nodeN123N456: string;
    readonly inclusion: readonly (Proven & { readonly index: number })[];
    readonly consistency: readonly (Proven & { readonly old: number })[];
  };
  readonly notes: Readonly<
    Record<"peter" | "peterSeed" | "enoch" | "text" | "peterLine" | "enochLine", string>
  > & { readonly badKeys: readonly string[] };
  readonly vkeys: { readonly good: readonly string[]; readonly bad: readonly string[] };
  readonly checkpoints: { readonly opened: readonly PublishedCheckpoint[] };
  readonly rekor: Readonly<Record<"root" | "logKey" | "note" | "entry", string>> &
    Proven & { readonly index: number };
  readonly sigsum: Readonly<Record<"logKey" | "origin" | "request", string>> & {
    readonly heads: readonly { readonly size: number; readonly root: string }[];
    readonly proofs: readonly (Proven & { readonly old: number })[];
  };
  readonly c2sp: Readonly<
    Record<"checkpoint" | "cosignedMessage" | "request" | "answer" | "poem", string>
  >;
}

/** The vectors, as they stand in the file. */
export const published: Published = JSON.parse(
  readFileSync(join(import.meta.dirname, "vectors/published.json"), "utf8"),
) as Published;
