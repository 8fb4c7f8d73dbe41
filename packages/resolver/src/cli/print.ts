/**
 * Everything that Lethe prints: the one file that writes to standard output and standard error.
 *
 * PRIVACY: what `serve` prints is about listeners and settings; no client address and no question
 * name reaches this file but in `query`, `explain` and `replay`, whose user typed them.
 */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Writes a line to standard output. */
export function say(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** Writes one plain line to standard error, headed by the program's name. */
export function complain(line: string): void {
  process.stderr.write(`lethe: ${line.replaceAll("\n", " ")}\n`);
}

/** Writes a value that a program may read. */
export function sayJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Text in colour where standard output is a terminal that wants it; plain text elsewhere. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Rows in aligned columns, two spaces apart; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

/** A line on a terminal's standard error that shows how far a long command is. */
export class Progress {
  static readonly #quietMs = 2000;
  static readonly #intervalMs = 100;
  readonly #label: string;
  readonly #startedMs = performance.now();
  #shownMs = 0;

  constructor(label: string) {
    this.#label = label;
  }

  /** Says how far it is; shown only where the command takes longer than two seconds. */
  at(done: number, total: number): void {
    const nowMs = performance.now();
    if (!process.stderr.isTTY || nowMs - this.#startedMs < Progress.#quietMs) return;
    if (nowMs - this.#shownMs < Progress.#intervalMs) return;
    this.#shownMs = nowMs;
    process.stderr.write(`\r\x1b[K${this.#label}: ${done} of ${total}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shownMs > 0) process.stderr.write("\r\x1b[K");
  }
}

/** Ends quietly where the reader of a pipe has gone: `lethe config | head`. */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  }
}
