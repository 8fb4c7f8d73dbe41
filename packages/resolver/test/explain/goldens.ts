/**
 * Explanations as `lethe explain` draws them, of names of the sandbox, in virtual time.
 *
 * `node goldens.ts` writes goldens.txt anew; what changed in it is for a person to look at.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { typeFromText } from "@lethe/wire/codes-text.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { SandboxWorld, type SandboxWorldOptions } from "../../sim/sandbox-world.ts";
import { shownChain } from "../../src/cli/explain-chain.ts";
import { drawChain, drawVerdict } from "../../src/cli/explain-drawing.ts";
import { type Explained, explanationJson } from "../../src/cli/explain-json.ts";
import { explainSteps } from "../../src/cli/explain-steps.ts";
import { shownVerdict } from "../../src/cli/explain-verdict.ts";
import { readAnchors } from "../../src/dnssec/anchor.ts";

export const FILE = join(import.meta.dirname, "goldens.txt");

/** What each explanation shows; names without a type are asked for A. */
const NAMES: readonly (readonly [shows: string, name: string, type?: string])[] = [
  ["everything is right", "www.good.lethe"],
  ["a zone is not signed", "www.plain.lethe"],
  ["a zone is not signed, and lies in an opt-out gap", "library.com"],
  ["a signature does not verify", "www.bogus.lethe"],
  ["signatures have expired", "rrsig-exp-all.ede.lethe"],
  ["the signing key is missing", "no-zsk.ede.lethe"],
  ["the DS names no key", "ds-bad-tag.ede.lethe"],
  ["the DS has the digest of another key", "ds-bogus-digest-value.ede.lethe"],
  ["a key is not marked as a zone's", "no-dnskey-256.ede.lethe"],
  ["an algorithm that is not checked", "dsa.ede.lethe"],
  ["a denial is not proven", "nowhere.bad-nsec3-next.ede.lethe"],
  ["a denial comes without any proof", "nowhere.nsec3-missing.ede.lethe"],
  ["no such name, by NSEC", "nowhere.example.com"],
  ["no such name, by NSEC3", "nowhere.good.lethe"],
  ["no such name, by NSEC3 with opt-out", "nowhere.com"],
  ["no data, by NSEC3", "www.good.lethe", "MX"],
  ["more iterations than are believed", "nowhere.nsec3-iter-200.ede.lethe"],
  ["a wildcard", "any.wild.good.lethe", "TXT"],
  ["aliases across zones", "www.river-news.com"],
  ["nobody answers", "www.refused.lethe"],
];

/** All that is known of one question in a world of its own. */
export function explained(name: string, type = "A", options: SandboxWorldOptions = {}): Explained {
  const world = new SandboxWorld(options);
  const question = { name: nameFromText(name, ROOT)!, type: typeFromText(type)!, class: 1 };
  const outcome = world.resolve(question);
  const evidence = world.steps.flatMap((one) => (one.kind === "evidence" ? [one.evidence] : []));
  const chain = shownChain(evidence, world.wallS());
  const verdict = shownVerdict(chain, outcome);
  const steps = explainSteps(world.steps);
  return { question, outcome, chain, verdict, steps, asks: world.mesh.asksTotal, elapsedMs: 0 };
}

/** The lines of an explanation, without its steps. */
export function drawn({ chain, verdict }: Explained): string[] {
  const lines = [...drawChain(chain), { text: "" }, ...drawVerdict(verdict)];
  return lines.map(({ text }) => text.trimEnd());
}

/** The text of goldens.txt. */
export function goldens(): string {
  const texts = NAMES.map(([shows, name, type]) => {
    const command = `$ lethe explain ${[name, ...(type === undefined ? [] : [type])].join(" ")}`;
    return [`# ${shows}`, command, ...drawn(explained(name, type)), ""].join("\n");
  });
  const anchors = readAnchors(`example.org. DS 1 15 2 ${"00".repeat(32)}`);
  if ("kind" in anchors) throw new Error(anchors.why);
  const insecure = [nameFromText("good.lethe", ROOT)!];
  const special = [
    ["a negative trust anchor", explained("www.good.lethe", "A", { validation: { insecure } })],
    ["no anchor above the name", explained("www.good.lethe", "A", { validation: { anchors } })],
  ] as const;
  const rest = special.map(([shows, one]) => [`# ${shows}`, ...drawn(one), ""].join("\n"));
  return [...texts, ...rest].join("\n");
}

/** The example of docs/specs/explain.md; its steps depend on which servers the dice chose. */
export function example(): string {
  const json = explanationJson({ ...explained("www.good.lethe"), steps: [], asks: 0 });
  return JSON.stringify(json, null, 2);
}

if (import.meta.main) {
  writeFileSync(FILE, goldens());
  process.stdout.write(`${example()}\n`);
}
