/**
 * The root hints of a scenario: the addresses of its configuration, with the names of its file.
 *
 * Files give the hints as bare addresses. Their root's NS set may come without addresses, and then
 * it takes the names to know where these servers are.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { equalBytes } from "@lethe/wire/bytes.ts";
import { type Name, nameEqual, nameFromBytes, nameFromLabels } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import type { RootHint } from "../src/recursor/options.ts";
import type { Scenario } from "./scenario.ts";

/** One hint for each address, named as the file's root names the server at that address. */
export function hintsOf(scenario: Scenario): RootHint[] {
  const records = scenario.ranges.flatMap((range) =>
    range.entries.flatMap(({ answer, authority, additional }) => [
      ...answer,
      ...authority,
      ...additional,
    ]),
  );
  const names = rootServers(records);
  return scenario.config.rootIps.map((ip, i) => {
    const known = names.find((name) =>
      records.some((one) => nameEqual(one.name, name) && equalBytes(one.rdata, ip)),
    );
    return { name: known ?? names[i] ?? madeUp(i), ips: [ip] };
  });
}

function rootServers(records: readonly ResourceRecord[]): Name[] {
  const names: Name[] = [];
  for (const { name, type, rdata } of records) {
    if (type !== rrType.NS || name.length > 1) continue;
    const server = nameFromBytes(rdata);
    if (server !== undefined && !names.some((known) => nameEqual(known, server))) {
      names.push(server);
    }
  }
  return names;
}

function madeUp(i: number): Name {
  const labels = [`root-${i}`, "invalid"].map((label) => new TextEncoder().encode(label));
  return nameFromLabels(labels)!;
}
