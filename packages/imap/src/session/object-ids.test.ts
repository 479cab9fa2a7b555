/** OBJECTID end to end (RFC 8474 §4 to §6). */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from './testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

/** INBOX with the messages A, B, A. */
async function openPeer(): Promise<SessionPeer> {
  const mailbox = createTestMailbox();
  for (const text of ['A', 'B', 'A']) await deliver(mailbox, `Subject: ${text}\r\n\r\n`);
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  return peer;
}

describe('OBJECTID', () => {
  it('gives a folder one id, which SELECT and STATUS repeat and a renaming keeps', async () => {
    const peer = await openPeer();
    const created = await peer.command('a1 CREATE Work');
    const id = /^a1 OK \[MAILBOXID \(([A-Za-z0-9_-]+)\)\]/.exec(created)?.[1];
    expect(id).toBeDefined();
    await peer.command('a2 RENAME Work Play');
    expect((await peer.ask('a3 STATUS Play (MAILBOXID)')).untagged).toEqual([
      `* STATUS Play (MAILBOXID (${id}))`,
    ]);
    expect((await peer.ask('a4 EXAMINE Play')).untagged.join('\n')).toContain(
      `OK [MAILBOXID (${id})]`,
    );
  });

  it('gives equal messages equal ids, to be fetched and searched for', async () => {
    const peer = await openPeer();
    await peer.command('a1 SELECT INBOX');
    const { untagged } = await peer.ask('a2 FETCH 1:* (EMAILID THREADID)');
    const ids = untagged.map(
      (line) =>
        /^\* \d FETCH \(EMAILID \(([A-Za-z0-9_-]+)\) THREADID \([A-Za-z0-9_-]+\)\)$/.exec(
          line,
        )?.[1],
    );
    expect(ids[0]).toBe(ids[2]);
    expect(ids[0]).not.toBe(ids[1]);
    for (const [line, found] of [
      [`SEARCH EMAILID ${ids[0]}`, '* SEARCH 1 3'],
      [`UID SEARCH EMAILID ${ids[1]}`, '* SEARCH 2'],
      [`SEARCH NOT EMAILID ${ids[0]}`, '* SEARCH 2'],
      [`SEARCH OR EMAILID ${ids[1]} SUBJECT A`, '* SEARCH 1 2 3'],
      ['SEARCH EMAILID Mnone', '* SEARCH'],
      ['SEARCH THREADID Tnone', '* SEARCH'],
      ['SEARCH NOT THREADID Tnone', '* SEARCH 1 2 3'],
    ] as const) {
      expect((await peer.ask(`s ${line}`)).untagged).toEqual([found]);
    }
  });

  it('gives a message and its answers one THREADID, in whichever mailbox', async () => {
    const peer = await openPeer();
    const { mailbox } = peer;
    const answer = (id: string, reference: string): string =>
      `Message-ID: <${id}@x>\r\nReferences: <${reference}@x>\r\n\r\n`;
    await mailbox.createFolder('Threads', true);
    await deliver(mailbox, 'Message-ID: <1@x>\r\n\r\n', { path: 'Threads' });
    await deliver(mailbox, answer('2', '1'), { path: 'Threads' });
    await deliver(mailbox, answer('3', '1'), { path: 'Threads' });
    await deliver(mailbox, answer('4', '9'), { path: 'Threads' });
    await peer.command('a1 SELECT Threads');
    const { untagged } = await peer.ask('a2 FETCH 1:* (THREADID)');
    const ids = untagged.map((line) => /THREADID \(([\w-]+)\)/.exec(line)?.[1]);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[3]).not.toBe(ids[0]);
    expect((await peer.ask(`a3 SEARCH THREADID ${ids[0]}`)).untagged).toEqual(['* SEARCH 1 2 3']);
  });
});
