/** The settings as the ledger tells them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { limits } from "../../base/limits.ts";
import { toldConfiguration } from "./configuration.ts";

const discretion = { secret: new Set(["a.secret"]), personal: new Set(["access.allow"]) };

test("names what is secret, keeps what is personal apart, and tells the rest", () => {
  const given = { "a.secret": "00", "access.allow": ["192.0.2.0/24"], "cache.size": "1 GiB" };
  assert.deepEqual(toldConfiguration(given, discretion), {
    settings: { "cache.size": "1 GiB" },
    withheld: ["a.secret"],
    personal: { "access.allow": ["192.0.2.0/24"] },
  });
  assert.deepEqual(toldConfiguration({}, discretion), {
    settings: {},
    withheld: [],
    personal: undefined,
  });
});

test("tells values beyond ledgerSettingBytesMax by their digest", () => {
  const max = limits.ledgerSettingBytesMax.value;
  const fits = "x".repeat(max - 2);
  const long = "x".repeat(max - 1);
  const told = toldConfiguration({ fits, long }, discretion);
  const sha256 = createHash("sha256").update(`"${long}"`).digest("hex");
  assert.deepEqual(told.settings, { fits, long: { sha256 } });
});
