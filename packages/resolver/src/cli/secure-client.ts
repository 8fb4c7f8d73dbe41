/** The client's ways over TLS: one message over DNS over TLS, one request over HTTPS. */
import { once } from "node:events";
import { type OutgoingHttpHeaders, request as requestHttp1 } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import type { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";
import { setU16 } from "@lethe/wire/bytes.ts";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { SecureTerms } from "../base/secure-terms.ts";
import { FrameReader } from "../upstream/frame-reader.ts";
import { judgeReply, questionEnd } from "../upstream/match.ts";
import { TlsDialler, whyUntrusted } from "../upstream/tls-dial.ts";

const BODY_BYTES_MAX = limits.queryBodyBytesMax.value;

/** Why there is nothing, in plain words. */
export interface Failure {
  readonly why: string;
}

export interface Secured {
  readonly server: ServerAddress;
  readonly terms: SecureTerms;
  readonly timeoutMs: number;
}

/** One HTTP request. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly authority: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly mediaType: string;
  readonly body: Uint8Array;
}

/** Asks over TLS (RFC 7858); gives the reply that belongs to the query. */
export async function askOverTls(
  secured: Secured,
  query: Uint8Array,
): Promise<Uint8Array | Failure> {
  return await inside(secured, ["dot"], async (socket) => {
    const end = questionEnd(query);
    const frame = new Uint8Array(2 + query.length);
    setU16(frame, 0, query.length);
    frame.set(query, 2);
    return await new Promise<Uint8Array>((resolve) => {
      const frames = new FrameReader((reply) => {
        if (judgeReply(query, end, reply, reply.length) === "match") resolve(reply);
      });
      socket.on("data", (chunk: Buffer) => frames.read(chunk));
      socket.write(frame);
    });
  });
}

/** Makes a request over HTTP/2, or over HTTP/1.1 where the server has no better. */
export async function requestOverTls(
  secured: Secured,
  request: HttpRequest,
): Promise<HttpResponse | Failure> {
  return await inside(secured, ["h2", "http/1.1"], async (socket) => {
    return socket.alpnProtocol === "h2"
      ? await overHttp2(socket, request)
      : await overHttp1(socket, request);
  });
}

/** Opens TLS and does something in it, within its time. */
async function inside<T>(
  { server, terms, timeoutMs }: Secured,
  protocols: readonly string[],
  use: (socket: TLSSocket) => Promise<T | Failure>,
): Promise<T | Failure> {
  const socket = new TlsDialler().dial({ server, terms, protocols, source: undefined });
  const ended = new Promise<Failure>((resolve) => {
    const timer = setTimeout(() => {
      resolve({ why: `no reply within ${timeoutMs / 1000} s` });
      socket.destroy();
    }, timeoutMs);
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(failureOf(error)));
    socket.on("close", () => {
      clearTimeout(timer);
      // What came before the end is read first.
      setImmediate(() => resolve({ why: "the server closed the stream" }));
    });
  });
  const done = once(socket, "secureConnect").then(async () => await use(socket));
  const result = await Promise.race([ended, done.catch(failureOf)]);
  socket.destroy();
  return result;
}

/** What an error says to people. */
function failureOf(error: NodeJS.ErrnoException): Failure {
  const { code = "" } = error;
  if (code === "ECONNREFUSED") return { why: "nobody listens there" };
  return { why: whyUntrusted(code) ?? `cannot be reached (${code === "" ? error.message : code})` };
}

async function overHttp2(socket: TLSSocket, request: HttpRequest): Promise<HttpResponse | Failure> {
  const session = connectHttp2(`https://${request.authority}`, { createConnection: () => socket });
  session.on("error", () => {}); // the socket tells of it
  const stream = session.request({
    ":method": request.method,
    ":authority": request.authority,
    ":path": request.path,
    ...headersOf(request),
  });
  stream.end(request.body);
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  const body = await bodyOf(stream);
  session.destroy();
  return body === undefined ? TOO_LONG : { ...headOf(headers, Number(headers[":status"])), body };
}

async function overHttp1(socket: TLSSocket, request: HttpRequest): Promise<HttpResponse | Failure> {
  const { method, path, authority } = request;
  const headers = { host: authority, ...headersOf(request) };
  const sent = requestHttp1({
    method,
    path,
    headers,
    createConnection: () => socket,
  });
  sent.end(request.body);
  const [response] = await once(sent, "response");
  const body = await bodyOf(response);
  return body === undefined ? TOO_LONG : { ...headOf(response.headers, response.statusCode), body };
}

const TOO_LONG: Failure = { why: "its answer is longer than any that makes sense" };

function headersOf({ headers, body }: HttpRequest): OutgoingHttpHeaders {
  return { ...headers, ...(body === undefined ? {} : { "content-length": body.length }) };
}

function headOf(headers: Readonly<Record<string, unknown>>, status: number) {
  const { "content-type": told } = headers;
  const [mediaType = ""] = typeof told === "string" ? told.split(";") : [];
  return { status, mediaType: mediaType.trim().toLowerCase() };
}

/** The whole body; undefined where it is too long. */
async function bodyOf(stream: Readable): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > BODY_BYTES_MAX) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
