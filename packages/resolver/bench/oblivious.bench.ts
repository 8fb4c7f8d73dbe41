/** What a sealed question costs at the target, HTTP aside: the bound is 333 µs, 3,000 a second. */
import { request } from "../test/http-requests.ts";
import { SmallResolver, question } from "../test/small-resolver.ts";
import { SystemRandom } from "../src/system/random.ts";
import { derivePrivateKey } from "../src/transports/oblivious/hpke.ts";
import { firstConfig, sealQuery } from "../src/transports/oblivious/message.ts";
import { ObliviousTarget } from "../src/transports/oblivious/target.ts";
import { TargetKeys } from "../src/transports/oblivious/target-keys.ts";
import { Meter, tell } from "./figure.ts";

const ROUNDS = 3;
const QUESTIONS = 2000;
const BLOCK_BYTES = 128;

const keys = new TargetKeys();
keys.replace([derivePrivateKey(new Uint8Array(32))]);
const small = new SmallResolver({
  "10.0.0.1": (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] }),
});
small.answer({ udpSize: 1232 }); // from now on it is in the cache
const target = new ObliviousTarget(small.resolver, keys, new SystemRandom());
const message = question({ udpSize: 1232 });
const config = firstConfig(keys.published!)!;
const bodies = Array.from(
  { length: QUESTIONS },
  () => sealQuery(config, message, BLOCK_BYTES)!.octets,
);

for (let round = 0; round < ROUNDS; round++) {
  const meter = new Meter();
  for (const body of bodies) {
    const contentType = "application/oblivious-dns-message";
    request(target, { method: "POST", target: "/dns-query", contentType, body });
  }
  tell({ title: "oblivious question, in the cache", ...meter.each(QUESTIONS) });
}
