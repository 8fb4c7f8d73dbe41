/** Links of the chain of trust that nobody could tell: bogus, with why they could not be had. */
import type { Name } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { tell, validationReasons } from "../base/extended-errors.ts";
import type { ZoneKeys } from "../dnssec/judge-set.ts";
import type { Bogus } from "../dnssec/verdict.ts";
import { type Evidence, judgedAs, show } from "./evidence.ts";
import type { NoReply } from "./exchange.ts";
import { explain } from "./explain.ts";
import type { Trail } from "./trail.ts";

/** Nobody says whether a zone that is signed begins at a name. */
export function unknownCut(name: Name, why: Unanswered, keys: ZoneKeys, trail: Trail): Bogus {
  const told = tell(validationReasons.cutUnknown, { name: nameToText(name) });
  const judged: Bogus = { kind: "bogus", errors: [told, ...reasons(why)] };
  show({ kind: "cut", name, ...judgedAs(judged), answer: [], authority: [], keys }, trail);
  return judged;
}

type Trusted = Pick<Evidence & { readonly kind: "keys" }, "trust" | "isAnchor">;

/** The keys of a signed zone could not be had. */
export function unknownKeys(zone: Name, why: Unanswered, of: Trusted, trail: Trail): Bogus {
  const told = tell(validationReasons.keysUnknown, { zone: nameToText(zone) });
  const judged: Bogus = { kind: "bogus", errors: [told, ...reasons(why)] };
  show({ kind: "keys", name: zone, ...judgedAs(judged), ...of, set: undefined }, trail);
  return judged;
}

type Unanswered = Pick<NoReply, "why" | "errors">;

function reasons({ why, errors = [] }: Unanswered): Bogus["errors"] {
  return explain({ kind: "failed", why, errors, ttlS: 0 }).errors;
}
