/** What a session does when the store fails. */
import { afterEach, describe, expect, it } from 'vitest';
import type { AppendPort, MailboxPort, MessageContent } from './ports.ts';
import type { SessionEnd } from './session-context.ts';
import { replacing, replacingInFolders } from './testing/replacing.ts';
import {
  SessionPeer,
  type SessionPeerOptions,
  createTestMailbox,
  deliver,
} from './testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

function openPeer(options: SessionPeerOptions = {}): SessionPeer {
  const peer = new SessionPeer(options);
  open.push(peer);
  return peer;
}

const onFire = async (): Promise<never> => {
  throw new Error('disk on fire');
};

function raise(): never {
  throw new Error('disk on fire');
}

/** Larger than what lies in the database. */
const LARGE_BYTES = 300_000;

describe('a store that fails', () => {
  it('before a literal leaves no half line behind', async () => {
    const mailbox = createTestMailbox();
    await deliver(mailbox, Buffer.alloc(LARGE_BYTES, 'x'));
    const peer = openPeer({
      mailbox: replacingInFolders(mailbox, () => ({ openMessage: onFire })),
    });
    await peer.command('a1 SELECT INBOX');
    const { untagged, tagged } = await peer.ask('a2 FETCH 1 (FLAGS BODY.PEEK[])');
    expect(tagged).toMatch(/^a2 NO \[SERVERBUG\]/);
    expect(untagged).toEqual([]);
    expect((await peer.ask('a3 FETCH 1 UID')).untagged).toEqual(['* 1 FETCH (UID 1)']);
    expect(mailbox.holdCount).toBe(1);
  });

  it('within a literal ends the session without another word', async () => {
    const mailbox = createTestMailbox();
    await deliver(mailbox, Buffer.alloc(LARGE_BYTES, 'x'));
    let closedCount = 0;
    const content: MessageContent = {
      sizeBytes: LARGE_BYTES,
      read: async (offset) => (offset === 0 ? Buffer.alloc(65_536, 'x') : await onFire()),
      close: async () => {
        closedCount += 1;
      },
    };
    const peer = openPeer({
      mailbox: replacingInFolders(mailbox, () => ({ openMessage: async () => content })),
    });
    await peer.command('a1 SELECT INBOX');
    peer.send('a2 FETCH 1 BODY.PEEK[]\r\n');
    expect(await peer.readLine()).toBe(`* 1 FETCH (BODY[] {${LARGE_BYTES}}`);
    expect(await peer.readOctets(65_536)).toMatch(/^x+$/);
    await expect(peer.readLine()).rejects.toThrow('ended');
    expect(await peer.ended).toBe('failed' satisfies SessionEnd);
    expect(closedCount).toBe(1);
    expect(mailbox.holdCount).toBe(0);
  });

  it('behind a literal that is sent already ends the session as well', async () => {
    const mailbox = createTestMailbox();
    // Its header is too long to be kept.
    await deliver(mailbox, `${'X-Long: y\r\n'.repeat(5_000)}\r\n`.padEnd(LARGE_BYTES, 'x'));
    let readCount = 0;
    const peer = openPeer({
      mailbox: replacingInFolders(mailbox, (folder) => ({
        readFacts: (uids, names) => {
          readCount += 1;
          return readCount > 1 ? onFire() : folder.readFacts(uids, names);
        },
      })),
    });
    await peer.command('a1 SELECT INBOX');
    peer.send('a2 FETCH 1 (BODY.PEEK[] BODY.PEEK[HEADER])\r\n');
    expect(await peer.readLine()).toBe(`* 1 FETCH (BODY[] {${LARGE_BYTES}}`);
    await peer.readOctets(LARGE_BYTES);
    await expect(peer.readLine()).rejects.toThrow('ended');
    expect(await peer.ended).toBe('failed' satisfies SessionEnd);
  });

  it.each<[string, Partial<AppendPort>]>([
    ['while a message is written', { write: onFire }],
    ['as a write begins', { write: () => raise() }],
    ['as a message is given up', { write: onFire, abort: onFire }],
    ['as a message is committed', { commit: onFire }],
  ])('%s is answered when the message is through, and the session lives', async (_, members) => {
    const mailbox = createTestMailbox();
    let abortedCount = 0;
    const failing = replacing<MailboxPort>(mailbox, {
      startAppend: async (request) => {
        const started = await mailbox.startAppend(request);
        if (!started.ok) return started;
        const abort = async (): Promise<void> => {
          abortedCount += 1;
        };
        return { ok: true, value: replacing<AppendPort>(started.value, { abort, ...members }) };
      },
    });
    const peer = openPeer({ mailbox: failing, chunking: 'octets' });
    peer.send('a1 APPEND INBOX {15+}\r\na9 NOOP\r\nabcdef\r\na2 NOOP\r\n');
    expect(await peer.readLine()).toMatch(/^a1 NO \[SERVERBUG\]/);
    expect(await peer.readLine()).toMatch(/^a2 OK/);
    expect(peer.events).toContainEqual(expect.objectContaining({ kind: 'failed' }));
    expect(abortedCount).toBe('write' in members && !('abort' in members) ? 1 : 0);
  });

  it('while changes are told ends at most the session', async () => {
    const mailbox = createTestMailbox();
    let isBroken = false;
    const peer = openPeer({
      mailbox: replacingInFolders(mailbox, (folder) => ({
        get index() {
          if (isBroken) raise();
          return folder.index;
        },
      })),
    });
    await peer.command('a1 SELECT INBOX');
    isBroken = true;
    peer.send('a2 NOOP\r\n');
    expect(await peer.ended).toBe('failed' satisfies SessionEnd);
    expect(mailbox.holdCount).toBe(0);
  });

  it.each(['FETCH 1 BODY.PEEK[]', 'SEARCH BODY x', 'UID SEARCH SUBJECT x'])(
    'is not taken for one whose messages were expunged by %s',
    async (line) => {
      const mailbox = createTestMailbox();
      await deliver(mailbox, 'Subject: x\r\n\r\nx');
      const peer: SessionPeer = openPeer({
        mailbox: replacingInFolders(mailbox, () => ({
          readFacts: async () => {
            peer.session.requestEnd('mail-unavailable');
            return [];
          },
        })),
      });
      await peer.command('a1 SELECT INBOX');
      const { untagged, tagged } = await peer.ask(`a2 ${line}`);
      expect(tagged).toMatch(/^a2 NO \[UNAVAILABLE\]/);
      expect(untagged).toEqual([]);
      expect(await peer.ended).toBe('mail-unavailable');
    },
  );
});
