/**
 * Memory of the workers: what the engine may use in each for what lives shortly, and the board.
 *
 * PERF: what a question needs lives until its reply is there, some milliseconds; a young generation
 * of the usual size (48 MiB) is full before, so that all of it is moved, and most of it twice. The
 * caches have memory of their own, and what they answer allocates nothing.
 */
import type { ResourceLimits } from "node:worker_threads";
import { limits } from "../base/limits.ts";
import { AnswerBoard } from "../cache/answer-board.ts";
import type { ResolverOptions } from "../serve/resolver.ts";
import { SystemRandom } from "../system/random.ts";

export const workerMemory: ResourceLimits = {
  maxYoungGenerationSizeMb: limits.youngGenerationMib.value,
};

/** One part in eight of all caches is the board, where several workers share one. */
const BOARD_SHARE = 8;

/** The board of so many workers; undefined where one has nobody to share with. */
export function boardOf(
  { cacheBytes }: ResolverOptions,
  workers: number,
): SharedArrayBuffer | undefined {
  if (workers === 1) return undefined;
  return AnswerBoard.memoryOf(Math.floor((cacheBytes * workers) / BOARD_SHARE), new SystemRandom());
}

/** What a worker is told, its caches lessened by its part of the board. */
export function besideBoard(resolver: ResolverOptions, workers: number): ResolverOptions {
  if (workers === 1) return resolver;
  const { cacheBytes } = resolver;
  return { ...resolver, cacheBytes: cacheBytes - Math.floor(cacheBytes / BOARD_SHARE) };
}
