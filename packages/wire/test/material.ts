/** Where other people's test vectors lie: beside the tree, read in place and never copied. */
import { existsSync } from "node:fs";
import { join } from "node:path";

const ROOT =
  process.env["LETHE_MATERIAL"] ?? join(import.meta.dirname, "../../../../shared/material");

/** The path of a file or folder of the material. */
export function material(path: string): string {
  return join(ROOT, path);
}

/** Options of a test that needs the material: skipped, with the reason, where it is absent. */
export function needsMaterial(path: string): { readonly skip: string | false } {
  return { skip: existsSync(material(path)) ? false : `${path} of the test material is absent` };
}
