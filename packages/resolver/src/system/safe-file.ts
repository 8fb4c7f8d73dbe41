/**
 * Small files that a crash leaves whole: either what was there, or what was to be written.
 *
 * The new text goes to a file beside it, to the disk, takes the old one's name, and the name goes
 * to the disk too.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** Why a file could not be read or written: the errno's name, or what is wrong with it. */
export interface FileProblem {
  readonly kind: "file-problem";
  readonly why: string;
}

/** Owner writes, everybody reads: what is kept so is public, unless another mode is given. */
const MODE = 0o644;
const DIRECTORY_MODE = 0o755;

/** Makes a directory, and those above it; nothing where it is there. */
export function makeDirectory(path: string): FileProblem | undefined {
  return attempt(() => {
    mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
    return undefined;
  });
}

/** The text of a file of at most so many bytes; undefined: there is none. */
export function readSmallFile(path: string, bytesMax: number): string | FileProblem | undefined {
  const text = attempt(() => {
    if (statSync(path).size > bytesMax) return problem(`more than ${bytesMax} bytes`);
    return readFileSync(path, "utf8");
  });
  return typeof text === "object" && text.why === "ENOENT" ? undefined : text;
}

/** Writes a file as a whole; until it is written, the old one stands. */
export function writeSafely(path: string, text: string, mode = MODE): FileProblem | undefined {
  return attempt(() => {
    const fresh = `${path}.new`;
    // What a crash left there may be for others to read.
    rmSync(fresh, { force: true });
    withFile(
      fresh,
      "w",
      (fd) => {
        writeAll(fd, new TextEncoder().encode(text));
        fsyncSync(fd);
      },
      mode,
    );
    renameSync(fresh, path);
    withFile(dirname(path), "r", fsyncSync);
    return undefined;
  });
}

/** Gives a file another name in the same directory. */
export function rename(from: string, to: string): FileProblem | undefined {
  return attempt(() => {
    renameSync(from, to);
    withFile(dirname(to), "r", fsyncSync);
    return undefined;
  });
}

function withFile(path: string, how: "r" | "w", use: (fd: number) => void, mode = MODE): void {
  const fd = openSync(path, how, mode);
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}

/** The kernel may take less than it is given. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

function attempt<T>(act: () => T): T | FileProblem {
  try {
    return act();
  } catch (error) {
    return problem((error as NodeJS.ErrnoException).code ?? "unknown");
  }
}

function problem(why: string): FileProblem {
  return { kind: "file-problem", why };
}
