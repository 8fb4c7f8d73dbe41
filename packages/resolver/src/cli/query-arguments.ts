/** What `lethe query` is told: server, name, type, and dig's `+` options as far as we have them. */
import { domainToASCII } from "node:url";
import { classFromText, typeFromText } from "@lethe/wire/codes-text.ts";
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { limits } from "../base/limits.ts";
import { type Wrong, wrong } from "./command.ts";
import {
  type QueryServer,
  type TlsWishes,
  queryServerOf,
  relayOf,
  tlsWish,
} from "./query-server.ts";

export interface QueryPlan extends QueryServer {
  /** Who passes an oblivious question on; absent: nobody, the target knows who asks. */
  readonly relay?: QueryServer;
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  readonly output: "text" | "json" | "short";
  readonly dnssec: boolean;
  readonly checkingDisabled: boolean;
  readonly recursionDesired: boolean;
  readonly nsid: boolean;
  /** UDP payload size in bytes that our OPT record promises. */
  readonly bufferBytes: number;
  readonly timeoutMs: number;
}

const NOT_BUILT: ReadonlySet<string> = new Set(["+h3", "+quic"]);

/** Options that stand alone, and what each makes of the plan. */
const SWITCHES: Readonly<Record<string, Partial<QueryPlan>>> = {
  "+udp": { transport: "udp" },
  "+tcp": { transport: "tcp" },
  "+tls": { transport: "tls" },
  "+https": { transport: "https" },
  "+https-get": { transport: "https-get" },
  "+json": { transport: "json" },
  "+odoh": { transport: "odoh" },
  "+json-out": { output: "json" },
  "+short": { output: "short" },
  "+dnssec": { dnssec: true },
  "+cd": { checkingDisabled: true },
  "+norec": { recursionDesired: false },
  "+nsid": { nsid: true },
};

/** The plan that the arguments make, or what is wrong with them. */
export function readQueryArguments(args: readonly string[]): QueryPlan | Wrong {
  let plan: Omit<QueryPlan, "place" | "secure"> = {
    name: ROOT,
    type: rrType.A,
    class: rrClass.IN,
    transport: "any",
    output: "text",
    dnssec: false,
    checkingDisabled: false,
    recursionDesired: true,
    nsid: false,
    bufferBytes: limits.upstreamUdpBytesMax.value,
    timeoutMs: limits.queryTimeoutS.value * 1000,
  };
  const words: string[] = [];
  let server: string | undefined;
  let relay: string | undefined;
  let wishes: TlsWishes = {};
  for (const arg of args) {
    if (arg.startsWith("@")) {
      server = arg.slice(1);
      continue;
    }
    if (arg.startsWith("+relay=")) {
      relay = arg.slice("+relay=".length);
      continue;
    }
    const wish = tlsWish(arg);
    if (wish !== undefined) {
      if ("kind" in wish) return wish;
      wishes = { ...wishes, ...wish };
      continue;
    }
    if (!/^[@+-]/.test(arg)) {
      words.push(arg);
      continue;
    }
    const part = optionOf(arg);
    if ("kind" in part) return part;
    plan = { ...plan, ...part };
  }
  const question = questionOf(words);
  if ("kind" in question) return question;
  const whom = queryServerOf(server, plan.transport, wishes);
  if (whom.kind === "wrong") return whom;
  const whole = { ...plan, ...question, ...whom.server };
  if (relay === undefined) return whole;
  const by = relayOf(relay, plan.transport, wishes);
  return by.kind === "wrong" ? by : { ...whole, relay: by.server };
}

function optionOf(arg: string): Partial<QueryPlan> | Wrong {
  if (NOT_BUILT.has(arg))
    return wrong(`${arg}: not built yet; expected +udp, +tcp, +tls or +https`);
  const found = Object.hasOwn(SWITCHES, arg) ? SWITCHES[arg] : undefined;
  if (found !== undefined) return found;
  const [key, value] = arg.split("=", 2);
  if (key === "+bufsize") {
    const bufferBytes = wholeNumber(value, 0, 65535);
    return bufferBytes === undefined
      ? wrong(`${arg}: expected a size from 0 to 65535 bytes`)
      : { bufferBytes };
  }
  if (key === "+time") {
    const most = limits.queryTimeoutMaxS.value;
    const seconds = wholeNumber(value, 1, most);
    return seconds === undefined
      ? wrong(`${arg}: expected 1 to ${most} seconds`)
      : { timeoutMs: seconds * 1000 };
  }
  return wrong(
    `${arg}: expected one of ${Object.keys(SWITCHES).join(", ")}, +bufsize=N, +time=N, ` +
      "+relay=URL, +tls-host=NAME, +tls-ca=FILE, +tls-pin=HASH, +tls-unchecked",
  );
}

function wholeNumber(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^\d{1,6}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

/** NAME, and TYPE and CLASS in any order: `example.com MX`, `id.server CH TXT`. */
function questionOf(words: readonly string[]): Pick<QueryPlan, "name" | "type" | "class"> | Wrong {
  const [text, ...rest] = words;
  if (text === undefined) return wrong("query: expected a name");
  const question = { type: rrType.A as number, class: rrClass.IN as number };
  const seen = new Set<string>();
  for (const word of rest) {
    const type = typeFromText(word);
    const rrclass = type === undefined ? classFromText(word) : undefined;
    const what = type === undefined ? "class" : "type";
    if (type === undefined && rrclass === undefined) {
      return wrong(`${word}: expected a type, as AAAA, MX or TYPE65`);
    }
    if (seen.has(what)) return wrong(`${word}: expected one ${what} only`);
    seen.add(what);
    question.type = type ?? question.type;
    question.class = rrclass ?? question.class;
  }
  const name = nameFromPerson(text);
  return name === undefined ? wrong(`${text}: expected a domain name`) : { ...question, name };
}

/** The name that a person typed: absolute whether or not it ends in a dot, in any script. */
export function nameFromPerson(text: string): Name | undefined {
  const isPlain = /^[\x20-\x7e]*$/.test(text);
  const ascii = isPlain ? text : domainToASCII(text);
  return ascii === "" ? undefined : nameFromText(ascii, ROOT);
}
