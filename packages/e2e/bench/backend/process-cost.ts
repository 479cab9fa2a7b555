/** What a tree of processes has cost so far, as Linux tells of it in /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock tick in /proc/PID/stat: 100 a second on every Linux that Node.js runs on. */
const TICK_MS = 10;

/**
 * CPU time of processes and of their children that have ended, in milliseconds. Exact for what
 * runs; what has ended counts in ticks.
 */
export function readCpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readThreadsMs(pid) + readEndedChildrenMs(pid), 0);
}

/** Memory that these processes share with nobody, in octets. */
export function readPrivateBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readPrivateBytesOf(pid), 0);
}

function readThreadsMs(pid: number): number {
  let sumNs = 0;
  for (const thread of attempt(() => readdirSync(`/proc/${pid}/task`)) ?? []) {
    const text = attempt(() => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1'));
    sumNs += Number(text?.split(' ', 1)[0] ?? 0);
  }
  return sumNs / 1e6;
}

function readEndedChildrenMs(pid: number): number {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (stat === undefined) return 0;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // cutime and cstime are fields 16 and 17 of proc(5); the state, field 3, is the first here.
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

function readPrivateBytesOf(pid: number): number {
  const text = attempt(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')) ?? '';
  let kilobytes = 0;
  for (const [, count] of text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)) {
    kilobytes += Number(count);
  }
  return kilobytes * 1024;
}

/** @returns undefined for what has ended meanwhile. */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
