/** From settings to the trust anchors: those of a file, or those built in. */
import { readFileSync } from "node:fs";
import { type TrustAnchor, readAnchors, rootAnchor } from "../dnssec/anchor.ts";
import { type Wrong, wrong } from "./command.ts";

/** The anchors in a file, or the root's where none is named. */
export function trustAnchorsOf(file: string | undefined): readonly TrustAnchor[] | Wrong {
  if (file === undefined) return [rootAnchor()];
  const where = `resolve.trust-anchors = ${file}`;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return wrong(`${where}: expected a file that can be read (${code})`);
  }
  const anchors = readAnchors(text);
  if (!("kind" in anchors)) return anchors;
  const line = anchors.line === 0 ? "" : `line ${anchors.line}: `;
  return wrong(`${where}: expected DS or DNSKEY records: ${line}${anchors.why}`);
}
