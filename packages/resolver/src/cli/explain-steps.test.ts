/** From what the recursor tells to what a person reads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { TraceStep } from "../recursor/options.ts";
import { explainSteps, stepCells } from "./explain-steps.ts";

function question(name: string, type = 1): Question {
  return { name: nameFromText(name, ROOT)!, type, class: 1 };
}

function asked(zone: string, shown: Question, result: string): TraceStep {
  const server = { ip: Uint8Array.of(192, 0, 2, 1), port: 53 };
  const name = nameFromText(zone, ROOT)!;
  return {
    kind: "asked",
    question: shown,
    zone: name,
    server,
    transport: "udp",
    result,
    rttMs: 1.4,
  };
}

function linesOf(trace: readonly TraceStep[]): string[] {
  return explainSteps(trace).map((step) => stepCells(step).join(" | "));
}

test("a referral, an alias and an answer are told at the question they came for", () => {
  const wanted = question("www.example");
  const part = question("example");
  const found = linesOf([
    { kind: "start", question: wanted, depth: 0 },
    { kind: "cut", question: part, zone: ROOT },
    asked(".", part, "rcode 0"),
    { kind: "referral", question: part, zone: nameFromText("example", ROOT)! },
    asked("example", wanted, "rcode 0"),
    { kind: "alias", question: wanted, target: nameFromText("other.example", ROOT)! },
    asked("example", question("other.example"), "rcode 3"),
    { kind: "end", question: wanted, result: "rcode 3" },
  ]);
  assert.deepEqual(found, [
    ". | example. A | 192.0.2.1 | udp | 1 ms | referral to example.",
    "example. | www.example. A | 192.0.2.1 | udp | 1 ms | alias to other.example.",
    "example. | other.example. A | 192.0.2.1 | udp | 1 ms | NXDOMAIN",
  ]);
});

test("an answer that was made from proven denials says from which", () => {
  const wanted = question("nothing.example");
  const zone = nameFromText("example", ROOT)!;
  const owner = nameFromText("new.example", ROOT)!;
  const found = linesOf([
    { kind: "start", question: wanted, depth: 0 },
    { kind: "synthesised", question: wanted, zone, owner, by: "NSEC", what: "no name" },
    { kind: "end", question: wanted, result: "rcode 3" },
  ]);
  const cells = ["cache", "nothing.example. A", "", "", ""];
  const result = "no name: denied from cache by NSEC of new.example.";
  assert.deepEqual(found, [[...cells, result].join(" | ")]);
});

test("what must be asked first is indented below", () => {
  const wanted = question("www.example");
  const server = question("ns.other", 28);
  const found = linesOf([
    { kind: "start", question: wanted, depth: 0 },
    { kind: "start", question: server, depth: 1 },
    asked("other", server, "silent"),
    { kind: "end", question: server, result: "no-reachable-server" },
    asked("example", wanted, "rcode 0"),
    { kind: "end", question: wanted, result: "rcode 0" },
  ]);
  assert.deepEqual(found, [
    "  first | ns.other. AAAA",
    "  other. | ns.other. AAAA | 192.0.2.1 | udp | 1 ms | silent",
    "  done | no reachable server",
    "example. | www.example. A | 192.0.2.1 | udp | 1 ms | NOERROR",
  ]);
});
