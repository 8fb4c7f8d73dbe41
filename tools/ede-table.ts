/** Writes docs/ede-cases.md: the misconfigured zones as Lethe and its peers see them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSandbox } from "../packages/resolver/sim/sandbox-server.ts";
import { askAll, casesDocument } from "../packages/resolver/test/interop/ede-cases.ts";

const FILE = join(import.meta.dirname, "../docs/ede-cases.md");

const sandbox = await startSandbox({ port: 53 });
if (sandbox.kind === "sandbox-problem") {
  process.stderr.write(`${sandbox.line}\n`);
  process.exitCode = 1;
} else {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    writeFileSync(FILE, casesDocument(await askAll(sandbox, () => true, say)));
  } finally {
    await sandbox.stop();
  }
}
