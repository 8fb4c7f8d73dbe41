/** The feed: well-formed, the newest first, bounded, and no heartbeats. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TIME, ledgerOnDisk } from "../../../test/ledger-parts.ts";
import { limits } from "../../base/limits.ts";
import { feedBytes } from "./feed.ts";
import type { Ledger } from "./ledger.ts";

function feedOf(ledger: Ledger): string {
  const bytes = feedBytes(ledger);
  assert.ok(bytes instanceof Uint8Array);
  return new TextDecoder().decode(bytes);
}

test("tells changes in words, the newest first, without heartbeats", () => {
  const ledger = ledgerOnDisk().open();
  assert.ok(feedOf(ledger).includes("<updated>1970-01-01T00:00:00Z</updated>"));
  ledger.append({ kind: "stop", time: "2026-11-24T16:30:02Z", reason: 'the first <&> "end"\x07' });
  ledger.append({ kind: "heartbeat", time: "2026-11-24T17:30:02Z", runningS: 1 });
  ledger.append({ kind: "stop", time: "2026-11-24T18:30:02Z", reason: "the second" });
  const feed = feedOf(ledger);
  const titles = [...feed.matchAll(/<title>(.*)<\/title>/g)].map(([, title]) => title);
  assert.deepEqual(titles, [
    "What changed at dns.example/ledger",
    "the server stopped: the second",
    "the server stopped: the first &lt;&amp;&gt; &quot;end&quot;\ufffd",
  ]);
  assert.ok(feed.includes("<updated>2026-11-24T18:30:02Z</updated>"));
  const ids = [...feed.matchAll(/<id>(ni:\/\/\/sha-256;[\w-]{43})<\/id>/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, 3);
  assert.ok(feed.includes("Entry 2: the server stopped: the second."));
});

test("holds ledgerFeedEntriesMax changes at most, from however far back", () => {
  const max = limits.ledgerFeedEntriesMax.value;
  const ledger = ledgerOnDisk().open();
  const entries = (): number => feedOf(ledger).split("<entry>").length - 1;
  for (let i = 0; i < max; i++) ledger.append({ kind: "stop", time: TIME, reason: `${i}` });
  assert.equal(entries(), max);
  for (let i = 0; i < 400; i++) ledger.append({ kind: "heartbeat", time: TIME, runningS: i });
  assert.equal(entries(), max);
  ledger.append({ kind: "stop", time: TIME, reason: "last" });
  assert.equal(entries(), max);
  assert.ok(feedOf(ledger).includes("stopped: last") && !feedOf(ledger).includes("stopped: 0<"));
});
