/** Tests of questions and records as values. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrClass, rrType } from "./codes.ts";
import { nameFromText } from "./name-text.ts";
import { type Question, questionEqual, questionKey } from "./question.ts";
import { recordToText } from "./record-text.ts";
import { isRecordOf } from "./record.ts";

const question = (text: string, type: number, rrclass: number): Question => {
  return { name: nameFromText(text)!, type, class: rrclass };
};

test("questions are equal where name but for case, type and class are, and so are their keys", () => {
  const one = question("a.example.", 1, 1);
  const rows: readonly (readonly [Question, boolean])[] = [
    [question("A.Example.", 1, 1), true],
    [question("b.example.", 1, 1), false],
    [question("a.example.", 28, 1), false],
    [question("a.example.", 1, 3), false],
    [question("a.example.", 0x0161, 1), false],
  ];
  for (const [other, isEqual] of rows) {
    assert.equal(questionEqual(one, other), isEqual);
    assert.equal(questionKey(one) === questionKey(other), isEqual);
  }
});

test("a record belongs to the set of its name, type and class", () => {
  const { name } = question("a.", 1, 1);
  const record = {
    name,
    type: rrType.A,
    class: rrClass.IN,
    ttl: 5,
    rdata: Uint8Array.of(1, 2, 3, 4),
  };
  assert.ok(isRecordOf(record, nameFromText("A.")!, rrType.A, rrClass.IN));
  assert.ok(!isRecordOf(record, name, rrType.NS, rrClass.IN));
  assert.ok(!isRecordOf(record, name, rrType.A, rrClass.CH));
  assert.equal(recordToText(record), "a.\t5\tIN\tA\t1.2.3.4");
});
