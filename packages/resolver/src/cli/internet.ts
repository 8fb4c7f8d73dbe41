/** Which Internet a command asks: the real one, from its root hints, or the sandbox. */
import { readFileSync } from "node:fs";
import type { RootHint } from "../recursor/options.ts";
import { builtInRootHints, rootHintsFromText } from "../recursor/root-hints.ts";
import { type Wrong, wrong } from "./command.ts";
import type { Settings } from "./settings.ts";

/** The root hints that the settings name. */
export function rootHintsOf(settings: Settings): readonly RootHint[] | Wrong {
  const file = settings["resolve.root-hints"];
  if (file === undefined) return builtInRootHints();
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return wrong(`resolve.root-hints = ${file}: expected a file that can be read (${code})`);
  }
  const hints = rootHintsFromText(text);
  if (!("kind" in hints)) return hints;
  return wrong(`resolve.root-hints = ${file}: expected root hints: ${hints.why}`);
}

const LOOPBACK_V4 = Uint8Array.of(127, 0, 0, 1);

/**
 * The settings with the sandbox at `port` as the Internet.
 *
 * Its servers are at IPv4 loopback addresses. Asked from such an address, the kernel sends nothing
 * to any other: zones that name servers elsewhere do not make anybody leave the machine.
 */
export function insideSandbox(settings: Settings, port: number): Settings {
  return {
    ...settings,
    "resolve.upstream-port": port,
    "resolve.loopback-servers": true,
    "resolve.outgoing": [LOOPBACK_V4],
    "resolve.ipv4": true,
    "resolve.ipv6": false,
  };
}
