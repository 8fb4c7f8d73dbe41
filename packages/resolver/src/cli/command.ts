/** What a command is, and what its exit code says. */

/** The exit codes of every command. */
export const exit = {
  done: 0,
  /** The answer is "no": a failed check, SERVFAIL in `query`. */
  no: 1,
  /** Bad arguments or configuration: one plain line on standard error says which. */
  wrong: 2,
  /** There is an answer, and nothing proves it: `explain`. */
  unproven: 3,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

export interface Command {
  /** What `lethe COMMAND --help` prints: usage first, then the options. */
  readonly help: string;
  /** Runs it with the arguments behind its name. */
  run(args: readonly string[]): Promise<ExitCode | Wrong>;
}

/**
 * Arguments or settings that make no sense, in one plain line: what, its value, what was expected.
 */
export interface Wrong {
  readonly kind: "wrong";
  readonly line: string;
}

export function wrong(line: string): Wrong {
  return { kind: "wrong", line };
}
