/** Looking at the large folder: SELECT, FETCH and SEARCH. */
import {
  type BenchRow,
  countOctets,
  expectEqual,
  logInMain,
  MAIN_ACCOUNT,
  type RowContext,
  type Sample,
  timed,
} from '../bench-row.ts';
import { ImapLoad } from '../../../src/load/imap-load.ts';
import type { Reply } from '../../../src/load/load-reply.ts';
import { KNOWN_SEARCHES, type KnownSearch } from '../mail-corpus.ts';
import { getAccount } from '../mail-server.ts';

type Check = (reply: Reply, context: RowContext) => void;

export const READ_ROWS: readonly BenchRow[] = [
  {
    id: 'select',
    title: ({ folderCount }) => `login and SELECT of ${folderCount} messages`,
    unit: 'ms',
    goal: { kind: 'of-peer', share: 1 },
    measure: measureSelect,
  },
  createFetchRow('flags', 'FETCH 1:* (UID FLAGS)'),
  createFetchRow('envelope', 'FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)'),
  createFetchRow('structure', 'FETCH 1:* (BODYSTRUCTURE)'),
  createFetchRow(
    'header-fields',
    'UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE)])',
  ),
  createFetchRow('bodies', 'FETCH 1:* (BODY.PEEK[])', (reply, { corpus, size }) => {
    expectEqual('octets', reply.literalBytes, countOctets(corpus, size.folderCount));
  }),
  createSearchRow('search-subject', KNOWN_SEARCHES.subject, 1),
  createSearchRow('search-from', KNOWN_SEARCHES.from, 1),
  createSearchRow('search-body', KNOWN_SEARCHES.body, 0.1),
];

function createFetchRow(id: string, command: string, check?: Check): BenchRow {
  return createReadRow(id, command, 1, (reply, context) => {
    expectEqual('FETCH responses', reply.fetchCount, context.size.folderCount);
    check?.(reply, context);
  });
}

function createSearchRow(id: string, { criterion, finds }: KnownSearch, share: number): BenchRow {
  return createReadRow(id, `SEARCH ${criterion}`, share, (reply, { corpus, size }) => {
    let expected = 0;
    for (let index = 0; index < size.folderCount; index += 1) {
      if (finds(index % corpus.length)) expected += 1;
    }
    const found = reply.lines
      .filter((line) => line.startsWith('SEARCH'))
      .reduce((sum, line) => sum + line.trim().split(' ').length - 1, 0);
    expectEqual('messages found', found, expected);
  });
}

function createReadRow(id: string, command: string, share: number, check: Check): BenchRow {
  return {
    id,
    title: () => command,
    unit: 'ms',
    goal: { kind: 'of-peer', share },
    measure: async (context) => {
      await using load = await logInMain(context);
      await load.expectOk('SELECT big');
      let reply: Reply | undefined;
      const sample = await timed(context.server, async () => {
        reply = await load.expectOk(command);
      });
      if (reply !== undefined) check(reply, context);
      return sample;
    },
  };
}

async function measureSelect({ server, size }: RowContext): Promise<Sample> {
  const { imapPort, name, password } = getAccount(server, MAIN_ACCOUNT);
  await using load = await ImapLoad.open(imapPort);
  let reply: Reply | undefined;
  const sample = await timed(server, async () => {
    await load.expectOk(`LOGIN "${name}" "${password}"`);
    reply = await load.expectOk('SELECT big');
  });
  const exists = reply?.lines.find((line) => line.endsWith(' EXISTS'));
  expectEqual('messages that exist', Number.parseInt(exists ?? '', 10), size.folderCount);
  return sample;
}
