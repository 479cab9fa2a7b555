/**
 * The session in memory against transcripts, an octet at a time too; and what transcripts
 * cannot say: ends, limits and faults.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { type Chunking, runTranscript } from '@homeward/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { MailboxPort } from './ports.ts';
import { SessionPeer, type SessionPeerOptions, createTestMailbox } from './testing/session-peer.ts';

const folder = new URL('../../fixtures/transcripts/', import.meta.url);
const transcripts = readdirSync(folder).filter((name) => name.endsWith('.transcript'));
const chunkings: readonly Chunking[] = ['as-written', 'octets', { seed: 7 }];

describe('ImapSession', () => {
  it.each(transcripts.flatMap((name) => chunkings.map((chunking) => ({ name, chunking }))))(
    'follows $name with octets $chunking',
    async ({ name, chunking }) => {
      const mailbox = createTestMailbox();
      const text = readFileSync(new URL(name, folder), 'latin1');
      await runTranscript(name, text, {
        connect: async () => openPeer({ mailbox, chunking }),
      });
    },
  );

  it('says BYE and stops when the client is idle for too long', async () => {
    const peer = openPeer({});
    await peer.command('a1 NOOP');
    peer.server.timeOut();
    expect(await peer.readLine()).toMatch(/^\* BYE /);
    expect(await peer.ended).toBe('idle-too-long');
  });

  it('ends between commands when its owner asks, and says so', async () => {
    const peer = openPeer({});
    await peer.command('a1 SELECT INBOX');
    peer.session.requestEnd('shutting-down');
    expect(await peer.readLine()).toMatch(/^\* BYE \[UNAVAILABLE\]/);
    expect(await peer.ended).toBe('shutting-down');
  });

  it('ends IDLE when its owner asks', async () => {
    const peer = openPeer({});
    peer.send('a1 IDLE\r\n');
    expect(await peer.readLine()).toMatch(/^\+ /);
    peer.session.requestEnd('shutting-down');
    expect(await peer.readLine()).toMatch(/^\* BYE /);
    expect(await peer.ended).toBe('shutting-down');
  });

  it('tells a client in IDLE that it is still there, and no other', async () => {
    const peer = openPeer({});
    await peer.command('a1 SELECT INBOX');
    expect(peer.reminders.size).toBe(0);
    peer.send('a2 IDLE\r\n');
    expect(await peer.readLine()).toMatch(/^\+ /);
    for (const remind of peer.reminders) remind();
    expect(await peer.readLine()).toBe('* OK Still here');
    for (const remind of peer.reminders) remind();
    expect(await peer.readLine()).toBe('* OK Still here');
    peer.send('DONE\r\n');
    expect(await peer.readLine()).toMatch(/^a2 OK/);
    expect(peer.reminders.size).toBe(0);
  });

  it('finishes an APPEND that is under way before it ends', async () => {
    const peer = openPeer({});
    peer.send('a1 APPEND INBOX {10}\r\n');
    expect(await peer.readLine()).toMatch(/^\+ /);
    peer.session.requestEnd('shutting-down');
    peer.send('Subject: 1\r\n');
    expect(await peer.readLine()).toMatch(/^a1 OK \[APPENDUID /);
    expect(await peer.readLine()).toMatch(/^\* BYE /);
    expect((await peer.mailbox.statusOf('INBOX')).ok).toBe(true);
  });

  it('stores nothing of an APPEND whose client went away in the middle', async () => {
    const peer = openPeer({});
    peer.send('a1 APPEND INBOX {10}\r\n');
    await peer.readLine();
    peer.send('Subj');
    peer.client.end();
    expect(await peer.ended).toBe('client-gone');
    const status = await peer.mailbox.statusOf('INBOX');
    expect(status).toMatchObject({ ok: true, value: { messageCount: 0, uidNext: 1 } });
  });

  it('ends after too many commands that make no sense', async () => {
    const peer = openPeer({ maxBadCommands: 3 });
    for (let count = 0; count < 3; count += 1)
      expect(await peer.command('a1 XYZZY')).toMatch(/BAD/);
    expect(await peer.readLine()).toMatch(/^\* BYE /);
    expect(await peer.ended).toBe('too-many-errors');
  });

  it('answers a failing store with SERVERBUG, tells its owner, and lives on', async () => {
    const failing: MailboxPort = Object.assign(createTestMailbox(), {
      listFolders: async () => {
        throw new Error('disk on fire');
      },
    });
    const peer = openPeer({ mailbox: failing });
    expect(await peer.command('a1 LIST "" *')).toMatch(/^a1 NO \[SERVERBUG\]/);
    expect(await peer.command('a2 NOOP')).toMatch(/^a2 OK/);
    expect(peer.events).toContainEqual(
      expect.objectContaining({ kind: 'failed', command: 'list' }),
    );
  });

  it('tells its owner of each command’s octets, in both directions', async () => {
    const peer = openPeer({});
    const answers: string[] = [];
    answers.push(await peer.command('a1 NOOP'));
    answers.push(await peer.command('a2 CREATE {4+}\r\nWork'));
    answers.push(await peer.command('a3 XYZZY'));
    const told = peer.events.filter((event) => event.kind === 'command');
    expect(told.map(({ requestBytes }) => requestBytes)).toEqual([9, 22, 10]);
    expect(told.map(({ responseBytes }) => responseBytes)).toEqual(
      answers.map((answer) => answer.length + 2),
    );
  });

  it('refuses a message over the limit without taking its octets', async () => {
    const peer = openPeer({ messageBytes: 100 });
    expect(await peer.command('a1 APPEND INBOX {101}')).toMatch(/^a1 NO \[TOOBIG\]/);
    expect(await peer.command('a2 NOOP')).toMatch(/^a2 OK/);
  });

  it('keeps the order of pipelined commands', async () => {
    const peer = openPeer({});
    peer.send('a1 NOOP\r\na2 CREATE Work\r\na3 SELECT Work\r\na4 FETCH 1:* FLAGS\r\na5 LOGOUT\r\n');
    const tags: string[] = [];
    for (;;) {
      const line = await peer.readLine();
      if (/^a\d /.test(line)) tags.push(line.slice(0, 5));
      if (line.startsWith('a5')) break;
    }
    expect(tags).toEqual(['a1 OK', 'a2 OK', 'a3 OK', 'a4 OK', 'a5 OK']);
    expect(await peer.ended).toBe('logged-out');
  });

  it('serves what came before the session began', async () => {
    const peer = openPeer({ early: 'a1 NOOP\r\na2 LOG' });
    expect(await peer.readLine()).toMatch(/^a1 OK/);
    peer.send('OUT\r\n');
    expect(await peer.readLine()).toMatch(/^\* BYE/);
  });
});

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

function openPeer(options: SessionPeerOptions = {}): SessionPeer {
  const peer = new SessionPeer(options);
  open.push(peer);
  return peer;
}
