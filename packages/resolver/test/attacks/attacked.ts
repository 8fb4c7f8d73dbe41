/** What attacks are performed with: parents that delegate, and counts of who was asked. */
import { rcode } from "@lethe/wire/codes.ts";
import type { Server, SmallWorld } from "../small-world.ts";

/** The root's server: it refers to these zones, `zone → address of their only server`. */
export function refersTo(zones: Readonly<Record<string, string>>): Server {
  return (qname) => {
    for (const [zone, ip] of Object.entries(zones)) {
      if (qname !== zone && !qname.endsWith(`.${zone}`)) continue;
      return { authority: [`${zone} NS ns.${zone}`], additional: [`ns.${zone} A ${ip}`] };
    }
    if (qname === ".") return { aa: true, answer: [". NS a.root."] };
    return { rcode: rcode.NXDOMAIN, aa: true, authority: [". SOA 60"] };
  };
}

/** A server that says of every name below `zone` that it is not there. */
export function deniesAll(zone: string): Server {
  return () => ({ rcode: rcode.NXDOMAIN, aa: true, authority: [`${zone} SOA 60`] });
}

/** Questions that one server was asked so far. */
export function asksTo(world: SmallWorld, ip: string): number {
  return world.asked.filter((asked) => asked.startsWith(`${ip} `)).length;
}

/** As many texts as wanted, by their numbers. */
export function many(count: number, of: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => of(index));
}
