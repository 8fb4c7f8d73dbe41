/** A lock on a file that ends with the process, however that ends (flock of Linux). */
import { closeSync, openSync } from "node:fs";
import type { Libc } from "./libc.ts";
import type { FileProblem } from "./safe-file.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const MODE = 0o644;

/** Takes the lock for good; the descriptor stays open. Gives why it cannot be had. */
export function lockForGood(libc: Libc, path: string): FileProblem | undefined {
  let fd: number;
  try {
    fd = openSync(path, "a", MODE);
  } catch (error) {
    return { kind: "file-problem", why: (error as NodeJS.ErrnoException).code ?? "unknown" };
  }
  if (libc.flock(fd, LOCK_EX | LOCK_NB) === 0) return undefined;
  closeSync(fd);
  return { kind: "file-problem", why: "another process has it" };
}
