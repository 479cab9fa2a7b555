/** Every command in every state, as the table says (RFC 3501 §6). */
import { createMemoryStreamPair } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import type { Command, CommandName } from '../grammar/command.ts';
import { findSessionCommand, sessionCommands } from './command-table.ts';
import { createKeptTexts } from './fetch/kept-texts.ts';
import { createImapSession } from './imap-session.ts';
import { MemoryMailbox } from './memory/memory-mailbox.ts';

/** One way to say each command; a name without one fails the test that counts them. */
const lines: Readonly<Record<keyof typeof sessionCommands, string>> = {
  capability: 'CAPABILITY',
  noop: 'NOOP',
  logout: 'LOGOUT',
  id: 'ID NIL',
  namespace: 'NAMESPACE',
  notify: 'NOTIFY NONE',
  compress: 'COMPRESS DEFLATE',
  enable: 'ENABLE X-NOTHING',
  select: 'SELECT INBOX',
  examine: 'EXAMINE INBOX',
  create: 'CREATE New',
  delete: 'DELETE Work',
  rename: 'RENAME Work Play',
  subscribe: 'SUBSCRIBE Work',
  unsubscribe: 'UNSUBSCRIBE Work',
  list: 'LIST "" *',
  lsub: 'LSUB "" *',
  status: 'STATUS INBOX (MESSAGES)',
  getquota: 'GETQUOTA ""',
  getquotaroot: 'GETQUOTAROOT INBOX',
  setquota: 'SETQUOTA "" (STORAGE 5)',
  getmetadata: 'GETMETADATA INBOX /private/comment',
  setmetadata: 'SETMETADATA INBOX (/private/comment "x")',
  getacl: 'GETACL INBOX',
  setacl: 'SETACL INBOX bob lr',
  deleteacl: 'DELETEACL INBOX bob',
  listrights: 'LISTRIGHTS INBOX bob',
  myrights: 'MYRIGHTS INBOX',
  idle: 'IDLE\r\nDONE',
  check: 'CHECK',
  close: 'CLOSE',
  unselect: 'UNSELECT',
  expunge: 'EXPUNGE',
  esearch: 'ESEARCH IN (personal) ALL',
  search: 'SEARCH ALL',
  sort: 'SORT (DATE) UTF-8 ALL',
  thread: 'THREAD REFERENCES UTF-8 ALL',
  fetch: 'FETCH 1:* FLAGS',
  store: 'STORE 1:* +FLAGS (\\Seen)',
  copy: 'COPY 1:* Work',
  move: 'MOVE 1:* Work',
};
const names = Object.keys(sessionCommands) as (keyof typeof sessionCommands)[];

/** What makes sense and is still nobody's here to do. */
const refused: ReadonlySet<string> = new Set(['setquota']);

describe('command table', () => {
  it.each(names)('allows %s in its states only', async (name) => {
    for (const state of ['authenticated', 'selected'] as const) {
      const isAllowed = sessionCommands[name].states.includes(state);
      const answer = await say(state, lines[name]);
      const expected = !isAllowed ? 'BAD' : refused.has(name) ? 'NO' : 'OK';
      expect(`${name} ${state} ${answer}`).toBe(`${name} ${state} ${expected}`);
    }
  });

  it.each(['LOGIN a b', 'AUTHENTICATE PLAIN', 'STARTTLS'])(
    'refuses %s behind login',
    async (line) => {
      expect(await say('authenticated', line)).toBe('BAD');
    },
  );

  it('withholds EXPUNGE from commands that use sequence numbers (RFC 3501 §7.4.1)', () => {
    const withholding = names.filter((name) => {
      const command = { name, numbering: 'sequence' } as unknown as Command;
      return findSessionCommand(command)?.mayReportExpunges(command) === false;
    });
    expect(withholding.toSorted()).toEqual([
      'fetch',
      'search',
      'sort',
      'store',
      'thread',
    ] satisfies CommandName[]);
  });
});

/** @returns the status of the tagged answer. */
async function say(state: 'authenticated' | 'selected', line: string): Promise<string> {
  const { client, server } = createMemoryStreamPair();
  const mailbox = new MemoryMailbox({
    describe: () => {
      throw new Error('nothing arrives here');
    },
    nowMs: () => 0,
  });
  await mailbox.createFolder('Work', true);
  const session = createImapSession({
    stream: server,
    mailbox,
    limits: { commandBytes: 1000, messageBytes: 1000 },
    startCompression: () => undefined,
    early: Buffer.from(`${state === 'selected' ? 's SELECT INBOX\r\n' : ''}t ${line}\r\n`),
    options: {
      capabilities: 'IMAP4rev1',
      serverId: new Map(),
      farewell: 'Goodbye',
      maxBadCommands: 20,
      keptTexts: createKeptTexts(1_000_000),
      nowMs: () => Date.UTC(2026, 10, 23),
      remindRegularly: () => () => undefined,
      breathe: async () => undefined,
      observe: () => undefined,
    },
  });
  client.end();
  await session.run();
  server.end();
  let text = '';
  for (;;) {
    const octets = await client.read();
    if (typeof octets === 'string') break;
    text += Buffer.from(octets).toString('latin1');
  }
  return /^t (\w+)/m.exec(text)?.[1] ?? `nothing in ${text}`;
}
