/** Public clients ask `lethe serve --sandbox` over every transport. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { X509Certificate, createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isInstalled, start, stop, until } from "../../bench/processes.ts";
import { selfSigned } from "../../src/transports/self-signed.ts";
import { freePort } from "../free-port.ts";
import { type Served, portOf, serve } from "../served.ts";
import { type At, placeholders, transportClients } from "./transport-clients.ts";

/** Debian's own Python, whose packages other Pythons do not have. */
const PYTHON = "/usr/bin/python3";
const PATIENCE_MS = 30_000;
const SERVER_NAME = placeholders.name;

/** What a program prints on both outputs; `openssl s_client` ends when its input does. */
async function output(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: PATIENCE_MS });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  }
  await once(child, "close");
  return text;
}

/** What Python's clients do; each prints "good", or where something is not as it should be. */
const scripts: Readonly<Record<string, string>> = {
  "TLS: dnspython asks many times over one connection": `
import socket, ssl, sys, dns.message, dns.query
context = ssl.create_default_context(cafile=sys.argv[3])
raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
with context.wrap_socket(raw, server_hostname="${SERVER_NAME}") as stream:
    queries = [dns.message.make_query(f"www{i}.good.lethe", "A") for i in range(20)]
    queries.append(dns.message.make_query("www.good.lethe", "A", use_edns=0, pad=128))
    for query in queries:
        dns.query.send_tcp(stream, query)
    answers = {}
    for query in queries:
        answer, _ = dns.query.receive_tcp(stream)
        answers[answer.id] = answer
    for query in queries:
        assert query.is_response(answers[query.id]), answers
    last = answers[queries[-1].id]
    assert last.answer[0][0].address == "198.18.2.1" and len(last.to_wire()) <= 468, last
    assert any(option.otype == 12 for option in last.options), last
print("good")
`,
  "HTTPS, HTTP/2: python3-h2 asks by POST and GET on many streams": `
import base64, socket, ssl, sys, dns.message, h2.connection, h2.events
context = ssl.create_default_context(cafile=sys.argv[3])
context.set_alpn_protocols(["h2"])
raw = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
stream = context.wrap_socket(raw, server_hostname="${SERVER_NAME}")
assert stream.selected_alpn_protocol() == "h2"
http = h2.connection.H2Connection()
http.initiate_connection()
question = dns.message.make_query("www.good.lethe", "A", id=0).to_wire()
inurl = base64.urlsafe_b64encode(question).rstrip(b"=").decode()
def head(method, path, *more):
    return [(":method", method), (":scheme", "https"), (":authority", "dns.example"),
            (":path", path), *more]
for i in range(40):
    number = http.get_next_available_stream_id()
    if i % 2:
        http.send_headers(number, head("GET", f"/dns-query?dns={inurl}"), end_stream=True)
    else:
        kind = ("content-type", "application/dns-message")
        http.send_headers(number, head("POST", "/dns-query", kind))
        http.send_data(number, question[:7])
        http.send_data(number, question[7:], end_stream=True)
bodies, fields, done = {}, {}, 0
stream.sendall(http.data_to_send())
while done < 40:
    for event in http.receive_data(stream.recv(65535)):
        if isinstance(event, h2.events.ResponseReceived):
            fields[event.stream_id] = dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            bodies[event.stream_id] = bodies.get(event.stream_id, b"") + event.data
            http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            done += 1
    stream.sendall(http.data_to_send())
for number, body in bodies.items():
    got = {key.decode(): value.decode() for key, value in fields[number].items()}
    assert got[":status"] == "200" and got["content-type"] == "application/dns-message", got
    assert got["cache-control"].startswith("max-age=") and "set-cookie" not in got, got
    assert int(got["content-length"]) == len(body), got
    answer = dns.message.from_wire(body)
    assert answer.answer[0][0].address == "198.18.2.1", answer
assert len(bodies) == 40
print("good")
`,
};

