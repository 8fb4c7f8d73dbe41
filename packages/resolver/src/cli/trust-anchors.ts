/** From settings to the terms of validation: the anchors of a file, or those built in. */
import { readFileSync } from "node:fs";
import { type TrustAnchor, readAnchors, rootAnchor } from "../dnssec/anchor.ts";
import type { Validation } from "../recursor/options.ts";
import { type Wrong, wrong } from "./command.ts";
import { isWrong } from "./configuration.ts";
import type { Settings } from "./settings.ts";

/** What a command gives the recursor: nothing where answers are not validated. */
export type ValidationOption = { readonly validation?: Validation };

/** On what terms answers are validated; `sandbox`: the text of its anchors, which come first. */
export function validationOf(settings: Settings, sandbox?: string): ValidationOption | Wrong {
  if (!settings["resolve.validate"]) return {};
  const anchors = sandbox === undefined ? anchorsOf(settings) : anchorsIn(sandbox, "--sandbox");
  return isWrong(anchors) ? anchors : { validation: { anchors, insecure: [], trustsSha1: false } };
}

function anchorsOf(settings: Settings): readonly TrustAnchor[] | Wrong {
  const file = settings["resolve.trust-anchors"];
  if (file === undefined) return [rootAnchor()];
  const where = `resolve.trust-anchors = ${file}`;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return wrong(`${where}: expected a file that can be read (${code})`);
  }
  return anchorsIn(text, where);
}

function anchorsIn(text: string, where: string): readonly TrustAnchor[] | Wrong {
  const anchors = readAnchors(text);
  if (!("kind" in anchors)) return anchors;
  const line = anchors.line === 0 ? "" : `line ${anchors.line}: `;
  return wrong(`${where}: expected DS or DNSKEY records: ${line}${anchors.why}`);
}
