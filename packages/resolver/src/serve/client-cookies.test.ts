/** Cookies for clients: RFC 9018's own examples, how long they are good, and what they change. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromHex, toHex } from "@lethe/wire/bytes.ts";
import { optionCode, rcode } from "@lethe/wire/codes.ts";
import { findOption } from "@lethe/wire/edns.ts";
import { fullRcode } from "@lethe/wire/message.ts";
import { SmallResolver, question, read } from "../../test/small-resolver.ts";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { Client } from "../privacy/client.ts";
import { Asking } from "./asking.ts";
import { ClientCookies } from "./client-cookies.ts";

const SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf";
const NEW_SECRET = "445536bcd2513298075a5d379663c962";
const V4 = "198.51.100.100";
const OTHER_V4 = "203.0.113.203";
const V6 = "2001:db8:220:1:59de:d0f4:8769:82b8";

interface Renewed {
  readonly cookie: string;
  readonly isGood: boolean;
}

/** What becomes of a cookie, in hexadecimal digits. */
function renew(cookie: string, ip: string, nowS: number, secret = SECRET): Renewed {
  const asking = new Asking();
  const message = question({
    udpSize: 1232,
    options: [{ code: optionCode.cookie, data: fromHex(cookie)! }],
  });
  assert.ok(asking.readPlain(message, 0, message.length));
  const client = Client.at(ipFromText(ip)!, 5353);
  new ClientCookies(fromHex(secret)!).renew(asking, client, nowS);
  return { cookie: toHex(asking.cookie.slice(0, asking.cookieBytes)), isGood: asking.isCookieGood };
}

const A1 = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";
const A1_S = 1559731985;

/** The examples of RFC 9018, and two cookies that Unbound's tests have. */
const examples: readonly (readonly [string, Renewed, Renewed])[] = [
  ["A.1: a client without one", renew("2464c4abcf10c957", V4, A1_S), { cookie: A1, isGood: false }],
  [
    "A.2: a client that comes again after forty minutes",
    renew(A1, V4, A1_S + 2400),
    { cookie: "2464c4abcf10c957010000005cf7a871d4a564a1442aca77", isGood: true },
  ],
  [
    "A.3: reserved bytes that are not zero, and a new cookie without them",
    renew("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", OTHER_V4, 0x5cf78f71 + 1801),
    { ...renew("fc93fc62807ddb86", OTHER_V4, 0x5cf78f71 + 1801), isGood: true },
  ],
  [
    "A.3: the cookie that the answer has",
    renew("fc93fc62807ddb86", OTHER_V4, 0x5cf7a9ac),
    { cookie: "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e", isGood: false },
  ],
  [
    "A.4: a client with an IPv6 address, and a new secret",
    renew("22681ab97d52c298010000005cf7c57926556bd0934c72f8", V6, 0x5cf7c609, NEW_SECRET),
    { cookie: "22681ab97d52c298010000005cf7c609a6bb79d16625507a", isGood: false },
  ],
  [
    "A.4: a cookie of the old secret, by that secret",
    renew(
      "22681ab97d52c298010000005cf7c57926556bd0934c72f8",
      V6,
      0x5cf7c57a,
      "dd3bdf9344b678b185a6f5cb60fca715",
    ),
    { cookie: "22681ab97d52c298010000005cf7c57926556bd0934c72f8", isGood: true },
  ],
  [
    "Unbound's cookie of time zero",
    renew("3132333435363738", "127.0.0.1", 0, "000102030405060708090a0b0c0d0e0f"),
    { cookie: "3132333435363738010000000000000038527ba8c6a4ea96", isGood: false },
  ],
];

for (const [title, got, expected] of examples) {
  test(`RFC 9018: ${title}`, () => assert.deepEqual(got, expected));
}

const { cookieOldestS, cookieFutureS, cookieRenewS } = limits;

/** Ages in seconds: whether the cookie is good, and whether the answer has another. */
const ages: readonly (readonly [number, boolean, boolean])[] = [
  [0, true, false],
  [cookieRenewS.value, true, false],
  [cookieRenewS.value + 1, true, true],
  [cookieOldestS.value, true, true],
  [cookieOldestS.value + 1, false, true],
  [-cookieFutureS.value, true, false],
  [-cookieFutureS.value - 1, false, true],
];

