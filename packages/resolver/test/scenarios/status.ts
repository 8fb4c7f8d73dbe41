/**
 * Which scenarios of others Lethe passes, and why it does not play the rest: `status.json`.
 *
 * The list holds each file of the resolving categories. It is compared with what playing them
 * says, so that a file which stops passing fails, and one that begins to pass is noticed.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Verdict, replay } from "../../sim/replay-file.ts";

const ROOT_DIRECTORY = join(import.meta.dirname, "../../../..");

/** The material of others, beside the clone or where the environment says. */
const MATERIAL = process.env["LETHE_MATERIAL"] ?? join(ROOT_DIRECTORY, "../shared/material");

/** Where the scenario files lie. */
const SCENARIOS = join(MATERIAL, "scenarios");

/** The list that is kept beside this file. */
export const STATUS_FILE: string = join(import.meta.dirname, "status.json");

/** Categories that are about resolving and validating. */
const CATEGORIES = [
  "acl",
  "auth-zone",
  "chaos",
  "edns-misc",
  "forward",
  "iterator",
  "iter-.*",
  "local-zone",
  "misc",
  "prefetch",
  "private-address",
  "serve-stale",
  "stub",
  "ttl.*",
  "val-nsec3",
  "validator",
  "world-capture",
  "zonemd",
];
const RESOLVING = new RegExp(`^(${CATEGORIES.join("|")})$`);

/** The files about rollovers of trust anchors; they are not in the table. */
const ROLLOVERS = "unbound-autotrust";

/** "pass", or "skip: " and a reason. */
export type Status = "pass" | `skip: ${string}`;

export type StatusList = Readonly<Record<string, Status>>;

/** Says whether the material of others is here. */
export function haveScenarios(): boolean {
  return existsSync(join(SCENARIOS, "table.tsv"));
}

/** The resolving files, as paths below `SCENARIOS`, in order. */
export function resolvingFiles(): string[] {
  const [head, ...rows] = readFileSync(join(SCENARIOS, "table.tsv"), "utf8").trim().split("\n");
  const category = head!.split("\t").indexOf("category");
  const resolving = rows
    .map((row) => row.split("\t"))
    .filter((cells) => RESOLVING.test(cells[category]!))
    .map((cells) => cells[0]!.replace(/^scenarios\//, ""));
  const rollovers = readdirSync(join(SCENARIOS, ROLLOVERS)).map((file) => `${ROLLOVERS}/${file}`);
  return [...resolving, ...rollovers].toSorted();
}

/** Plays one file of the material. */
export function playFile(path: string): Verdict {
  return replay(readFileSync(join(SCENARIOS, path), "utf8"));
}

/** The list as it is kept. */
export function readStatus(): StatusList {
  return JSON.parse(readFileSync(STATUS_FILE, "utf8")) as StatusList;
}

export interface Comparison {
  /** What must be mended: each line names a file. */
  readonly problems: readonly string[];
  /** What the list could say better. */
  readonly notes: readonly string[];
}

/** Compares what playing the files said with what the list says of them. */
export function compareStatus(list: StatusList, played: ReadonlyMap<string, Verdict>): Comparison {
  const problems: string[] = [];
  const notes: string[] = [];
  for (const path of Object.keys(list)) {
    if (!played.has(path)) problems.push(`${path}: is listed and not there`);
  }
  for (const [path, verdict] of played) {
    const status = Object.hasOwn(list, path) ? list[path] : undefined;
    if (status === undefined) problems.push(`${path}: is there and not listed`);
    else if (status === "pass" && verdict.kind !== "pass") {
      problems.push(`${path}: is listed as pass, and ${remark(verdict)}`);
    } else if (status !== "pass" && !isGoodReason(status)) {
      problems.push(`${path}: its reason names no decision and no feature: ${status}`);
    } else if (status !== "pass" && verdict.kind === "pass") {
      notes.push(`${path}: is listed as skip, and passes now`);
    } else if (verdict.kind === "skip" && status !== statusOf(verdict)) {
      problems.push(`${path}: is listed as "${status}", and ${remark(verdict)}`);
    }
  }
  return { problems, notes };
}

/** What the list says of a file that passes or cannot be played; undefined where it fails. */
export function statusOf(verdict: Verdict): Status | undefined {
  if (verdict.kind === "fail") return undefined;
  return verdict.kind === "pass" ? "pass" : `skip: ${verdict.reason}`;
}

/** A skip says why: a decision that stands in a file, a feature, or what it waits for. */
function isGoodReason(status: string): boolean {
  const decision = /^skip: (docs\/decisions\/[\w.-]+\.md) § (.+)$/.exec(status);
  if (decision === null) return status.startsWith("skip: needs ");
  const file = join(ROOT_DIRECTORY, decision[1]!);
  return existsSync(file) && readFileSync(file, "utf8").includes(`## ${decision[2]!}\n`);
}

function remark(verdict: Verdict): string {
  if (verdict.kind === "pass") return "passes";
  if (verdict.kind === "skip") return `cannot be played: ${verdict.reason}`;
  return [`fails: ${verdict.why}`, ...verdict.difference].join("\n    ");
}
