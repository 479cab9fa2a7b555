/** Processes below one that a test started, as Linux tells of them in /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** A process that runs now. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  /** Its arguments, joined by spaces. */
  readonly commandLine: string;
}

/** All descendants of a process that run now, children before theirs; zombies do not run. */
export function listDescendants(rootPid: number): readonly ProcessFacts[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const found: ProcessFacts[] = [];
  let parents = new Set([rootPid]);
  while (parents.size > 0) {
    const children = all.filter(({ parentPid }) => parents.has(parentPid));
    found.push(...children);
    parents = new Set(children.map(({ pid }) => pid));
  }
  return found;
}

/** Whether the process runs, or stands still; a zombie does not. */
export function isRunning(pid: number): boolean {
  return readProcess(pid) !== undefined;
}

/** Resident memory, in octets. */
export function readResidentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Sends a signal; no-op when the process is gone already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readProcess(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may hold any; state and parent follow the last one.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parentPid: Number(parent), commandLine };
  } catch {
    // It ended between the look and the reading.
    return undefined;
  }
}
