/** FETCH answers alike, whether items are read, made or kept. */
import { afterEach, describe, expect, it } from 'vitest';
import { replacingInFolders } from '../testing/replacing.ts';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

async function connect(): Promise<{ readonly peer: SessionPeer; readonly read: number[] }> {
  const mailbox = createTestMailbox();
  for (let number = 1; number <= 3; number += 1) {
    await deliver(mailbox, `Subject: no ${number}\r\nFrom: \xe9@x\r\n\r\nbody\r\n`);
  }
  // Longer than what is kept of headers: it has to be read.
  await deliver(mailbox, `Subject: long\r\nX-Long: ${'y'.repeat(40_000)}\r\n\r\nbody\r\n`);
  const read: number[] = [];
  const peer = new SessionPeer({
    mailbox: replacingInFolders(mailbox, (folder) => ({
      readFacts: async (uids, names) => {
        read.push(...uids);
        return await folder.readFacts(uids, names);
      },
    })),
  });
  open.push(peer);
  await peer.command('s SELECT INBOX');
  return { peer, read };
}

describe('FETCH of items that are kept', () => {
  it.each([
    'ENVELOPE',
    'BODY',
    'BODYSTRUCTURE',
    'BODY.PEEK[HEADER.FIELDS (SUBJECT)]',
    'BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT)]',
    '(UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (FROM)])',
  ])('%s is answered alike the second time, and read once', async (items) => {
    const { peer, read } = await connect();
    const first = await peer.ask(`a FETCH 1:3 ${items}`);
    expect(read).toEqual([1, 2, 3]);
    const second = await peer.ask(`a FETCH 1:3 ${items}`);
    expect(read).toEqual([1, 2, 3]);
    expect(second).toEqual(first);
    expect(first.untagged).toHaveLength(3);
  });

  it('reads only what is missing, and keeps the order', async () => {
    const { peer, read } = await connect();
    await peer.ask('a FETCH 2 BODY.PEEK[HEADER.FIELDS (SUBJECT)]');
    const { untagged } = await peer.ask('b FETCH 1:4 BODY.PEEK[HEADER.FIELDS (SUBJECT)]');
    expect(untagged.map((line) => /Subject: (.*)/.exec(line)?.[1])).toEqual([
      'no 1',
      'no 2',
      'no 3',
      'long',
    ]);
    expect(read.filter((uid) => uid === 2)).toEqual([2]);
  });

  it('marks messages as \\Seen all the same where PEEK is not said', async () => {
    const { peer } = await connect();
    await peer.ask('a FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]');
    const { untagged } = await peer.ask('b FETCH 1 BODY[HEADER.FIELDS (SUBJECT)]');
    expect(untagged[0]).toContain('\\Seen');
  });
});
