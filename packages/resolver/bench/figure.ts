/**
 * What a micro-benchmark tells: one line of JSON a figure, which `lethe bench micro` reads.
 *
 * A bench file tells each of its figures in several rounds; the least of them counts, since
 * whatever disturbs a round only makes it dearer.
 */
import { getHeapStatistics } from "node:v8";

export interface Figure {
  readonly title: string;
  /** CPU time of one question (or of what the title names) in nanoseconds. */
  readonly ns: number;
  /** Bytes allocated on JavaScript's heap for each; absent where that is not what is measured. */
  readonly bytes?: number;
}

/** Tells a figure. */
export function tell(figure: Figure): void {
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}

/** CPU time and allocation of this process from here on. */
export class Meter {
  readonly #cpu = process.cpuUsage();
  readonly #allocated = allocatedBytes();

  /** What it took for each of `count` since then. */
  each(count: number): { ns: number; bytes: number } {
    const { user, system } = process.cpuUsage(this.#cpu);
    const bytes = allocatedBytes() - this.#allocated;
    return { ns: ((user + system) * 1000) / count, bytes: bytes / count };
  }
}

/** Everything that was ever allocated on the heap, collected or not. */
function allocatedBytes(): number {
  const statistics = getHeapStatistics() as { readonly total_allocated_bytes?: number };
  return statistics.total_allocated_bytes ?? Number.NaN;
}
