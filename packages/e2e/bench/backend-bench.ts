/**
 * `npm run bench -- backend`: our back end beside Dovecot (Maildir, synced as shipped) on this machine in
 * one run, by the same client over the same kind of connection, without TLS and without a front
 * end. Answers are checked. Says what was measured; whether that is good is the reader's to say,
 * the goals stand beside.
 *
 *     npm run bench -- backend --quick
 *     npm run bench -- backend --only 'fetch|^search' --json
 */
import { once } from 'node:events';

import { awaitQuiet } from './backend/await-quiet.ts';
import { formatHeading, formatJson, formatRow } from './backend/report.ts';
import { type BenchOptions, parseBenchOptions, USAGE } from './backend/bench-options.ts';
import type { BenchRow, RowContext } from './backend/bench-row.ts';
import { findDovecot, HOW_TO_GET_DOVECOT, startDovecotServer } from './backend/dovecot-server.ts';
import { fillServer } from './backend/fill-server.ts';
import { startHomewardServer } from './backend/homeward-server.ts';
import { createCorpus } from './backend/mail-corpus.ts';
import type { MailServer } from './backend/mail-server.ts';
import { APPEND_ROWS } from './backend/rows/append-rows.ts';
import { CHANGE_ROWS } from './backend/rows/change-rows.ts';
import { FOLDER_ROWS } from './backend/rows/folder-rows.ts';
import { GREEDY_ROWS } from './backend/rows/greedy-rows.ts';
import { IDLE_ROWS } from './backend/rows/idle-rows.ts';
import { POP3_ROWS } from './backend/rows/pop3-rows.ts';
import { READ_ROWS } from './backend/rows/read-rows.ts';
import { WORKER_ROWS } from './backend/rows/worker-rows.ts';
import { type RowResult, runRow } from './backend/run-rows.ts';

/** Distinct messages; larger folders have them several times. */
const CORPUS_COUNT = 2_000;

/** Reading comes first: its first round then meets what nobody has read before. */
const ROWS: readonly BenchRow[] = [
  ...READ_ROWS,
  ...APPEND_ROWS,
  ...CHANGE_ROWS,
  ...FOLDER_ROWS,
  ...POP3_ROWS,
  ...IDLE_ROWS,
  ...GREEDY_ROWS,
  ...WORKER_ROWS,
];

const options = parseBenchOptions(process.argv.slice(2));
if (options.isHelp) process.stdout.write(USAGE);
else process.exitCode = (await runBench(options)) ? 0 : 1;

/** @returns whether everything could be measured and every answer was right. */
async function runBench(options: BenchOptions): Promise<boolean> {
  // Its end stops the servers, also when the benchmark itself is told to stop.
  await using stack = new AsyncDisposableStack();
  const stop = new AbortController();
  return await Promise.race([measureAll(options, stack, stop.signal), untilStopped(stop)]);
}

async function untilStopped(stop: AbortController): Promise<false> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  await Promise.race(signals.map((signal) => once(process, signal)));
  stop.abort();
  tell('stopped');
  return false;
}

async function measureAll(
  { size, only, isJson, hasPeer }: BenchOptions,
  stack: AsyncDisposableStack,
  stop: AbortSignal,
): Promise<boolean> {
  const rows = ROWS.filter(({ id }) => only.test(id));
  const servers: MailServer[] = [stack.use(await startHomewardServer())];
  const peer = hasPeer ? await startPeer() : undefined;
  if (peer !== undefined) servers.push(stack.use(peer));
  const corpus = createCorpus(Math.min(CORPUS_COUNT, size.folderCount));
  const isHuge = rows.some(({ id }) => id === 'greedy-search');
  const contexts: RowContext[] = [];
  for (const server of servers) {
    tell(`filling ${server.name}: ${size.folderCount} messages`);
    contexts.push(await fillServer(server, corpus, size, isHuge));
    if (stop.aborted) return false;
    const restMs = await awaitQuiet(server);
    tell(`${server.name} is at rest, after ${restMs.toFixed(0)} ms of CPU time behind its answers`);
  }
  const names = servers.map(({ name }) => name);
  if (!isJson) print(formatHeading(names));
  const results: RowResult[] = [];
  for (const row of rows) {
    if (isJson) tell(row.id);
    const result = await runRow(row, contexts);
    if (stop.aborted) return false;
    results.push(result);
    if (!isJson) print(formatRow(result, names, size));
  }
  if (isJson) print(formatJson(results, size));
  return results.every(({ cells }) => [...cells.values()].every(({ kind }) => kind !== 'failed'));
}

async function startPeer(): Promise<MailServer | undefined> {
  const binary = findDovecot();
  if (binary !== undefined) return startDovecotServer(binary);
  tell(HOW_TO_GET_DOVECOT);
  return undefined;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
