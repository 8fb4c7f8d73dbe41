/** `lethe query`: asks a server one question, and prints what it says. */
import { getU16 } from "@lethe/wire/bytes.ts";
import {
  classToText,
  extendedErrorToText,
  rcodeToText,
  typeToText,
} from "@lethe/wire/codes-text.ts";
import { rcode } from "@lethe/wire/codes.ts";
import { optionCode } from "@lethe/wire/edns.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode, readMessage } from "@lethe/wire/message.ts";
import { messageToText } from "@lethe/wire/message-text.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { SystemRandom } from "../../system/random.ts";
import { type Command, type ExitCode, type Wrong, exit } from "../command.ts";
import { type Asked, askServer, writeClientQuery } from "../dns-client.ts";
import { jsonReplyLines, readJsonReply } from "../json-reply.ts";
import { complain, say, sayJson, styled } from "../print.ts";
import { type QueryPlan, readQueryArguments } from "../query-arguments.ts";
import { placeToText } from "../query-server.ts";

const help = `
usage: lethe query [@SERVER] NAME [TYPE] [CLASS] [+OPTION]…

Asks SERVER, or Lethe on this machine where none is named, and prints the reply.
SERVER is an address or a name, with a port or without: @127.0.0.1:5335,
@dns.example, @tls://192.0.2.1#dns.example, @https://dns.example/dns-query.
Exit code 0 for NOERROR and NXDOMAIN, 1 for anything else and for no reply, 2
for arguments that make no sense.

  +udp         UDP only, even where the reply is truncated
  +tcp         TCP only
  +tls         DNS over TLS
  +https       DNS over HTTPS, by POST
  +https-get   DNS over HTTPS, by GET
  +json        DNS in JSON over HTTPS
  +odoh        oblivious DNS over HTTPS: the question is sealed for SERVER
  +relay=URL   who brings it there, so that SERVER does not know who asks
  +short       the data of the answer and nothing else
  +json-out    the reply as JSON
  +dnssec      DO=1: signatures and proofs too
  +cd          CD=1: unchecked answers too
  +norec       RD=0: only what the server has
  +nsid        ask which server this is (RFC 5001)
  +bufsize=N   UDP size in bytes that is offered; 0: no EDNS
  +time=N      seconds to wait for a reply, per try

Over TLS the server's certificate must have its name, or its address where it
is given by that, and come from an authority that Node knows.

  +tls-host=NAME   the name that it must have instead
  +tls-ca=FILE     the authorities that count instead, in PEM
  +tls-pin=HASH    its key, as the base64 of a SHA-256; no authority is asked
  +tls-unchecked   nothing is checked: anyone may have answered
`;

type Reply = Asked & { readonly kind: "reply" };
type InJson = Asked & { readonly kind: "json" };

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const plan = readQueryArguments(args);
  if ("kind" in plan) return plan;
  const asked = await askServer(plan, writeClientQuery(plan, new SystemRandom()));
  if (asked.kind === "no-answer") {
    complain(`${placeToText(plan.place)}: ${asked.why}`);
    return exit.no;
  }
  if (asked.kind === "json") return sayReplyInJson(plan, asked);
  const message = readMessage(asked.message);
  if (message.kind === "malformed") {
    complain(`${placeToText(plan.place)}: a malformed reply (${message.why})`);
    return exit.no;
  }
  if (plan.output === "json") sayJson(toJson(plan, asked, message));
  else if (plan.output === "short") sayShort(message);
  else sayWhole(plan, asked, message);
  return exitFor(fullRcode(message));
}

function exitFor(code: number): ExitCode {
  return code === rcode.NOERROR || code === rcode.NXDOMAIN ? exit.done : exit.no;
}

