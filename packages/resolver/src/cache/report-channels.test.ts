/** Agents of zones and reports that were sent: remembered for a while, and boundedly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { name, seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { ReportChannels } from "./report-channels.ts";

const AGENT_MS = limits.reportAgentTtlS.value * 1000;
const PAUSE_MS = limits.reportPauseS.value * 1000;
const SPACING_MS = limits.reportSpacingMs.value;

test("an agent is a zone's own, for reportAgentTtlS, and until it names another or none", () => {
  const channels = new ReportChannels(seeded(1));
  channels.note(name("Example"), name("agent.test"), 0);
  assert.deepEqual(channels.agentOf(name("example"), AGENT_MS - 1), name("agent.test"));
  assert.equal(channels.agentOf(name("example"), AGENT_MS), undefined);
  assert.equal(channels.agentOf(name("sub.example"), 0), undefined);
  channels.note(name("example"), name("other.test"), 0);
  assert.deepEqual(channels.agentOf(name("example"), 0), name("other.test"));
  channels.note(name("example"), undefined, 0);
  assert.equal(channels.agentOf(name("example"), 0), undefined);
});

test("an agent in the zone that fails is none", () => {
  const channels = new ReportChannels(seeded(1));
  channels.note(name("example"), name("agent.example"), 0);
  assert.equal(channels.agentOf(name("example"), 0), undefined);
});

test("of more than reportAgentsMax zones the agents of some are forgotten", () => {
  const channels = new ReportChannels(seeded(1));
  const zones = Array.from({ length: 2 * limits.reportAgentsMax.value }, (_, i) => name(`z${i}`));
  for (const [i, zone] of zones.entries()) channels.note(zone, name("agent.test"), i);
  const known = zones.filter((zone) => channels.agentOf(zone, zones.length) !== undefined);
  assert.ok(known.length <= limits.reportAgentsMax.value, String(known.length));
  assert.ok(known.length > limits.reportAgentsMax.value / 2, String(known.length));
});

test("a report is sent once in reportPauseS, and none sooner than reportSpacingMs", () => {
  const channels = new ReportChannels(seeded(1));
  const [one, two] = [name("_er.1.one"), name("_er.1.two")];
  assert.equal(channels.mayReport(one, 0), true);
  assert.equal(channels.mayReport(two, SPACING_MS - 1), false);
  assert.equal(channels.mayReport(two, SPACING_MS), true);
  assert.equal(channels.mayReport(one, PAUSE_MS - 1), false);
  assert.equal(channels.mayReport(one, PAUSE_MS), true);
});

test("of more than reportsRememberedMax reports some may be sent again", () => {
  const channels = new ReportChannels(seeded(1));
  const most = limits.reportsRememberedMax.value;
  // So many do not fit into reportPauseS at their spacing: they are offered all the same.
  let sent = 0;
  for (let i = 0; i < most + 1; i++) {
    if (channels.mayReport(name(`_er.${i}`), i * SPACING_MS)) sent++;
  }
  assert.equal(sent, most + 1);
});
