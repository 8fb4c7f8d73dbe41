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
import { serverToText } from "../../base/address.ts";
import { SystemRandom } from "../../system/random.ts";
import { type Command, type ExitCode, type Wrong, exit } from "../command.ts";
import { type Asked, askServer, writeClientQuery } from "../dns-client.ts";
import { complain, say, sayJson, styled } from "../print.ts";
import { type QueryPlan, readQueryArguments } from "../query-arguments.ts";

const help = `
usage: lethe query [@SERVER[:PORT]] NAME [TYPE] [CLASS] [+OPTION]…

Asks SERVER, an address, or Lethe at 127.0.0.1:5335 where none is named, and
prints the reply. Exit code 0 for NOERROR and NXDOMAIN, 1 for anything else.

  +udp         UDP only, even where the reply is truncated
  +tcp         TCP only
  +short       the data of the answer and nothing else
  +json-out    the reply as JSON
  +dnssec      DO=1: signatures and proofs too
  +cd          CD=1: unchecked answers too
  +norec       RD=0: only what the server has
  +nsid        ask which server this is (RFC 5001)
  +bufsize=N   UDP size in bytes that is offered; 0: no EDNS
  +time=N      seconds to wait for a reply, per try
`;

type Reply = Asked & { readonly kind: "reply" };

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const plan = readQueryArguments(args);
  if ("kind" in plan) return plan;
  const asked = await askServer(plan, writeClientQuery(plan, new SystemRandom()));
  if (asked.kind === "no-answer") {
    complain(`${serverToText(plan.server)}: ${asked.why}`);
    return exit.no;
  }
  const message = readMessage(asked.message);
  if (message.kind === "malformed") {
    complain(`${serverToText(plan.server)}: a malformed reply (${message.why})`);
    return exit.no;
  }
  if (plan.output === "json") sayJson(toJson(plan, asked, message));
  else if (plan.output === "short") sayShort(message);
  else sayWhole(plan, asked, message);
  const code = fullRcode(message);
  return code === rcode.NOERROR || code === rcode.NXDOMAIN ? exit.done : exit.no;
}

function sayShort(message: Message): void {
  for (const record of message.answer) say(rdataToText(record.type, record.rdata));
}

function sayWhole(plan: QueryPlan, asked: Reply, message: Message): void {
  for (const line of messageToText(message).split("\n")) {
    say(line.startsWith(";") ? styled("dim", line) : line);
  }
  say();
  const from = `${serverToText(plan.server)} over ${asked.transport.toUpperCase()}`;
  const time = `${asked.elapsedMs.toFixed(1)} ms`;
  say(styled("dim", `;; from ${from} in ${time}, ${asked.message.length} bytes`));
}

const FLAGS = ["qr", "aa", "tc", "rd", "ra", "ad", "cd"] as const;

/** The reply for a program to read: mnemonics, records as objects, errors in words. */
function toJson(plan: QueryPlan, asked: Reply, message: Message): unknown {
  const { opt } = message;
  const options = opt?.options ?? [];
  const errors = options.filter((option) => option.code === optionCode.extendedError);
  const nsid = options.find((option) => option.code === optionCode.nsid);
  return {
    server: serverToText(plan.server),
    transport: asked.transport,
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
