/** Tests of which answers aliases lead through a name. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { HEADER_BYTES } from "@lethe/wire/header.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import fc from "fast-check";
import { name, seeded } from "../../test/small-world.ts";
import { leadsThrough } from "./alias-answers.ts";
import { AnswerBoard } from "./answer-board.ts";
import { AnswerCache } from "./answer-cache.ts";
import { noRotation, packAnswer } from "./packed-answer.ts";

const { A, AAAA, CNAME } = rrType;

/** The packed answer to a question for an A record that a chain of aliases leads to. */
function chain(...names: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(2048);
  const writer = new MessageWriter(bytes);
  const [first, ...rest] = names;
  writer.question({ name: name(first!), type: A, class: rrClass.IN });
  const bodyAt = writer.length;
  let owner = first!;
  for (const next of rest) {
    writer.record("answer", name(owner), CNAME, 1, 300, name(next));
    owner = next;
  }
  writer.record("answer", name(owner), A, 1, 300, Uint8Array.of(192, 0, 2, 1));
  return packAnswer({
    ttlS: 300,
    flags: 0,
    rcode: 0,
    counts: [names.length, 0, 0],
    body: bytes.slice(bodyAt, writer.length),
    ttlPlaces: [],
    rotation: noRotation,
    errors: [],
  });
}

const leads = (of: string, packed: Uint8Array, to: string): boolean => {
  const owner = name(of);
  const bytes = Buffer.concat([Buffer.alloc(9), owner, Buffer.alloc(3), packed]);
  const at = 9 + owner.length + 3;
  return leadsThrough(bytes, 9, owner.length, at, bytes.length, name(to));
};

describe("an answer", () => {
  const answer = chain("www.example", "cdn.example", "EDGE.net", "a.edge.net");
  const cases: readonly [title: string, to: string, leads: boolean][] = [
    ["leads through the first target", "cdn.example", true],
    ["leads through one in between, in any case", "edge.NET", true],
    ["leads through the last one", "a.edge.net", true],
    ["does not lead through its own name", "www.example", false],
    ["does not lead through a name above", "example", false],
    ["does not lead through a name below", "x.a.edge.net", false],
    ["does not lead through another", "b.edge.net", false],
  ];
  for (const [title, to, expected] of cases) {
    it(title, () => assert.equal(leads("www.example", answer, to), expected));
  }

  it("without aliases leads nowhere", () => {
    assert.equal(leads("www.example", chain("www.example"), "www.example"), false);
  });

  it("that is cut, or being written, is looked at without harm", () => {
    const bytes = fc.uint8Array({ minLength: 60, maxLength: 300 });
    fc.assert(
      fc.property(bytes, fc.nat(24), (some, nameBytes) => {
        leadsThrough(some, 0, nameBytes, nameBytes, some.length, name("a.example"));
      }),
    );
    for (let end = HEADER_BYTES; end < answer.length; end++) {
      assert.equal(leads("www.example", answer.slice(0, end), "nobody.example"), false);
    }
  });
});

describe("a purge", () => {
  it("forgets what aliases lead to, of one type or all, also on the board", () => {
    for (const type of [A, undefined]) {
      const board = new AnswerBoard(AnswerBoard.memoryOf(1 << 16, seeded(2)), 0);
      const cache = new AnswerCache({ sizeBytes: 1 << 16 }, seeded(1), board);
      const other = new AnswerCache({ sizeBytes: 1 << 16 }, seeded(3), board);
      const keep = (of: string, qtype: number, packed: Uint8Array): void =>
        cache.store({ name: name(of), type: qtype, class: rrClass.IN }, 0, packed, 0);
      keep("www.example", A, chain("www.example", "cdn.net"));
      keep("www.example", AAAA, chain("www.example", "cdn.net"));
      keep("far.example", A, chain("far.example", "www.example", "cdn.net"));
      keep("cdn.net", A, chain("cdn.net"));
      keep("else.example", A, chain("else.example", "cdn.org"));
      const has = (in_: AnswerCache, of: string, qtype: number): boolean => {
        const owner = name(of);
        return in_.find(owner, 0, owner.length, qtype, rrClass.IN, 0, 1) >= 0;
      };
      assert.equal(cache.removeAliasesOf(name("CDN.net"), type), type === undefined ? 3 : 2);
      for (const one of [cache, other]) {
        assert.equal(has(one, "www.example", A), false);
        assert.equal(has(one, "far.example", A), false);
        assert.equal(has(one, "www.example", AAAA), type !== undefined);
        assert.equal(has(one, "cdn.net", A), true);
        assert.equal(has(one, "else.example", A), true);
      }
    }
  });
});
