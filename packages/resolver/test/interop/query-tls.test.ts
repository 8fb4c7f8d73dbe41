/** `lethe query` as a program over TLS and HTTPS, against Unbound and Knot Resolver. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Running, isInstalled, stop } from "../../bench/processes.ts";
import { certificateFile, keyPin, serverName } from "../certificates.ts";
import { freePort } from "../free-port.ts";
import { main } from "../served.ts";
import { type TlsProgramName, startTlsProgram, tlsPrograms } from "./tls-programs.ts";

const ADDRESS = "192.0.2.80";
const CA = `+tls-ca=${certificateFile("authority")}`;

/** Exit code, and what was printed on both outputs. */
async function query(...args: readonly string[]): Promise<[number, string, string]> {
  const all = [main, "query", "www.corp.test", ...args];
  return await new Promise((resolve) => {
    execFile(process.execPath, all, (error, out, complaints) => {
      resolve([error === null ? 0 : Number(error.code), out.trim(), complaints.trim()]);
    });
  });
}

for (const name of Object.keys(tlsPrograms) as TlsProgramName[]) {
  const { command } = tlsPrograms[name];
  const skip = isInstalled(command) ? false : `${command} is not installed`;
  describe(`query over TLS to ${name}`, { skip }, () => {
    const directory = mkdtempSync(join(tmpdir(), "lethe-query-"));
    let running: Running;
    let tlsPort = 0;
    let httpsPort = 0;

    before(async () => {
      [tlsPort, httpsPort] = [await freePort("127.0.0.1"), await freePort("127.0.0.1")];
      const serving = { zone: "corp.test", address: ADDRESS, tlsPort, httpsPort };
      const where = { ...serving, directory: join(directory, name) };
      running = await startTlsProgram(name, where, "server");
    });
    after(async () => {
      await stop(running);
      rmSync(directory, { recursive: true });
    });

    const answered: readonly (readonly [string, () => readonly string[]])[] = [
      ["TLS by address", () => [`@127.0.0.1:${tlsPort}`, "+tls", CA]],
      ["TLS by name", () => [`@tls://127.0.0.1:${tlsPort}#${serverName}`, CA]],
      ["TLS by key", () => [`@127.0.0.1:${tlsPort}`, "+tls", `+tls-pin=${keyPin}`]],
      ["TLS unchecked", () => [`@127.0.0.1:${tlsPort}`, "+tls", "+tls-unchecked"]],
      ["HTTPS", () => [`@https://127.0.0.1:${httpsPort}/dns-query`, CA]],
      ["HTTPS by GET", () => [`@127.0.0.1:${httpsPort}`, "+https-get", CA]],
    ];
    for (const [title, args] of answered) {
      test(`is answered over ${title}`, async () => {
        assert.deepEqual(await query(...args(), "+short"), [0, ADDRESS, ""]);
      });
    }

    test("says in the last line what nobody proved", async () => {
      const [code, out] = await query(`@127.0.0.1:${tlsPort}`, "+tls", "+tls-unchecked");
      assert.equal(code, 0);
      assert.match(out, /;; from 127\.0\.0\.1:\d+ over TLS, its certificate unchecked, in /);
      const [, checked] = await query(`@127.0.0.1:${tlsPort}`, "+tls", CA);
      assert.match(checked, /;; from 127\.0\.0\.1:\d+ over TLS in /);
    });

    const refused: readonly (readonly [string, () => readonly string[], number, RegExp])[] = [
      [
        "nobody whom it knows vouches for the server",
        () => [`@127.0.0.1:${tlsPort}`, "+tls"],
        1,
        /its certificate is of an authority that is not trusted$/,
      ],
      [
        "the server has another name",
        () => [`@127.0.0.1:${tlsPort}`, "+tls", CA, "+tls-host=dns.other.example"],
        1,
        /its certificate is for another name$/,
      ],
      [
        "the path is another",
        () => [`@https://127.0.0.1:${httpsPort}/elsewhere`, CA],
        1,
        /HTTP status 404$|closed the stream$|HTTP status 400$/,
      ],
      [
        "there is no JSON",
        () => [`@127.0.0.1:${httpsPort}`, "+json", CA],
        1,
        /HTTP status 4\d\d$|closed the stream$/,
      ],
      [
        "arguments contradict each other",
        () => [`@tls://127.0.0.1:${tlsPort}`, "+https"],
        2,
        /expected \+tls$/,
      ],
    ];
    for (const [title, args, exitCode, why] of refused) {
      test(`ends with ${exitCode} and one line where ${title}`, async () => {
        const [code, out, complaint] = await query(...args());
        assert.deepEqual([code, out], [exitCode, ""]);
        assert.match(complaint, why);
        assert.ok(!complaint.includes("\n"));
      });
    }
  });
}
