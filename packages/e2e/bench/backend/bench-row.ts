/** What the benchmark measures is a list of rows; this is the form of one. */
import { performance } from 'node:perf_hooks';
import { ImapLoad, WrongAnswerError } from '../../src/load/imap-load.ts';
import { type BenchAccount, getAccount, type MailServer } from './mail-server.ts';
import { readCpuMs } from './process-cost.ts';

/** How much mail, and how often. */
export interface BenchSize {
  /** APPEND and POP3 rows. */
  readonly appendCount: number;
  /** The large folder. */
  readonly folderCount: number;
  /** The folder that a greedy client searches. */
  readonly hugeCount: number;
  readonly greedyBytes: number;
  readonly idleSampleCount: number;
  readonly idleSessionCount: number;
  readonly listFolderCount: number;
  /** Measurements behind the first one. */
  readonly repeatCount: number;
}

/** One server, filled, and what was put in. */
export interface RowContext {
  readonly server: MailServer;
  readonly corpus: readonly Uint8Array[];
  readonly size: BenchSize;
  readonly capabilities: ReadonlySet<string>;
}

/** One measurement. */
export interface Sample {
  /** In the row's unit. */
  readonly value: number;
  /** Of all the server's processes. */
  readonly cpuMs?: number;
  readonly note?: string;
}

/** What the value has to be. */
export type Goal =
  /** At most so much of the peer's. */
  | { readonly kind: 'of-peer'; readonly share: number }
  | { readonly kind: 'at-most'; readonly value: number }
  | { readonly kind: 'at-least'; readonly value: number };

export interface BenchRow {
  /** For `--only`. */
  readonly id: string;
  readonly title: (size: BenchSize) => string;
  readonly unit: 'ms' | 'KB' | '×';
  readonly goal: Goal;
  /** Measured once alone: too long, or it changes what it measures. */
  readonly isOnce?: boolean;
  /** Our own alone. */
  readonly hasNoPeer?: boolean;
  /** @returns undefined if the server cannot do it. */
  readonly measure: (context: RowContext) => Promise<Sample | undefined>;
}

/** Whose mailbox has the large folder. */
export const MAIN_ACCOUNT = 0;
/** Where the mail for POP3 is. */
export const POP3_ACCOUNT = 1;
/** Somebody else, who must not suffer. */
export const OTHER_ACCOUNT = 2;
/** The first of the accounts that append at once, and of those at two workers. */
export const CROWD_ACCOUNT = 4;

export function logIn({ imapPort, name, password }: BenchAccount): Promise<ImapLoad> {
  return ImapLoad.logIn(imapPort, name, password);
}

/** A session of the account that has the large folder. */
export function logInMain({ server }: RowContext): Promise<ImapLoad> {
  return logIn(getAccount(server, MAIN_ACCOUNT));
}

/** Wall time of `work`, and the CPU time that it cost the server. */
export async function timed(server: MailServer, work: () => Promise<void>): Promise<Sample> {
  const cpuBeforeMs = readCpuMs(server.listPids());
  const startedMs = performance.now();
  await work();
  const value = performance.now() - startedMs;
  return { value, cpuMs: Math.max(0, readCpuMs(server.listPids()) - cpuBeforeMs) };
}

/** @throws WrongAnswerError unless both are equal. */
export function expectEqual(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new WrongAnswerError(`${what}: ${actual}, not ${expected}`);
}

/** Octets of `count` messages in a folder that repeats the corpus. */
export function countOctets(corpus: readonly Uint8Array[], count: number): number {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += messageAt(corpus, index).length;
  return sum;
}

export function messageAt(corpus: readonly Uint8Array[], index: number): Uint8Array {
  const message = corpus[index % corpus.length];
  if (message === undefined) throw new Error('the corpus is empty');
  return message;
}

/** The value at a share of the sorted ones, 0.99 for p99. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
