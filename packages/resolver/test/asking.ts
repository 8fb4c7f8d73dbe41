/** Asks a server on loopback as `lethe query` does, for tests. */
import assert from "node:assert/strict";
import { type Message, readMessage } from "@lethe/wire/message.ts";
import { askServer, writeClientQuery } from "../src/cli/dns-client.ts";
import { readQueryArguments } from "../src/cli/query-arguments.ts";
import { SystemRandom } from "../src/system/random.ts";

/** Asks at a port; no reply, or none that can be read, fails the test. */
export async function askAt(
  port: number,
  name: string,
  type: string,
  ...wishes: readonly string[]
): Promise<Message> {
  const plan = readQueryArguments([`@127.0.0.1:${port}`, name, type, ...wishes]);
  assert.ok(!("kind" in plan), "the question is one");
  const asked = await askServer(plan, writeClientQuery(plan, new SystemRandom()));
  assert.ok(asked.kind === "reply", name);
  const message = readMessage(asked.message);
  assert.ok(message.kind === "message", name);
  return message;
}
