/**
 * Processes of the front-end benchmark, each kept to one processor where the system has more than
 * one and `taskset`: what is measured on the first, all the rest on the last.
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
): RunningProcess {
  if (taskset === undefined) return startProcess(command, { ...options, args });
  const processor = part === 'measured' ? 0 : availableParallelism() - 1;
  return startProcess(taskset, { ...options, args: ['-c', String(processor), command, ...args] });
}

/** Starts a script of ours. */
export function startPinnedNode(
  part: Part,
  script: URL,
  args: readonly string[],
  options: Omit<ProcessOptions, 'args'> = {},
): RunningProcess {
  return startPinned(part, process.execPath, [script.pathname, ...args], options);
}
