/** Heads of responses of HTTP/1.1 (RFC 9112 §4). */
import { type HttpResponse, NOT_SAID } from "../http/service.ts";

/** RFC 9110 §15: the words are for people. */
const reasons = new Map([
  [200, "OK"],
  [204, "No Content"],
  [301, "Moved Permanently"],
  [304, "Not Modified"],
  [400, "Bad Request"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [415, "Unsupported Media Type"],
  [417, "Expectation Failed"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [504, "Gateway Timeout"],
  [505, "HTTP Version Not Supported"],
]);

/** The head of a response, to its empty line; `isLast` says that the connection ends with it. */
export function responseHead(response: HttpResponse, isLast: boolean): Buffer {
  const { status, type, maxAgeS, body, fields = [] } = response;
  const lines = [
    `HTTP/1.1 ${status} ${reasons.get(status) ?? ""}`,
    `content-type: ${type}`,
    `content-length: ${body.length}`,
    "access-control-allow-origin: *",
    ...(maxAgeS === NOT_SAID ? [] : [`cache-control: max-age=${maxAgeS}`]),
    ...fields.map(([name, value]) => `${name}: ${value}`),
    ...(isLast ? ["connection: close"] : []),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}
