/** Two worker processes against one: the same work of two accounts at once. */
import { availableParallelism } from 'node:os';
import { awaitQuiet } from '../await-quiet.ts';
import {
  type BenchRow,
  CROWD_ACCOUNT,
  logIn,
  messageAt,
  type RowContext,
  type Sample,
  timed,
} from '../bench-row.ts';
import type { ImapLoad } from '../../../src/load/imap-load.ts';
import { startHomewardServer } from '../homeward-server.ts';
import { getAccount, type MailServer } from '../mail-server.ts';

const ACCOUNTS = [CROWD_ACCOUNT, CROWD_ACCOUNT + 1];
const ROUNDS = 10;
/** Work for the server alone: next to nothing goes over the connection. */
const COMMAND = 'SEARCH HEADER X-Absent absent';

export const WORKER_ROWS: readonly BenchRow[] = [
  {
    id: 'workers',
    title: () => 'two workers against one: two accounts search at once',
    unit: '×',
    goal: { kind: 'at-least', value: 1.8 },
    isOnce: true,
    hasNoPeer: true,
    measure: measureWorkers,
  },
];

async function measureWorkers(context: RowContext): Promise<Sample> {
  await using two = await startHomewardServer(2);
  await fill(two, context);
  await fill(context.server, context);
  // Their indexes of texts are written by threads that would have a core, too.
  await awaitQuiet(two);
  await awaitQuiet(context.server);
  const alone: number[] = [];
  const together: number[] = [];
  for (let round = 0; round <= context.size.repeatCount; round += 1) {
    alone.push(await measureSearches(context.server));
    together.push(await measureSearches(two));
  }
  const cores = availableParallelism();
  // The least of each: what else the machine does can only add.
  const value = Math.min(...alone) / Math.min(...together);
  return { value, note: `on ${cores} cores, shared with whatever else runs` };
}

async function fill(server: MailServer, { corpus }: RowContext): Promise<void> {
  for (const index of ACCOUNTS) {
    await using load = await logIn(getAccount(server, index));
    await load.expectOk('CREATE sought');
    const sent = corpus.map((_message, at) => load.append('sought', messageAt(corpus, at)));
    await Promise.all(sent);
  }
}

async function measureSearches(server: MailServer): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const loads: ImapLoad[] = [];
  for (const index of ACCOUNTS) {
    const load = stack.use(await logIn(getAccount(server, index)));
    await load.expectOk('EXAMINE sought');
    loads.push(load);
  }
  const { value } = await timed(server, async () => {
    await Promise.all(
      loads.map(async (load) => {
        for (let round = 0; round < ROUNDS; round += 1) await load.expectOk(COMMAND);
      }),
    );
  });
  return value;
}
