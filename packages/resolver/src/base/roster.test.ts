/** Rosters and lines: as a `Map` and a `Set`, whatever comes and goes, and nothing is held. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Line, Roster, type Standing } from "./roster.ts";

interface Member extends Standing {
  readonly name: number;
}

test("a roster holds what a map would, in the same order", () => {
  const key = fc.integer({ min: 0, max: 9 }).map(String);
  const step = fc.record({ key, adds: fc.boolean(), value: fc.integer() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const roster = new Roster<{ value: number }>();
      const map = new Map<string, { value: number }>();
      for (const { key: at, adds, value } of steps) {
        const member = { value };
        if (adds) {
          roster.set(at, member);
          map.set(at, member);
        } else {
          roster.delete(at);
          map.delete(at);
        }
        assert.equal(roster.size, map.size);
        assert.equal(roster.get(at), map.get(at));
        assert.equal(roster.has(at), map.has(at));
      }
      assert.deepEqual(roster.values(), [...map.values()]);
    }),
  );
});

test("a cleared roster is empty and can be filled again", () => {
  const roster = new Roster<object>();
  roster.set("a", {});
  roster.clear();
  assert.equal(roster.size, 0);
  assert.equal(roster.get("a"), undefined);
  roster.set("a", {});
  assert.equal(roster.size, 1);
});

test("a line holds what a set would, and each member knows its place", () => {
  const step = fc.record({ name: fc.integer({ min: 0, max: 9 }), adds: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const members: Member[] = Array.from({ length: 10 }, (_, name) => ({ name, place: -1 }));
      const line = new Line<Member>();
      const set = new Set<Member>();
      for (const { name, adds } of steps) {
        const member = members[name]!;
        if (!adds) {
          line.delete(member);
          set.delete(member);
        } else if (!set.has(member)) {
          line.add(member);
          set.add(member);
        }
        assert.equal(line.size, set.size);
        assert.deepEqual(new Set(line.values()), set);
        for (const one of members)
          assert.equal(line.values()[one.place], set.has(one) ? one : undefined);
      }
    }),
  );
});
