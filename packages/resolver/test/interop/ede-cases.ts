/** The misconfigured zones, asked of Lethe and of its peers; docs/ede-cases.md is the outcome. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getU16 } from "@lethe/wire/bytes.ts";
import { optionCode } from "@lethe/wire/codes.ts";
import { rcodeToText } from "@lethe/wire/codes-text.ts";
import { flag } from "@lethe/wire/header.ts";
import { fullRcode, readMessage } from "@lethe/wire/message.ts";
import { type Running, isInstalled, start, stop, until } from "../../bench/processes.ts";
import { CASES_ZONE, caseMeanings } from "../../sim/sandbox-cases.ts";
import type { Sandbox } from "../../sim/sandbox-server.ts";
import { CASE_NAMES } from "../../sim/signer-breaks.ts";
import { askServer, writeClientQuery } from "../../src/cli/dns-client.ts";
import { readQueryArguments } from "../../src/cli/query-arguments.ts";
import { SystemRandom } from "../../src/system/random.ts";
import { type ValidatingPeer, siteOf, validatingPeers } from "./validating-peers.ts";

const FIRST_PORT = 5371;
const CORE = 0;

/** What one resolver says of a zone: of its address, and of a name that is not there. */
export interface Said {
  readonly data: string;
  readonly denial: string;
}

export interface Column {
  readonly name: string;
  readonly version: string;
  readonly said: ReadonlyMap<string, Said>;
}

/** Asks all that are installed; the sandbox must listen at port 53. */
export async function askAll(
  sandbox: Sandbox,
  only: (peer: ValidatingPeer) => boolean,
  progress: (line: string) => void,
): Promise<Column[]> {
  const directory = mkdtempSync(join(tmpdir(), "lethe-ede-"));
  const running: Running[] = [];
  const columns: Column[] = [];
  try {
    for (const [i, peer] of validatingPeers.entries()) {
      if (!only(peer) || !isInstalled(peer.program)) continue;
      const port = FIRST_PORT + i;
      const command = peer.command(siteOf(join(directory, peer.program), port, sandbox));
      const one = start(peer.name, CORE, command);
      running.push(one);
      const isReady = async (): Promise<boolean> => (await ask(port, "www.good.lethe")) === READY;
      await until(one, isReady);
      progress(peer.name);
      columns.push({ name: peer.name, version: versionOf(peer), said: await askCases(port) });
      await stop(one);
    }
  } finally {
    for (const one of running) await stop(one);
    rmSync(directory, { recursive: true, force: true });
  }
  return columns;
}

const READY = "NOERROR AD";

function versionOf({ program, versionArgs }: ValidatingPeer): string {
  if (versionArgs === undefined) return "";
  const { stdout, stderr } = spawnSync(program, versionArgs, { encoding: "utf8" });
  return /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? "";
}

async function askCases(port: number): Promise<Map<string, Said>> {
  const said = new Map<string, Said>();
  for (const name of CASE_NAMES) {
    const zone = `${name}.${CASES_ZONE}`;
    said.set(name, { data: await ask(port, zone), denial: await ask(port, `nowhere.${zone}`) });
  }
  return said;
}

/** RCODE, AD, and the codes of Extended DNS Errors, each once and in order. */
async function ask(port: number, name: string): Promise<string> {
  const plan = readQueryArguments([`@127.0.0.1:${port}`, name, "+dnssec", "+time=15"]);
  if ("kind" in plan) throw new Error(plan.line);
  const asked = await askServer(plan, writeClientQuery(plan, new SystemRandom()));
  if (asked.kind !== "reply") return "silent";
  const message = readMessage(asked.message);
  if (message.kind !== "message") return "malformed";
  const options = message.opt?.options ?? [];
  const codes = options
    .filter(({ code }) => code === optionCode.extendedError)
    .map(({ data }) => getU16(data, 0));
  const ad = (message.header.flags & flag.ad) === 0 ? [] : ["AD"];
  const all = [...new Set(codes)].toSorted((a, b) => a - b);
  return [rcodeToText(fullRcode(message)), ...ad, ...all].join(" ");
}

/** The RCODE of what was said, and whether it is authenticated; AD of a failure means nothing. */
function verdictOf(said: string): string {
  if (said.startsWith("SERVFAIL")) return "SERVFAIL";
  return said
    .split(" ")
    .filter((word) => !/^\d+$/.test(word))
    .join(" ");
}

/** What two or more peers agree on, and most of them; undefined where they do not. */
function agreedBy(verdicts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const ranked = [...counts].toSorted(([, a], [, b]) => b - a);
  const [first, second] = ranked;
  if (first === undefined || first[1] < 2 || second?.[1] === first[1]) return undefined;
  return first[0];
}

const FIFTY =
  "Lethe believes 50 iterations at most, as RFC 9276 §3.2 wishes and later versions of BIND, " +
  "Knot Resolver and PowerDNS do";

/** Why Lethe says otherwise than most peers do. */
export const whyOtherwise: Readonly<Record<string, string>> = {
  "denial of nsec3-iter-51": FIFTY,
  "denial of nsec3-iter-101": FIFTY,
};

const INTRODUCTION = `# What resolvers say of misconfigured zones

The 52 zones of the study of Extended DNS Errors (IMC 2023), as the sandbox has them below
\`${CASES_ZONE}\`, asked of Lethe and of its peers on one machine: RCODE, AD where it is
authenticated, and the codes of Extended DNS Errors ([what Lethe means by each](ede.md)).

Written by \`node tools/ede-table.ts\`, which starts the sandbox at port 53 and what is installed of
them, with their defaults but for root hints, anchor, and errors switched on. An interop test
compares Lethe's column, and demands a reason where it differs from most peers in RCODE or AD.

`;

/** The rows in which Lethe says otherwise than most peers. */
export function differences([lethe, ...others]: readonly Column[]): string[] {
  return CASE_NAMES.flatMap((name) =>
    (["data", "denial"] as const).flatMap((kind) => {
      const verdictIn = ({ said }: Column): string => verdictOf(said.get(name)![kind]);
      const agreed = agreedBy(others.map(verdictIn));
      const isOther = agreed !== undefined && agreed !== verdictIn(lethe!);
      return isOther ? [`${kind} of ${name}`] : [];
    }),
  );
}

/** The text of docs/ede-cases.md. */
export function casesDocument(columns: readonly Column[]): string {
  const heads = columns.map(({ name, version }) => `${name} ${version}`.trim());
  const table = (kind: keyof Said): string => {
    const rows = CASE_NAMES.map((name) => {
      const cells = columns.map(({ said }) => said.get(name)![kind]);
      return `| \`${name}\` | ${[caseMeanings[name]!, ...cells].join(" | ")} |\n`;
    });
    const rule = "|---".repeat(heads.length + 2);
    return `| zone | is wrong with it | ${heads.join(" | ")} |\n${rule}|\n${rows.join("")}`;
  };
  const reasons = Object.entries(whyOtherwise).map(([row, why]) => `- \`${row}\`: ${why}\n`);
  return `${INTRODUCTION}## Of the zone's address

${table("data")}
## Of a name that is not there

${table("denial")}
## Where Lethe says otherwise than most

${reasons.join("")}`;
}
