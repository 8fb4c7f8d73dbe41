/** The measurement as Markdown and as a plot, for people who were not there. */
import { cpus, release, totalmem } from "node:os";
import { barsOf } from "./bars.ts";
import type { Measured, PeersReport } from "./beside.ts";

/** The server that all others are compared with. */
const BASE = "unbound";

/** A figure beside Unbound's in the same row; NaN where one of them is not there. */
function ratioToBase(report: PeersReport, one: Measured): number {
  const base = report.measured.find(({ row, server }) => row === one.row && server === BASE);
  return one.cpuUs / (base?.cpuUs ?? Number.NaN);
}

/** The table for the terminal and for Markdown: a line for each row and server. */
export function tableRows(report: PeersReport): string[][] {
  const lines: string[][] = [
    ["row", "server", "CPU a question", "to Unbound", "a second", "latency", "lost or failed"],
  ];
  for (const row of report.rows) {
    for (const one of report.measured.filter((measured) => measured.row === row.id)) {
      lines.push([
        row.title,
        one.server,
        `${one.cpuUs.toFixed(2)} µs`,
        `${ratioToBase(report, one).toFixed(2)} ×`,
        one.perSecond.toFixed(0),
        latencyOf(one),
        `${one.lostPercent.toFixed(2)} %`,
      ]);
    }
  }
  const base = report.memory.find(({ server }) => server === BASE)?.bytes ?? Number.NaN;
  for (const { server, bytes } of report.memory) {
    const ratio = `${(bytes / base).toFixed(2)} ×`;
    lines.push(["memory a cached name", server, `${bytes.toFixed(0)} bytes`, ratio, "", "", ""]);
  }
  return lines;
}

/** The mean, or what half and 99 of a hundred answers took at most. */
function latencyOf({ meanMs, p50Ms, p99Ms }: Measured): string {
  if (!Number.isFinite(p99Ms)) return `${meanMs.toFixed(2)} ms`;
  return `p50 ${p50Ms.toFixed(2)}, p99 ${p99Ms.toFixed(2)} ms`;
}

/** The bars that Lethe means to pass, and what this run shows of each. */
export function barRows(report: PeersReport): string[][] {
  const lines = [["bar", "at most", "measured", "passed"]];
  for (const { title, most, figure } of barsOf(report)) {
    if (Number.isNaN(figure)) lines.push([title, most.toFixed(2), "", "not measured"]);
    else lines.push([title, most.toFixed(2), figure.toFixed(2), figure <= most ? "yes" : "no"]);
  }
  return lines;
}

function inMarkdown(table: readonly (readonly string[])[]): string {
  const [head, ...lines] = table.map((cells) => `| ${cells.join(" | ")} |`);
  return [head, head!.replaceAll(/[^|]+/g, "---"), ...lines].join("\n");
}

