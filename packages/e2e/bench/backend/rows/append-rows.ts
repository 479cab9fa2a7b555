/** Messages going in: one by one, several in one APPEND, and by many clients at once. */
import {
  type BenchRow,
  CROWD_ACCOUNT,
  expectEqual,
  logIn,
  logInMain,
  messageAt,
  type RowContext,
  timed,
} from '../bench-row.ts';
import type { ImapLoad } from '../../../src/load/imap-load.ts';
import { getAccount } from '../mail-server.ts';

const CROWD = 8;

export const APPEND_ROWS: readonly BenchRow[] = [
  {
    id: 'append',
    title: ({ appendCount }) => `APPEND of ${appendCount} messages, one by one`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 0.25 },
    measure: (context) =>
      inNewFolder(context, async (load, folder) => {
        for (const message of messagesOf(context)) await load.append(folder, message);
      }),
  },
  {
    id: 'multiappend',
    title: ({ appendCount }) => `MULTIAPPEND of ${appendCount} messages`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: async (context) =>
      context.capabilities.has('MULTIAPPEND')
        ? inNewFolder(context, async (load, folder) => {
            await load.append(folder, ...messagesOf(context));
          })
        : undefined,
  },
  {
    id: 'append-crowd-one',
    title: ({ appendCount }) => `APPEND of ${appendCount}, ${CROWD} clients of one mailbox`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: (context) => appendAtOnce(context, () => CROWD_ACCOUNT),
  },
  {
    id: 'append-crowd',
    title: ({ appendCount }) => `APPEND of ${appendCount}, ${CROWD} clients, a mailbox each`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: (context) => appendAtOnce(context, (client) => CROWD_ACCOUNT + client),
  },
];

function messagesOf({ corpus, size }: RowContext): readonly Uint8Array[] {
  return Array.from({ length: size.appendCount }, (_unused, index) => messageAt(corpus, index));
}

async function inNewFolder(
  context: RowContext,
  fill: (load: ImapLoad, folder: string) => Promise<void>,
): Promise<Awaited<ReturnType<typeof timed>>> {
  await using load = await logInMain(context);
  await load.expectOk('CREATE appended');
  const sample = await timed(context.server, () => fill(load, 'appended'));
  await expectCount(load, 'appended', context.size.appendCount);
  await load.expectOk('DELETE appended');
  return sample;
}

async function appendAtOnce(
  context: RowContext,
  accountOf: (client: number) => number,
): Promise<Awaited<ReturnType<typeof timed>>> {
  const { server } = context;
  const loads = await Promise.all(
    Array.from({ length: CROWD }, (_unused, client) =>
      logIn(getAccount(server, accountOf(client))),
    ),
  );
  const perAccount = new Map<number, ImapLoad>(
    loads.map((load, client) => [accountOf(client), load]),
  );
  for (const load of perAccount.values()) await load.expectOk('CREATE crowd');
  const messages = messagesOf(context);
  let next = 0;
  const append = async (load: ImapLoad): Promise<void> => {
    for (let message = messages[next]; message !== undefined; message = messages[next]) {
      next += 1;
      await load.append('crowd', message);
    }
  };
  const sample = await timed(server, async () => {
    await Promise.all(loads.map(append));
  });
  let stored = 0;
  for (const load of perAccount.values()) {
    stored += await countMessages(load, 'crowd');
    await load.expectOk('DELETE crowd');
  }
  expectEqual('messages stored', stored, messages.length);
  await Promise.all(loads.map((load) => load[Symbol.asyncDispose]()));
  return sample;
}

async function expectCount(load: ImapLoad, folder: string, expected: number): Promise<void> {
  expectEqual(`messages in ${folder}`, await countMessages(load, folder), expected);
}

async function countMessages(load: ImapLoad, folder: string): Promise<number> {
  const { lines } = await load.expectOk(`STATUS ${folder} (MESSAGES)`);
  return Number(/MESSAGES (\d+)/.exec(lines.join(' '))?.[1]);
}
