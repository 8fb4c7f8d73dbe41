/**
 * The configuration that stands at the head of a scenario file.
 *
 * scenario-settings.ts has a row for each key; a key without one makes the file unreadable.
 */
import type { ConfiguredZone, Validation } from "../src/recursor/options.ts";
import type { ClientNetwork } from "../src/serve/admit.ts";
import type { LocalZone } from "../src/serve/local-zones.ts";
import type { PrivateOptions } from "../src/serve/private-addresses.ts";
import type { StaleOptions } from "../src/serve/slow.ts";
import type { ViewOptions } from "../src/serve/views.ts";
import { type Line, Unreadable } from "./entry.ts";
import type { ScenarioCopy } from "./scenario-copies.ts";
import { type Draft, newDraft } from "./scenario-draft.ts";
import { CLAUSES, ROWS } from "./scenario-settings.ts";
import { validationOf } from "./scenario-validation.ts";

export interface ScenarioConfig {
  /** Addresses of the root servers, of four or sixteen bytes. */
  readonly rootIps: readonly Uint8Array[];
  /** Stub and forward zones. */
  readonly configuredZones: readonly ConfiguredZone[];
  readonly localZones: readonly LocalZone[];
  readonly views: readonly ViewOptions[];
  readonly copies: readonly ScenarioCopy[];
  /** All servers are asked over TCP only. */
  readonly overTcp: boolean;
  readonly neverAsk: readonly ClientNetwork[];
  readonly reportErrors: boolean;
  readonly nsid: Uint8Array | undefined;
  readonly idleS: number | undefined;
  readonly minimise: boolean;
  readonly verifyGlue: boolean;
  readonly aggressive: boolean;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly mayAskLoopback: boolean;
  readonly ttlMinS: number;
  readonly ttlMaxS: number;
  readonly negativeTtlMinS: number;
  readonly negativeTtlMaxS: number;
  readonly prefetch: boolean;
  readonly stale: StaleOptions | undefined;
  /** Undefined: the file has no trust anchor, or no module that validates. */
  readonly validation: Validation | undefined;
  /** The date by which signatures are valid; undefined: they always are. */
  readonly wallS: number | undefined;
  readonly allow: readonly ClientNetwork[];
  readonly refuse: readonly ClientNetwork[];
  readonly drop: readonly ClientNetwork[];
  readonly answersWithoutRd: boolean;
  readonly privateAddresses: PrivateOptions;
  /** What CH TXT questions are told; undefined: nothing. */
  readonly identity: string | undefined;
  readonly version: string | undefined;
  /** Features that the file needs and Lethe lacks, each once. */
  readonly lacking: readonly string[];
}

/** Reads the lines before CONFIG_END. */
export function readConfig(
  lines: readonly Line[],
  files: ReadonlyMap<string, string>,
): ScenarioConfig {
  const draft = newDraft(files);
  for (const line of lines) readConfigLine(draft, line);
  const validation = draft.hasValidator
    ? validationOf(draft.anchors, draft.insecure, draft.nsec3IterationsMax, draft.demand)
    : undefined;
  return {
    ...draft,
    configuredZones: [...draft.configuredZones, ...draft.copies.zones],
    copies: draft.copies.copies(files, validation?.anchors ?? [], draft.wallS),
    localZones: draft.localZones.zones,
    views: draft.localZones.views,
    // Whoever writes a loopback address as a root server's means it.
    mayAskLoopback: draft.mayAskLoopback || draft.rootIps.some((ip) => ip[0] === 127),
    stale: draft.stale.isOn ? draft.stale.terms : undefined,
    validation,
    identity: draft.isIdentityHidden ? undefined : draft.identity,
    version: draft.isVersionHidden ? undefined : draft.version,
    lacking: [...draft.lacking],
  };
}

/** A line holds one setting, or several: `forward-zone: name: "." forward-addr: 192.0.2.1`. */
function readConfigLine(draft: Draft, line: Line): void {
  const words = line.text.replace(/(^|\s)#.*$/, "").match(/"[^"]*"|\S+/g) ?? [];
  for (let i = 0; i < words.length;) {
    const key = /^([\w-]+):$/.exec(words[i]!)?.[1];
    if (key === undefined) throw new Unreadable(line.number, `"${words[i]}" is no setting`);
    const values: string[] = [];
    for (i++; i < words.length && !isKey(words[i]!); i++) values.push(words[i]!);
    readSetting(draft, key, values.join(" ").replace(/^"(.*)"$/, "$1"), line.number);
  }
}

function isKey(word: string): boolean {
  const key = word.slice(0, -1);
  return word.endsWith(":") && (Object.hasOwn(ROWS, key) || Object.hasOwn(CLAUSES, key));
}

function readSetting(draft: Draft, key: string, value: string, line: number): void {
  const isClause = value === "" && Object.hasOwn(CLAUSES, key);
  const row = isClause ? CLAUSES[key] : Object.hasOwn(ROWS, key) ? ROWS[key] : undefined;
  if (row === undefined) throw new Unreadable(line, `the setting ${key} is unknown`);
  if (isClause) {
    draft.clause = key;
    draft.zone = undefined;
  }
  row(draft, value, line);
}