/** The whole report; the plot stands beside it as `peers.svg`. */
export function markdown(report: PeersReport, date: string): string {
  const servers = report.servers.map(({ name, version }) => `${name} (${version})`).join(", ");
  const cpu = cpus();
  return `# Beside other resolvers

Written by \`lethe bench peers\` on ${date}.

Machine: ${cpu.length} × ${cpu[0]?.model.trim() ?? "unknown"}, \
${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}; \
load average before the run ${report.loadBefore.toFixed(1)}.
Servers: ${servers}.
Each row: ${report.rounds} rounds for each server, turn by turn, the same questions for all; the \
round with the median CPU time counts.${report.isQuick ? QUICK_REMARK : ""}

![CPU time a question beside Unbound's](peers.svg)

## Bars

${inMarkdown(barRows(report))}

## Figures

${inMarkdown(tableRows(report))}

## What was done

One thread of each server on one core, dnsperf and the authorities on another, all on loopback. The
zones \`bench.lethe\` and \`signed.lethe\` are served by nsd, the root and the tree of the cold walk
by a server that writes its referrals as they are asked for. Configurations are those of
\`bench/peers/\`: the performance settings of each manual, caches of equal size; nothing is
validated but in the rows that say so, where everybody has the signed zone's DS as trust anchor.
Lethe's admission, limits and counters are on. CPU time is what the kernel accounts to the server's
process, all threads, user and system; before the first round each was asked the same in the same
way. The echo is Lethe's UDP listener with nothing behind it: what the sockets alone cost in this
language.

- Cached rows ask for 1,000 names.
- "One upstream question" asks for names that nobody asked before, all under one wildcard, so that
  each takes one question to the zone's authority. All go to one server, as those for a large
  top-level domain do: who uses a socket for several questions has an advantage here that a question
  to a server never asked before does not have (decision 38).
- The cold walk asks for a name in a zone and a top-level domain of its own: three questions each
  with names shown label by label, four for who does more.
- The mixed load draws from 100,000 names by Zipf's law (exponent 1).
- Latency is that of each answer, at half of what Unbound answered at saturation in this run.
- Two workers share both cores with the load. The share is that of the threads' CPU time.
- Memory is what the process grew by, resident, while ${report.names.toLocaleString("en")} names
  were asked that were not asked before.

## What the numbers are not

- Not the speed of a machine with many cores, nor over a real network: load and server share
  memory, caches and the hypervisor's mercy. Ratios within a row mean something; absolute figures
  of different runs do not, and ratios differ by a tenth from run to run on a busy machine.
- Throughput and latency at saturation are also those of the load, which has one core for itself
  and the authorities: CPU time a question is the server's alone.
- Batches are full at saturation. At 5,000 questions a second each is a wake-up of its own, and
  most of the cost is the kernel's.
- Kernel work on a datagram's arrival is partly accounted to the sender.
- Nothing at all where the load average before the run was not near zero: others had the cores.
- Memory is the growth of a process that had answered the other rows before: what an allocator or
  a cache on file had taken already is not seen, which flatters knot-resolver above all.
`;
}

const QUICK_REMARK = `

**A quick run: it shows that all of it works, and nothing of how fast anybody is.**`;

const COLOURS: Readonly<Record<string, string>> = {
  lethe: "#0b7285",
  unbound: "#868e96",
  kresd: "#d9a441",
  pdns: "#9775b5",
  named: "#c2665a",
  echo: "#ced4da",
};
const BAR = 14;
const GAP = 18;
const LEFT = 300;
const WIDTH = 900;
/** Bars longer than so many times Unbound's are cut, and say by their number how long they are. */
const RATIO_MAX = 3;
const SCALE = (WIDTH - LEFT - 80) / RATIO_MAX;

/** Bars of CPU time beside Unbound's, a group a row; shorter is better. */
export function svg(report: PeersReport): string {
  const parts: string[] = [];
  let y = 40;
  for (const row of report.rows) {
    const group = report.measured.filter((measured) => measured.row === row.id);
    parts.push(text(8, y + (group.length * BAR) / 2 + 4, row.title));
    for (const one of group) {
      const ratio = ratioToBase(report, one);
      const width = Math.min(ratio, RATIO_MAX) * SCALE;
      const fill = COLOURS[one.server] ?? "#333";
      parts.push(
        `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 2}" fill="${fill}"/>`,
        text(
          LEFT + width + 6,
          y + 10,
          `${one.server} ${ratio.toFixed(2)} (${one.cpuUs.toFixed(1)} µs)`,
        ),
      );
      y += BAR;
    }
    y += GAP;
  }
  const unit = LEFT + SCALE;
  parts.push(
    `<line x1="${unit}" y1="32" x2="${unit}" y2="${y}" stroke="#333" stroke-dasharray="3"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" \
font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${text(8, 20, "CPU time a question, Unbound = 1; shorter is better")}
${parts.join("\n")}
</svg>
`;
}

function text(x: number, y: number, what: string): string {
  return `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" fill="#222">${what}</text>`;
}
