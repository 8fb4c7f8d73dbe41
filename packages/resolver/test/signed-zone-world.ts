/**
 * A resolver and one authority with one signed zone, which it is told of and trusts: a world to
 * count in what the authority is asked.
 */
import { readMessage } from "@lethe/wire/message.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { assert } from "../src/base/assert.ts";
import { algorithm } from "../src/dnssec/algorithm.ts";
import type { Ask, AskResult, Cancel, Verify } from "../src/recursor/effect.ts";
import type { RecursorOptions } from "../src/recursor/options.ts";
import type { Outcome } from "../src/recursor/outcome.ts";
import { Authority } from "../sim/authority.ts";
import type { Denial } from "../sim/signer-denial.ts";
import { makeSigningKey } from "../sim/signer-keys.ts";
import { signZone } from "../sim/signer.ts";
import { SimVerifier } from "../sim/verifier.ts";
import { zoneFromRecords } from "../sim/zone.ts";
import { SmallWorld, text } from "./small-world.ts";

/** The small world begins at this time, in seconds since 1970. */
const WALL_S = 1_800_000_000;

/** NSEC3 as RFC 9276 §3.1 wants it. */
export const PLAIN_NSEC3: Denial & { readonly kind: "nsec3" } = {
  kind: "nsec3",
  iterations: 0,
  salt: new Uint8Array(0),
  isOptOut: false,
};

export class SignedZoneWorld extends SmallWorld {
  /** Signatures that were checked. */
  checks = 0;
  readonly #authority: Authority;

  constructor(
    apex: Name,
    records: readonly ResourceRecord[],
    denial: Denial,
    options: Partial<RecursorOptions> = {},
  ) {
    const key = makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed: 1 });
    const validity = { inceptionS: WALL_S - 3600, expirationS: WALL_S + 30 * 86400 };
    const made = zoneFromRecords(
      apex,
      signZone(records, { apex, keys: [key], denial, ...validity }),
    );
    assert(made.kind === "zone", "tests sign zones that can be served");
    const server = { ip: Uint8Array.of(10, 0, 0, 9), port: 53 };
    const verify = (check: Verify, done: (isGood: boolean) => void): Cancel => {
      this.checks++;
      return new SimVerifier(this).verify(check, done);
    };
    super(
      {},
      {
        configuredZones: [{ zone: apex, servers: [server], recursive: false }],
        validation: {
          anchors: [{ zone: apex, ds: [], keys: [key.key] }],
          insecure: [],
          trustsSha1: false,
        },
        ...options,
      },
      { verifier: { verify } },
    );
    this.#authority = new Authority([{ zone: made, behaviours: [] }]);
  }

  override ask(effect: Ask, done: (result: AskResult) => void): Cancel {
    const query = readMessage(effect.query);
    assert(query.kind === "message", "the recursor writes whole messages");
    const question = query.questions[0]!;
    this.asked.push(`${text(question.name)} ${question.type}`);
    const message = this.#authority.reply(effect.query, "udp").messages[0]!;
    return this.after(10, () => done({ kind: "reply", message, rttMs: 10 }));
  }

  /** Asks one question and lets everything happen. */
  askFor(question: Question, checkingDisabled = false): Outcome {
    const outcomes: Outcome[] = [];
    this.mesh.request(question, (outcome) => outcomes.push(outcome), checkingDisabled);
    this.run();
    const [outcome] = outcomes;
    assert(outcome !== undefined, "an asker is always answered");
    return outcome;
  }
}
