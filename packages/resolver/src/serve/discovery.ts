/**
 * What this server tells of itself, so that clients find its encrypted transports.
 *
 *   _dns.resolver.arpa  SVCB     the transports, for who knows an address alone (RFC 9462 §4)
 *   _dns.NAME           SVCB     the same, for who knows the name (RFC 9462 §5, RFC 9461)
 *   NAME                HTTPS    how HTTPS is spoken, and the key of the oblivious target
 *   NAME, resolver.arpa RESINFO  what it does with questions (RFC 9606)
 *
 * A client that finds a server by its address believes it only where the certificate covers that
 * address; so transports are told by address only where it does (worker/designation.ts).
 */
import { setU16 } from "@lethe/wire/bytes.ts";
import { rcode, rrClass, rrType } from "@lethe/wire/codes.ts";
import { type Name, type NameKey, nameKey } from "@lethe/wire/name.ts";
import type { Question } from "@lethe/wire/question.ts";
import { refusalReasons, resolutionReasons, validationReasons } from "../base/extended-errors.ts";
import type { Answered } from "../recursor/outcome.ts";
import { localOutcome, plainName } from "./local-answers.ts";

/** One encrypted transport at one port. */
export interface Service {
  readonly alpn: readonly string[];
  readonly port: number;
  /** What it has by default: told only where the port is another (RFC 9461 §4, RFC 9460 §9.1). */
  readonly defaultPort: number;
  /** The path of DNS over HTTPS, a template; absent without HTTP (RFC 9461 §5). */
  readonly dohPath?: string;
  /** Addresses that it is at; none are told where empty. */
  readonly addresses: readonly Uint8Array[];
}

/** What there is to tell; plain data. */
export interface Designation {
  /** The name of this server, that its certificate is for. */
  readonly name: Name;
  /** In the order of preference. */
  readonly services: readonly Service[];
  /** The certificate covers the addresses that clients know: transports are told by address. */
  readonly coversAddresses: boolean;
  readonly minimises: boolean;
  /** A page for people about this server. */
  readonly infoUrl?: string | undefined;
  /** ObliviousDoHConfigs of this server's target. */
  readonly obliviousConfigs?: Uint8Array | undefined;
}

const RESOLVER_ARPA = plainName("resolver.arpa.");
const DNS_RESOLVER_ARPA = plainName("_dns.resolver.arpa.");

/** Services change with a reload, keys with a day. */
const SERVICE_TTL_S = 300;
const INFO_TTL_S = 3600;

/** Keys of the registry "DNS Service Bindings (SVCB)", ascending as they stand on the wire. */
const svcParam = {
  alpn: 1,
  port: 3,
  ipv4hint: 4,
  ipv6hint: 6,
  dohpath: 7,
  /** Not in the registry: where 1.1.1.1 has ObliviousDoHConfigs, and clients look for them. */
  odohconfigs: 32769,
} as const;

/** A set that answers: all but its owner, which is as it was asked for. */
interface OwnSet {
  readonly ttl: number;
  readonly rdatas: readonly Uint8Array[];
}

export class Discovery {
  readonly #sets = new Map<NameKey, Map<number, OwnSet>>();

  /** Tells nothing where there is no designation. */
  constructor(designation: Designation | undefined) {
    if (designation === undefined) return;
    const { name, services, coversAddresses, obliviousConfigs } = designation;
    const transports = services.map((service, i) => serviceRdata(i + 1, name, service));
    if (coversAddresses && services.length > 0) {
      this.#add(DNS_RESOLVER_ARPA, rrType.SVCB, SERVICE_TTL_S, transports);
    }
    if (services.length > 0) {
      this.#add(withLabel("_dns", name), rrType.SVCB, SERVICE_TTL_S, transports);
    }
    const web = services.filter(({ dohPath }) => dohPath !== undefined);
    const https = web.map(({ alpn, port, defaultPort, addresses }, i) =>
      serviceRdata(i + 1, undefined, { alpn, port, defaultPort, addresses }, obliviousConfigs),
    );
    if (https.length > 0) this.#add(name, rrType.HTTPS, SERVICE_TTL_S, https);
    const info = [infoRdata(designation)];
    this.#add(name, rrType.RESINFO, INFO_TTL_S, info);
    this.#add(RESOLVER_ARPA, rrType.RESINFO, INFO_TTL_S, info);
  }

