/** Addresses to listen at: their order, their lines, and who may not share one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isWrong, readConfiguration } from "./configuration.ts";
import { listenRowsOf, listeningLine } from "./listen-rows.ts";

test("plain rows come first, and only encrypted ones by default may be left out", () => {
  const settings = readConfiguration({ file: undefined, sets: ["listen.tls=['127.0.0.1:853']"] });
  assert.ok(!isWrong(settings));
  assert.deepEqual(
    listenRowsOf(settings).map((row) => [row.spoken, row.isOptional, listeningLine(row, 7)]),
    [
      ["dns", false, "listening on 127.0.0.1:7, UDP and TCP"],
      ["dns", false, "listening on [::1]:7, UDP and TCP"],
      ["tls", false, "listening on 127.0.0.1:7, DNS over TLS"],
      ["https", true, "listening on 127.0.0.1:7, DNS over HTTPS, and over TLS"],
      ["https", true, "listening on [::1]:7, DNS over HTTPS, and over TLS"],
    ],
  );
});

const shared: readonly (readonly [title: string, sets: string[], isRefused: boolean])[] = [
  ["two that speak otherwise", ["listen.https=['127.0.0.1:5335']"], true],
  ["TLS and HTTPS", ["listen.tls=['[::1]:853']", "listen.https=['[0::1]:853']"], true],
  ["rows of one kind", ["listen.tls=['127.0.0.1:853','127.0.0.1:853']"], false],
  [
    "those whose port the kernel chooses",
    ["listen.tls=['127.0.0.1:0']", "listen.https=['127.0.0.1:0']"],
    false,
  ],
];

for (const [title, sets, isRefused] of shared) {
  test(`one address is ${isRefused ? "not for" : "good for"} ${title}`, () => {
    const read = readConfiguration({ file: undefined, sets });
    assert.equal(isWrong(read), isRefused);
    if (isWrong(read)) assert.match(read.line, /expected an address that is no listen\./);
  });
}