describe("clients of every transport", () => {
  const directory = mkdtempSync(join(tmpdir(), "lethe-transports-"));
  let served: Served;
  let at: At;

  before(async () => {
    const trust = join(directory, "cert.pem");
    const key = join(directory, "key.pem");
    const questions = join(directory, "questions");
    const pair = await selfSigned([SERVER_NAME, "127.0.0.1"], Date.now());
    writeFileSync(trust, pair.certificate);
    writeFileSync(key, pair.key);
    writeFileSync(questions, "www.good.lethe A\n");
    served = await serve(
      [
        'listen.tls=["127.0.0.1:0"]',
        'listen.https=["127.0.0.1:0"]',
        `tls.certificate=${trust}`,
        `tls.key=${key}`,
        "resolve.workers=2",
      ],
      ["--sandbox"],
    );
    const { publicKey } = new X509Certificate(pair.certificate);
    const spki = publicKey.export({ type: "spki", format: "der" });
    at = {
      plain: String(served.port),
      tls: String(portOf(served, "DNS over TLS")),
      https: String(portOf(served, "DNS over HTTPS")),
      name: SERVER_NAME,
      trust,
      pin: createHash("sha256").update(spki).digest("base64"),
      questions,
    };
  });

  after(() => {
    served.child.kill("SIGTERM");
    rmSync(directory, { recursive: true });
  });

  for (const { spoken, program, args, sees } of transportClients) {
    const skip = isInstalled(program) ? false : `${program} is not installed`;
    const shown = args(placeholders);
    test(`${spoken}: ${program} ${shown.join(" ")}`, { skip }, async () => {
      const text = await output(program, args(at));
      for (const part of sees) assert.match(text, part);
    });
  }

  test("the digest that is printed is the one that pins", () => {
    assert.ok(
      served.lines.some((line) => line.startsWith("certificate:") && line.includes(at.pin)),
    );
  });

  test("openssl resumes at whatever worker it comes to, with 1.3 and 1.2", async (t) => {
    if (!isInstalled("openssl")) t.skip("openssl is not installed");
    const session = join(directory, "session");
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const common = ["s_client", "-connect", `127.0.0.1:${at.tls}`, version, "-CAfile", at.trust];
      assert.match(
        await output("sh", ["-c", `sleep 1 | openssl ${common.join(" ")} -sess_out ${session}`]),
        /New, /,
      );
      for (let i = 0; i < 6; i++) {
        assert.match(await output("openssl", [...common, "-sess_in", session]), /Reused, /);
      }
    }
  });

  test("TLS: stubby forwards to us with the digest that it was given", async (t) => {
    if (!isInstalled("stubby")) t.skip("stubby is not installed");
    const port = await freePort("127.0.0.1");
    const file = join(directory, "stubby.yml");
    writeFileSync(file, stubbyConfiguration(port, at));
    const stubby = start("stubby", [0, 1], ["stubby", "-C", file]);
    t.after(() => stop(stubby));
    const ask = [
      "@127.0.0.1",
      "-p",
      String(port),
      "+short",
      "+time=1",
      "+tries=1",
      "www.good.lethe",
    ];
    await until(stubby, async () => /198\.18\.2\.1/.test(await output("dig", ask)));
  });

  const hasH2 =
    isInstalled(PYTHON) && isInstalled(`${PYTHON} && ${PYTHON} -c "import h2, dns.query"`);
  const skipPython = hasH2 ? false : "python3-h2 or python3-dnspython is not installed";
  for (const [title, script] of Object.entries(scripts)) {
    test(title, { skip: skipPython }, async () => {
      const said = await output(PYTHON, ["-c", script, at.tls, at.https, at.trust]);
      assert.equal(said, "good\n");
    });
  }
});

function stubbyConfiguration(port: number, at: At): string {
  return `resolution_type: GETDNS_RESOLUTION_STUB
dns_transport_list:
  - GETDNS_TRANSPORT_TLS
tls_authentication: GETDNS_AUTHENTICATION_REQUIRED
tls_query_padding_blocksize: 128
idle_timeout: 2000
listen_addresses:
  - 127.0.0.1@${port}
upstream_recursive_servers:
  - address_data: 127.0.0.1
    tls_port: ${at.tls}
    tls_pubkey_pinset:
      - digest: "sha256"
        value: ${at.pin}
`;
}
