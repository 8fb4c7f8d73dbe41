/** Writes docs/transports.md from the table of public clients of each transport. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type TransportClient,
  placeholders,
  transportClients,
} from "../packages/resolver/test/interop/transport-clients.ts";

const FILE = join(import.meta.dirname, "../docs/transports.md");

const INTRODUCTION = `# Transports and their clients

Every transport that Lethe serves, and public clients that are tested with it. The table is
generated from \`packages/resolver/test/interop/transport-clients.ts\` by
\`tools/transports-doc.ts\`; \`packages/resolver/test/interop/transports.test.ts\` runs each line
against \`lethe serve --sandbox\`. Two more are tested there that take more than a line: stubby,
which forwards over TLS to a server whose digest it was given, and programs for dnspython (TLS) and
python3-h2 (HTTP/2).

| transport | client |
|---|---|
`;

/** The text of docs/transports.md. */
export function transportsDocument(): string {
  const rows = transportClients.map(
    (client) => `| ${client.spoken} | \`${commandOf(client)}\` |\n`,
  );
  return `${INTRODUCTION}${rows.join("")}`;
}

function commandOf({ program, args }: TransportClient): string {
  const words = args(placeholders).map((word) =>
    /^[\w.:/=+@,~#-]+$/.test(word) ? word : `'${word}'`,
  );
  return [program, ...words].join(" ").replaceAll("|", "\\|");
}

if (import.meta.main) writeFileSync(FILE, transportsDocument());