/** Prints what a server said in JSON. */
function sayReplyInJson(plan: QueryPlan, { text, elapsedMs }: InJson): ExitCode {
  const reply = readJsonReply(text);
  if (reply === undefined) {
    complain(`${placeToText(plan.place)}: a malformed reply (no DNS in JSON)`);
    return exit.no;
  }
  const server = placeToText(plan.place);
  if (plan.output === "short") for (const { data } of reply.answer) say(data);
  else if (plan.output === "json") {
    const { transport } = plan;
    const reading = { elapsedMs: Number(elapsedMs.toFixed(1)), status: rcodeToText(reply.status) };
    sayJson({ server, transport, isChecked: isChecked(plan), ...reading, reply: JSON.parse(text) });
  } else {
    for (const line of jsonReplyLines(reply))
      say(line.startsWith(";") ? styled("dim", line) : line);
    sayFrom(plan, "JSON over HTTPS", elapsedMs, Buffer.byteLength(text));
  }
  return exitFor(reply.status);
}

/** Whether the server proved who it is; undefined where nothing is proven. */
function isChecked({ secure }: QueryPlan): boolean | undefined {
  return secure === undefined ? undefined : secure.trust.kind !== "anyone";
}

function sayFrom(plan: QueryPlan, over: string, elapsedMs: number, sizeBytes: number): void {
  const warning = isChecked(plan) === false ? ", its certificate unchecked," : "";
  const from = `${placeToText(plan.place)} over ${over}${warning}`;
  say();
  say(styled("dim", `;; from ${from} in ${elapsedMs.toFixed(1)} ms, ${sizeBytes} bytes`));
}

function sayShort(message: Message): void {
  for (const record of message.answer) say(rdataToText(record.type, record.rdata));
}

function sayWhole(plan: QueryPlan, asked: Reply, message: Message): void {
  for (const line of messageToText(message).split("\n")) {
    say(line.startsWith(";") ? styled("dim", line) : line);
  }
  sayFrom(plan, asked.transport.toUpperCase(), asked.elapsedMs, asked.message.length);
}

const FLAGS = ["qr", "aa", "tc", "rd", "ra", "ad", "cd"] as const;

/** The reply for a program to read: mnemonics, records as objects, errors in words. */
function toJson(plan: QueryPlan, asked: Reply, message: Message): unknown {
  const { opt } = message;
  const options = opt?.options ?? [];
  const errors = options.filter((option) => option.code === optionCode.extendedError);
  const nsid = options.find((option) => option.code === optionCode.nsid);
  return {
    server: placeToText(plan.place),
    transport: asked.transport,
    isChecked: isChecked(plan),
    elapsedMs: Number(asked.elapsedMs.toFixed(1)),
    sizeBytes: asked.message.length,
    id: message.header.id,
    status: rcodeToText(fullRcode(message)),
    flags: FLAGS.filter((name) => (message.header.flags & flag[name]) !== 0),
    question: message.questions.map(({ name, type, class: rrclass }) => ({
      name: nameToText(name),
      type: typeToText(type),
      class: classToText(rrclass),
    })),
    answer: message.answer.map(recordJson),
    authority: message.authority.map(recordJson),
    additional: message.additional.map(recordJson),
    edns: opt === undefined ? undefined : { udpSize: opt.udpSize, dnssecOk: opt.dnssecOk },
    nsid: nsid === undefined ? undefined : new TextDecoder().decode(nsid.data),
    errors: errors.map(({ data }) => errorJson(data)),
  };
}

function recordJson({ name, type, class: rrclass, ttl, rdata }: ResourceRecord): unknown {
  return {
    name: nameToText(name),
    type: typeToText(type),
    class: classToText(rrclass),
    ttl,
    data: rdataToText(type, rdata),
  };
}

/** An Extended DNS Error (RFC 8914 §2); one too short for a code is left as nothing. */
function errorJson(data: Uint8Array): unknown {
  if (data.length < 2) return null;
  const code = getU16(data, 0);
  return {
    code,
    meaning: extendedErrorToText(code),
    text: new TextDecoder().decode(data.subarray(2)),
  };
}

export const query: Command = { help, run };
