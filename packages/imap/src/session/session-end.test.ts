/** How a session ends: by its owner, in IDLE, or by commands that make no sense. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SessionEnd } from './session-context.ts';
import {
  SessionPeer,
  type SessionPeerOptions,
  createTestMailbox,
  deliver,
} from './testing/session-peer.ts';
import { drain, nextTurn, untilQuiet } from './testing/turns.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

function openPeer(options: SessionPeerOptions = {}): SessionPeer {
  const peer = new SessionPeer(options);
  open.push(peer);
  return peer;
}

describe('the owner of a session', () => {
  it('is not kept waiting by commands that have come already', async () => {
    const peer = openPeer({});
    await peer.command('a0 SELECT INBOX');
    peer.send('t NOOP\r\n'.repeat(5_000));
    expect(await peer.readLine()).toBe('t OK NOOP completed');
    peer.session.requestEnd('shutting-down');
    await drain(peer);
    expect(await peer.ended).toBe('shutting-down');
    expect(peer.events.length).toBeLessThan(5_000);
  });

  it.each(['FETCH 1:* BODY[]', 'SEARCH BODY x', 'UID SEARCH TEXT x'])(
    'ends the session behind %s, which is finished',
    async (line) => {
      const mailbox = createTestMailbox();
      for (let number = 0; number < 300; number += 1) await deliver(mailbox, 'a: b\r\n\r\nx');
      const peer: SessionPeer = openPeer({
        mailbox,
        breathe: async () => {
          peer.session.requestEnd('account-changed');
          await nextTurn();
        },
      });
      await peer.command('s SELECT INBOX');
      peer.send(`a1 ${line}\r\na2 NOOP\r\n`);
      expect((await peer.readAnswer('a1')).tagged).toMatch(/^a1 OK/);
      expect(await peer.readLine()).toMatch(/^\* BYE /);
      expect(await peer.ended).toBe('account-changed');
      expect(mailbox.holdCount).toBe(0);
    },
  );

  it('lets others work between commands that were sent ahead', async () => {
    let breathCount = 0;
    const peer = openPeer({
      breathe: async () => {
        breathCount += 1;
        await nextTurn();
      },
    });
    peer.send('t NOOP\r\n'.repeat(100));
    for (let count = 0; count < 100; count += 1) await peer.readLine();
    expect(breathCount).toBeGreaterThan(10);
  });

  it('ends a session that waits for the rest of a literal', async () => {
    const peer = openPeer({});
    peer.send('a1 CREATE {4}\r\n');
    expect(await peer.readLine()).toMatch(/^\+ /);
    peer.session.requestEnd('shutting-down');
    expect(await peer.readLine()).toMatch(/^\* BYE /);
    expect(await peer.ended).toBe('shutting-down');
  });
});

describe('commands that cannot be done', () => {
  it('do not count as senseless: many messages may be too big', async () => {
    const peer = openPeer({ messageBytes: 10, maxBadCommands: 3 });
    await peer.command('s SELECT INBOX');
    for (let count = 0; count < 6; count += 1) {
      expect(await peer.command('a1 APPEND INBOX {11}')).toMatch(/^a1 NO \[TOOBIG\]/);
      expect(await peer.command('a2 SEARCH CHARSET X-NONE ALL')).toMatch(/^a2 NO \[BADCHARSET/);
    }
  });

  it.each(['{0}', '{0+}'])('include an APPEND of nothing: %s', async (literal) => {
    const peer = openPeer({});
    expect(await peer.command(`a1 APPEND INBOX ${literal}`)).toMatch(/^a1 NO /);
    // The rest of the command of the second, which the first does not send any more.
    if (literal === '{0+}') peer.send('\r\n');
    expect(await peer.command('a2 STATUS INBOX (MESSAGES)')).toMatch(/^a2 OK/);
  });
});

describe('IDLE', () => {
  it.each(['DONE\n', 'DONE \x00\r\n', 'DONE x\r\n', '\r\n'])('does not take %j', async (line) => {
    const peer = openPeer({});
    peer.send(`a1 IDLE\r\n${line}`);
    expect(await peer.readLine()).toMatch(/^\+ /);
    expect(await peer.readLine()).toMatch(/^a1 BAD/);
  });

  it.each(['DONE\r\n', 'done\r\n', 'Done  \r\n'])('takes %j, pipelined', async (line) => {
    const peer = openPeer({});
    peer.send(`a1 IDLE\r\n${line}a2 NOOP\r\n`);
    expect(await peer.readLine()).toMatch(/^\+ /);
    expect(await peer.readLine()).toMatch(/^a1 OK/);
    expect(await peer.readLine()).toMatch(/^a2 OK/);
  });

  it.each<[string, (peer: SessionPeer) => void, SessionEnd]>([
    ['the client goes', (peer) => peer.client.end(), 'client-gone'],
    ['the client is cut off', (peer) => peer.client.destroy(), 'client-gone'],
    ['nothing comes for too long', (peer) => peer.server.timeOut(), 'idle-too-long'],
    ['a line never ends', (peer) => peer.send('x'.repeat(1_000)), 'protocol-error'],
    ['the owner asks', (peer) => peer.session.requestEnd('account-changed'), 'account-changed'],
  ])('ends when %s, and gives everything back', async (_, act, end) => {
    const mailbox = createTestMailbox();
    const peer = openPeer({ mailbox });
    await peer.command('s SELECT INBOX');
    peer.send('a1 IDLE\r\n');
    await peer.readLine();
    act(peer);
    expect(await peer.ended).toBe(end);
    expect(mailbox.holdCount).toBe(0);
  });

  it('tells what changes while its last words are still on their way', async () => {
    const mailbox = createTestMailbox();
    for (let number = 0; number < 3_000; number += 1) await deliver(mailbox, 'a: b\r\n\r\nc');
    const [a, b] = [openPeer({ mailbox }), openPeer({ mailbox })];
    await a.command('s SELECT INBOX');
    await b.command('s SELECT INBOX');
    a.send('a1 IDLE\r\n');
    expect(await a.readLine()).toMatch(/^\+ /);
    await b.command('b1 STORE 1:* +FLAGS.SILENT (\\Seen)');
    await untilQuiet(a);
    await b.command('b2 STORE 1:2 +FLAGS.SILENT (\\Deleted)');
    await b.command('b3 EXPUNGE');
    await deliver(mailbox, 'd: e\r\n\r\n');
    a.send('DONE\r\n');
    const { untagged } = await a.readAnswer('a1');
    expect(untagged.filter((line) => / FETCH /.test(line)).length).toBeGreaterThanOrEqual(3_000);
    expect(untagged.slice(-4)).toEqual([
      '* 2 EXPUNGE',
      '* 1 EXPUNGE',
      '* 2999 EXISTS',
      expect.stringMatching(/ RECENT$/),
    ]);
  });
});