describe("a cookie", () => {
  for (const [ageS, isGood, isNew] of ages) {
    test(`of ${ageS} seconds is ${isGood ? "good" : "not good"}`, () => {
      const got = renew(A1, V4, A1_S + ageS);
      assert.deepEqual([got.isGood, got.cookie !== A1], [isGood, isNew]);
    });
  }

  test("is good for its address only, and unchanged only", () => {
    assert.equal(renew(A1, "198.51.100.101", A1_S).isGood, false);
    assert.equal(renew(A1.replace("2464", "2465"), V4, A1_S).isGood, false);
    assert.equal(renew(A1.replace("9480", "9481"), V4, A1_S).isGood, false);
    assert.equal(renew(A1.replace("57010000", "57020000"), V4, A1_S).isGood, false);
    assert.equal(renew(`${A1}00`, V4, A1_S).isGood, false);
  });
});

const small = new SmallResolver({
  "10.0.0.1": () => ({ aa: true, answer: ["www.example A 192.0.2.1"] }),
});

function answerTo(cookie: Uint8Array): ReturnType<typeof read> {
  const options = [{ code: optionCode.cookie, data: cookie }];
  return small.answer({ name: "www.example", udpSize: 1232, options });
}

const mine = new Uint8Array(8).fill(7);

test("a client that sends a cookie gets one, in either lane, and it is good the next time", () => {
  for (let i = 0; i < 2; i++) {
    const answer = answerTo(mine);
    assert.equal(answer.answer.length, 1);
    const given = findOption(answer.opt, optionCode.cookie)!.data;
    assert.deepEqual([given.length, given.slice(0, 8)], [24, mine]);
    const again = findOption(answerTo(given).opt, optionCode.cookie)!.data;
    assert.deepEqual(again, given);
  }
});

test("a cookie of a wrong length is an error of form", () => {
  for (const size of [0, 7, 9, 15, 41]) {
    const answer = answerTo(new Uint8Array(size));
    assert.equal(fullRcode(answer), rcode.FORMERR);
    assert.equal(findOption(answer.opt, optionCode.cookie), undefined);
  }
});

/** Asks for nothing but a cookie (RFC 7873 §5.4). */
function alone(cookie: Uint8Array): ReturnType<typeof read> {
  const whole = question({
    name: "",
    udpSize: 1232,
    options: [{ code: optionCode.cookie, data: cookie }],
  });
  const message = Uint8Array.of(...whole.slice(0, 12), ...whole.slice(17));
  message[5] = 0;
  return read(small.ask(message));
}

test("a message without a question gets a cookie, or is told that its own is not good", () => {
  const first = alone(mine);
  assert.equal(fullRcode(first), rcode.NOERROR);
  const given = findOption(first.opt, optionCode.cookie)!.data;
  assert.equal(fullRcode(alone(given)), rcode.NOERROR);
  given[23]! ^= 1;
  assert.equal(fullRcode(alone(given)), rcode.BADCOOKIE);
});

test("who shows a good cookie is not counted among those whose address may be forged", () => {
  const silent = new SmallResolver({ "10.0.0.1": () => undefined });
  const options = [{ code: optionCode.cookie, data: mine }];
  const first = read(silent.ask(question({ name: "localhost", udpSize: 1232, options })));
  const given = findOption(first.opt, optionCode.cookie)!.data.slice();
  const max = limits.waitingPerNetworkMax.value;
  for (let id = 0; id < max; id++) silent.put(question({ name: `n${id % 40}.example`, id }));
  assert.notEqual(silent.put(question({ name: "n1.example" })), "taken");
  const shown = [{ code: optionCode.cookie, data: given }];
  const one = { name: "n1.example", udpSize: 1232, options: shown };
  assert.equal(silent.put(question(one)), "taken");
  given[23]! ^= 1;
  const forged = [{ code: optionCode.cookie, data: given }];
  assert.notEqual(silent.put(question({ ...one, options: forged })), "taken");
});
