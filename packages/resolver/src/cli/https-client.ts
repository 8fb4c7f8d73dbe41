/** DNS over HTTPS for people: messages by POST or GET (RFC 8484 §4.1), and questions in JSON. */
import { typeToText } from "@lethe/wire/codes-text.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { judgeReply, questionEnd } from "../upstream/match.ts";
import { authorityOf } from "./query-server.ts";
import type { QueryPlan } from "./query-arguments.ts";
import { type Failure, type HttpRequest, type Secured, requestOverTls } from "./secure-client.ts";

const MESSAGE = "application/dns-message";
const JSON_TYPES: ReadonlySet<string> = new Set(["application/dns-json", "application/json"]);

/** Sends a query whose id is 0, and gives the reply that belongs to it. */
export async function askOverHttps(
  plan: QueryPlan,
  secured: Secured,
  query: Uint8Array,
): Promise<Uint8Array | Failure> {
  const authority = authorityOf(plan.place);
  const { path } = secured.terms;
  const request: HttpRequest =
    plan.transport === "https-get"
      ? {
          method: "GET",
          authority,
          path: `${path}?dns=${Buffer.from(query).toString("base64url")}`,
          headers: { accept: MESSAGE },
          body: undefined,
        }
      : {
          method: "POST",
          authority,
          path,
          headers: { accept: MESSAGE, "content-type": MESSAGE },
          body: query,
        };
  const response = await requestOverTls(secured, request);
  if ("why" in response) return response;
  const { status, mediaType, body } = response;
  if (status !== 200) return { why: `HTTP status ${status}` };
  if (mediaType !== MESSAGE) return { why: `no ${MESSAGE} came back` };
  const isReply = judgeReply(query, questionEnd(query), body, body.length) === "match";
  return isReply ? body : { why: "what came back is no reply to the question" };
}

/** Asks in JSON, and gives the text of what came. */
export async function askInJson(plan: QueryPlan, secured: Secured): Promise<string | Failure> {
  const wishes = new URLSearchParams({
    name: nameToText(plan.name),
    type: typeToText(plan.type),
    ...(plan.dnssec ? { do: "1" } : {}),
    ...(plan.checkingDisabled ? { cd: "1" } : {}),
  });
  const response = await requestOverTls(secured, {
    method: "GET",
    authority: authorityOf(plan.place),
    path: `${secured.terms.path}?${wishes.toString()}`,
    headers: { accept: "application/dns-json" },
    body: undefined,
  });
  if ("why" in response) return response;
  const { status, mediaType, body } = response;
  if (status !== 200) return { why: `HTTP status ${status}` };
  if (!JSON_TYPES.has(mediaType)) return { why: "no JSON came back" };
  return new TextDecoder().decode(body);
}
