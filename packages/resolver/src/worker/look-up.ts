/** Addresses of names, for connections of Node's: found by our own resolver, not the system's. */
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { ipToText } from "../base/address.ts";
import type { Resolver } from "../serve/resolver.ts";

const FAMILIES = [
  [rrType.A, 4],
  [rrType.AAAA, 6],
] as const;

/** Looks names up by a resolver: all their addresses, those of IPv4 first. */
export function lookUpBy(resolver: Pick<Resolver, "resolve">): LookupFunction {
  return (host, options, done) => {
    const name = nameFromText(host, ROOT);
    const found: LookupAddress[][] = [];
    let left = name === undefined ? 0 : FAMILIES.length;
    const finish = (): void => {
      const all = found.flat();
      const [first] = all;
      if (first === undefined) done(notFound(), "", 0);
      else if (options.all === true) done(null, all);
      else done(null, first.address, first.family);
    };
    if (name === undefined) setImmediate(finish);
    for (const [i, [type, family]] of name === undefined ? [] : FAMILIES.entries()) {
      resolver.resolve({ name: name!, type, class: rrClass.IN }, (outcome) => {
        const sets = outcome.kind === "answered" ? outcome.answer : [];
        const rdatas = sets.filter((set) => set.type === type).flatMap((set) => set.rdatas);
        found[i] = rdatas.map((rdata) => ({ address: ipToText(rdata), family }));
        if (--left === 0) finish();
      });
    }
  };
}

/** As Node's own look-up says it. PRIVACY: without the name. */
function notFound(): NodeJS.ErrnoException {
  return Object.assign(new Error("no addresses"), { code: "ENOTFOUND" });
}
