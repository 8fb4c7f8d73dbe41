/** A family without a route, and one address without: they look the same to the kernel. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Reach } from "./reach.ts";

const HEARD = { ip: Uint8Array.of(127, 0, 0, 53), port: 53 };
const LOST = { ip: Uint8Array.of(255, 255, 255, 255), port: 53 };
const LOST_V6 = { ip: new Uint8Array(16).fill(1), port: 53 };

test("a family that was never heard has no route", () => {
  const reach = new Reach();
  reach.heard(HEARD);
  assert.equal(new Reach().withoutRoute(LOST), "no-route");
  assert.equal(
    reach.withoutRoute(LOST_V6, () => true),
    "no-route",
  );
});

test("one bad address does not talk us out of a family that works", () => {
  const reach = new Reach();
  reach.heard(HEARD);
  assert.equal(
    reach.withoutRoute(LOST, (other) => other === HEARD),
    "unreachable",
  );
  assert.equal(reach.withoutRoute(LOST), "unreachable");
});

test("a family whose last known server has no route either has lost its route", () => {
  const reach = new Reach();
  reach.heard(HEARD);
  assert.equal(
    reach.withoutRoute(LOST, () => false),
    "no-route",
  );
});
