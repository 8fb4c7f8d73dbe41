/**
 * The few things that a ledger asks of a disk, each a step that can fail by itself.
 *
 * They are given to the ledger, so that a test can have any of them fail, or say that it failed
 * when it did not, or lose what was not brought to the disk.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { FileProblem } from "../../system/safe-file.ts";

/** Files of one directory, by name. Failures are values. */
export interface LedgerFiles {
  /** All bytes from one place to another; fewer where the file ends. Undefined: no such file. */
  read(name: string, from: number, to: number): Uint8Array | undefined | FileProblem;
  /** How long a file is; undefined: there is none. */
  size(name: string): number | undefined | FileProblem;
  /** Cuts a file off, or makes an empty one; readable by the owner alone where it is secret. */
  cut(name: string, size: number, isSecret?: boolean): FileProblem | undefined;
  /** Writes bytes at a place of a file that is there. */
  write(name: string, at: number, bytes: Uint8Array): FileProblem | undefined;
  /** Brings a file's bytes to the disk. */
  sync(name: string): FileProblem | undefined;
  /** Gives a file another's name, and so ends the other, in one step. */
  rename(from: string, to: string): FileProblem | undefined;
  remove(name: string): FileProblem | undefined;
  /** Brings the directory's names to the disk. */
  syncNames(): FileProblem | undefined;
  names(): readonly string[] | FileProblem;
}

const PUBLIC_MODE = 0o644;
const SECRET_MODE = 0o600;
const DIRECTORY_MODE = 0o755;

/** The files of a directory on disk; with `isMade`, one that is absent is made. */
export function diskFiles(directory: string, isMade: boolean): LedgerFiles | FileProblem {
  if (!isMade) return new DiskFiles(directory);
  const made = attempt(() => {
    mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
    return undefined;
  });
  return made ?? new DiskFiles(directory);
}

class DiskFiles implements LedgerFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  read(name: string, from: number, to: number): Uint8Array | undefined | FileProblem {
    if (!existsSync(this.#path(name))) return undefined;
    return this.#with(name, "r", (fd) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(to, fstatSync(fd).size) - from));
      let size = 0;
      while (size < bytes.length) {
        const got = readSync(fd, bytes, size, bytes.length - size, from + size);
        if (got === 0) break;
        size += got;
      }
      return bytes.subarray(0, size);
    });
  }

  size(name: string): number | undefined | FileProblem {
    if (!existsSync(this.#path(name))) return undefined;
    return this.#with(name, "r", (fd) => fstatSync(fd).size);
  }

  cut(name: string, size: number, isSecret = false): FileProblem | undefined {
    return attempt(() => {
      // Append mode makes the file where it is absent and leaves it where it is not.
      const fd = openSync(this.#path(name), "a", isSecret ? SECRET_MODE : PUBLIC_MODE);
      try {
        ftruncateSync(fd, size);
      } finally {
        closeSync(fd);
      }
      return undefined;
    });
  }

  write(name: string, at: number, bytes: Uint8Array): FileProblem | undefined {
    return this.#with(name, "r+", (fd) => {
      // The kernel may take less than it is given.
      let done = 0;
      while (done < bytes.length) {
        done += writeSync(fd, bytes, done, bytes.length - done, at + done);
      }
      return undefined;
    });
  }

  sync(name: string): FileProblem | undefined {
    return this.#with(name, "r+", (fd) => {
      fsyncSync(fd);
      return undefined;
    });
  }

  rename(from: string, to: string): FileProblem | undefined {
    return attempt(() => {
      renameSync(this.#path(from), this.#path(to));
      return undefined;
    });
  }

  remove(name: string): FileProblem | undefined {
    return attempt(() => {
      unlinkSync(this.#path(name));
      return undefined;
    });
  }

  syncNames(): FileProblem | undefined {
    return attempt(() => {
      const fd = openSync(this.#directory, "r");
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      return undefined;
    });
  }

  names(): readonly string[] | FileProblem {
    return attempt(() => readdirSync(this.#directory));
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  #with<T>(name: string, how: "r" | "r+", use: (fd: number) => T): T | FileProblem {
    return attempt(() => {
      const fd = openSync(this.#path(name), how);
      try {
        return use(fd);
      } finally {
        closeSync(fd);
      }
    });
  }
}

function attempt<T>(act: () => T): T | FileProblem {
  try {
    return act();
  } catch (error) {
    return { kind: "file-problem", why: (error as NodeJS.ErrnoException).code ?? "unknown" };
  }
}

/** Says whether a step of a disk failed. */
export function isProblem(value: unknown): value is FileProblem {
  return (
    typeof value === "object" && value !== null && "kind" in value && value.kind === "file-problem"
  );
}

/**
 * Writes a small file as a whole, by a name of its own first: a crash leaves the old one or the
 * new. `isInDoubt` tells that the name may have changed although a step failed.
 */
export function replaceFile(
  files: LedgerFiles,
  name: string,
  bytes: Uint8Array,
  isSecret = false,
): { readonly problem: FileProblem; readonly isInDoubt: boolean } | undefined {
  const fresh = `${name}.new`;
  const before = files.cut(fresh, 0, isSecret) ?? files.write(fresh, 0, bytes) ?? files.sync(fresh);
  if (before !== undefined) return { problem: before, isInDoubt: false };
  const after = files.rename(fresh, name) ?? files.syncNames();
  return after === undefined ? undefined : { problem: after, isInDoubt: true };
}