  /** The answer to a question about this server; undefined for all others. */
  answer(question: Question): Answered | undefined {
    const set = this.#sets.get(nameKey(question.name))?.get(question.type);
    if (set === undefined || question.class !== rrClass.IN) return undefined;
    return localOutcome(rcode.NOERROR, [{ ...question, ...set, signatures: [] }], []);
  }

  #add(name: Name, type: number, ttl: number, rdatas: readonly Uint8Array[]): void {
    const key = nameKey(name);
    const sets = this.#sets.get(key) ?? new Map<number, OwnSet>();
    this.#sets.set(key, sets.set(type, { ttl, rdatas }));
  }
}

function withLabel(label: string, name: Name): Name {
  const bytes = new Uint8Array(1 + label.length + name.length);
  bytes[0] = label.length;
  bytes.set(Buffer.from(label), 1);
  bytes.set(name, 1 + label.length);
  return bytes as Name;
}

/** SVCB and HTTPS in service mode (RFC 9460 §2.2); without a target the owner is it. */
function serviceRdata(
  priority: number,
  target: Name | undefined,
  { alpn, port, defaultPort, dohPath, addresses }: Service,
  obliviousConfigs?: Uint8Array,
): Uint8Array {
  const ids = alpn.map((id) => Buffer.from([id.length, ...Buffer.from(id)]));
  const hints = (bytes: number): Uint8Array =>
    Buffer.concat(addresses.filter((ip) => ip.length === bytes));
  const params: readonly (readonly [key: number, value: Uint8Array])[] = [
    [svcParam.alpn, Buffer.concat(ids)],
    [svcParam.port, port === defaultPort ? new Uint8Array(0) : u16(port)],
    [svcParam.ipv4hint, hints(4)],
    [svcParam.ipv6hint, hints(16)],
    [svcParam.dohpath, Buffer.from(dohPath ?? "")],
    [svcParam.odohconfigs, obliviousConfigs ?? new Uint8Array(0)],
  ];
  const written = params
    .filter(([, value]) => value.length > 0)
    .flatMap(([key, value]) => [u16(key), u16(value.length), value]);
  return Buffer.concat([u16(priority), target ?? Uint8Array.of(0), ...written]);
}

function u16(value: number): Uint8Array {
  const bytes = new Uint8Array(2);
  setU16(bytes, 0, value);
  return bytes;
}

/** RESINFO: strings as in TXT, one `key=value` each (RFC 9606 §4, §5). */
function infoRdata({ minimises, infoUrl }: Designation): Uint8Array {
  const codes = `exterr=${ranges(errorCodes())}`;
  const words = [
    minimises ? "qnamemin" : "",
    codes,
    infoUrl === undefined ? "" : `infourl=${infoUrl}`,
  ];
  const strings = words.filter((word) => word !== "").map((word) => Buffer.from(word));
  return Buffer.concat(strings.flatMap((word) => [Uint8Array.of(word.length), word]));
}

/** The INFO-CODEs that answers of this server may have, ascending. */
function errorCodes(): number[] {
  const all = [validationReasons, resolutionReasons, refusalReasons].flatMap((reasons) =>
    Object.values(reasons).map(({ code }) => code as number),
  );
  return [...new Set(all)].toSorted((a, b) => a - b);
}

/** Numbers as RFC 9606 §5 writes them: `1-3,5,7-9`. */
function ranges(numbers: readonly number[]): string {
  const words: string[] = [];
  for (let i = 0; i < numbers.length;) {
    let last = i;
    while (numbers[last + 1] === numbers[last]! + 1) last++;
    words.push(last === i ? `${numbers[i]}` : `${numbers[i]}-${numbers[last]}`);
    i = last + 1;
  }
  return words.join(",");
}
