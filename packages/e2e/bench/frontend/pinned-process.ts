/**
 * Processes of the front-end benchmark, each kept to one processor where the system has more than
 * one and `taskset`: what is measured on the first, all the rest on the last. Several workers, and
 * those who load them, have several.
 */
import { availableParallelism } from 'node:os';
import { type ProcessOptions, type RunningProcess, startProcess } from '@homeward/testkit';
import { findProgram } from './find-program.ts';

/** Which part of the benchmark a process is. */
export type Part = 'measured' | 'load';

const taskset = availableParallelism() > 1 ? findProgram('taskset') : undefined;

/** Starts a program; the caller stops it. */
export function startPinned(
  part: Part,
  command: string,
  args: readonly string[],
  options: Omit<ProcessOptions, 'args'> = {},
  processorCount: number = 1,
): RunningProcess {
  if (taskset === undefined) return startProcess(command, { ...options, args });
  const list = listProcessors(part, processorCount);
  return startProcess(taskset, { ...options, args: ['-c', list, command, ...args] });
}

/** From the first one on what is measured, up to the last one what loads it. */
function listProcessors(part: Part, count: number): string {
  const last = availableParallelism() - 1;
  return part === 'measured'
    ? `0-${Math.min(count - 1, last)}`
    : `${Math.max(0, last - count + 1)}-${last}`;
}

/** Starts a script of ours. */
export function startPinnedNode(
  part: Part,
  script: URL,
  args: readonly string[],
  processorCount: number = 1,
): RunningProcess {
  const all = [script.pathname, ...args];
  return startPinned(part, process.execPath, all, {}, processorCount);
}
