/** What one session is told while others change the same folder (RFC 3501 §5.2, §7.4.1, RFC 2180). */
import { afterEach, describe, expect, it } from 'vitest';
import type { MailboxPort } from './ports.ts';
import { replacing, replacingInFolders } from './testing/replacing.ts';
import { SessionPeer, createTestMailbox, deliver } from './testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

/** Two sessions that have selected INBOX with so many messages. */
async function openPair(
  messageCount: number,
  mailbox: MailboxPort = createTestMailbox(),
): Promise<readonly [SessionPeer, SessionPeer]> {
  for (let number = 1; number <= messageCount; number += 1) {
    await deliver(mailbox, `Subject: ${number}\r\n\r\nText ${number}\r\n`);
  }
  const [a, b] = [new SessionPeer({ mailbox }), new SessionPeer({ mailbox })];
  open.push(a, b);
  // Second comes first, so that \\Recent is its own.
  await b.command('s SELECT INBOX');
  await a.command('s SELECT INBOX');
  return [a, b];
}

describe('STORE .SILENT', () => {
  it('does not hide what another session changed before (RFC 3501 §6.4.6)', async () => {
    const [a, b] = await openPair(2);
    await b.command('b1 STORE 1 +FLAGS (\\Flagged)');
    const stored = await a.ask('a1 STORE 1:2 +FLAGS.SILENT (\\Answered)');
    const noop = await a.ask('a2 NOOP');
    expect([...stored.untagged, ...noop.untagged].filter((line) => /FETCH/.test(line))).toEqual([
      '* 1 FETCH (FLAGS (\\Answered \\Flagged))',
    ]);
  });

  it('does not hide what another session changes at the same moment', async () => {
    const mailbox = createTestMailbox();
    await deliver(mailbox, 'Subject: 1\r\n\r\n');
    const other = await mailbox.openFolder('INBOX', false);
    if (!other.ok) throw new Error(other.reason);
    const raced = replacingInFolders(mailbox, (folder) => ({
      changeFlags: async (uids, change) => {
        const outcome = await folder.changeFlags(uids, change);
        await other.value.changeFlags(uids, { kind: 'add', flags: ['\\Flagged'] });
        return outcome;
      },
    }));
    const peer = new SessionPeer({ mailbox: raced });
    open.push(peer);
    await peer.command('s SELECT INBOX');
    const stored = await peer.ask('a1 STORE 1 +FLAGS.SILENT (\\Answered)');
    const noop = await peer.ask('a2 NOOP');
    expect([...stored.untagged, ...noop.untagged].join('\n')).toContain(
      '* 1 FETCH (FLAGS (\\Answered \\Flagged))',
    );
  });

  it.each([
    ['FLAGS.SILENT (\\Seen $Work)', 'FLAGS.SILENT ($work \\Seen)'],
    ['+FLAGS.SILENT (\\Seen)', '-FLAGS.SILENT (\\Seen)'],
    ['+FLAGS.SILENT ($Work)', 'FLAGS.SILENT ()'],
    ['-FLAGS.SILENT ($Absent)', '+FLAGS.SILENT ()'],
  ])('says no flags of %s and %s when nobody else changed any', async (first, second) => {
    const [a] = await openPair(2);
    const answers = [
      await a.ask(`a1 STORE 1:2 ${first}`),
      await a.ask(`a2 UID STORE 1:2 ${second}`),
      await a.ask('a3 NOOP'),
    ];
    expect(
      answers.flatMap(({ untagged }) => untagged).filter((line) => /FETCH/.test(line)),
    ).toEqual([]);
  });

  it('is answered OK although some messages are gone (RFC 2180 §4.2.2)', async () => {
    const [a, b] = await openPair(2);
    await b.command('b1 STORE 1 +FLAGS.SILENT (\\Deleted)');
    await b.command('b2 EXPUNGE');
    expect(await a.command('a1 STORE 1:2 +FLAGS.SILENT (\\Seen)')).toMatch(/^a1 OK/);
  });
});

describe('messages that another session expunged', () => {
  async function openHalfGone(): Promise<readonly [SessionPeer, SessionPeer]> {
    const pair = await openPair(3);
    await pair[1].command('b1 STORE 2 +FLAGS.SILENT (\\Deleted)');
    await pair[1].command('b2 EXPUNGE');
    return pair;
  }

  it.each([
    ['FETCH 1:3 FLAGS', 'OK [EXPUNGEISSUED]'],
    ['FETCH 2 BODY.PEEK[]', 'OK [EXPUNGEISSUED]'],
    ['STORE 1:3 +FLAGS (\\Seen)', 'NO [EXPUNGEISSUED]'],
    ['SEARCH ALL', 'OK [EXPUNGEISSUED]'],
    ['SEARCH NOT SUBJECT 3', 'OK [EXPUNGEISSUED]'],
    ['COPY 1:3 INBOX', 'NO [EXPUNGEISSUED]'],
    ['MOVE 1:3 INBOX', 'NO [EXPUNGEISSUED]'],
    ['UID FETCH 1:3 FLAGS', 'OK FETCH'],
    ['UID STORE 1:3 +FLAGS (\\Seen)', 'OK STORE'],
    ['UID SEARCH ALL', 'OK SEARCH'],
    ['UID COPY 1:3 INBOX', 'OK [COPYUID'],
    ['UID MOVE 1:3 INBOX', 'OK MOVE'],
  ])('make %s end with %s', async (line, expected) => {
    const [a] = await openHalfGone();
    const { tagged } = await a.ask(`a1 ${line}`);
    expect(tagged.slice(0, expected.length + 3)).toBe(`a1 ${expected}`);
  });

  it('keep their numbers while numbers are in use, also as others arrive', async () => {
    const [a, b] = await openHalfGone();
    await deliver(b.mailbox, 'Subject: 4\r\n\r\n');
    const fetched = await a.ask('a1 FETCH 3 UID');
    expect(fetched.untagged).toEqual(['* 3 FETCH (UID 3)', '* 4 EXISTS', '* 1 RECENT']);
    await deliver(b.mailbox, 'Subject: 5\r\n\r\n');
    expect((await a.ask('a2 SEARCH ALL')).untagged).toEqual([
      '* SEARCH 1 3 4',
      '* 5 EXISTS',
      '* 2 RECENT',
    ]);
    expect((await a.ask('a3 FETCH 4:5 UID')).untagged).toEqual([
      '* 4 FETCH (UID 4)',
      '* 5 FETCH (UID 5)',
    ]);
    expect((await a.ask('a4 NOOP')).untagged).toEqual(['* 2 EXPUNGE']);
    expect((await a.ask('a5 FETCH 1:* UID')).untagged).toEqual([
      '* 1 FETCH (UID 1)',
      '* 2 FETCH (UID 3)',
      '* 3 FETCH (UID 4)',
      '* 4 FETCH (UID 5)',
    ]);
  });

  it('are told with how many of the others are recent, if that changed (RFC 3501 §7.3.2)', async () => {
    const [a, b] = await openPair(3);
    await a.command('a1 STORE 2 +FLAGS.SILENT (\\Deleted)');
    // All three are recent to the second, none to the first.
    expect((await a.ask('a2 EXPUNGE')).untagged).toEqual(['* 2 EXPUNGE']);
    expect((await b.ask('b1 NOOP')).untagged).toEqual(['* 2 EXPUNGE', '* 2 RECENT']);
  });

  it('leave nothing copied by a COPY that names one of them (RFC 3501 §6.4.7)', async () => {
    const [a] = await openHalfGone();
    await a.command('a1 CREATE Else');
    await a.command('a2 COPY 1:3 Else');
    expect((await a.ask('a3 STATUS Else (MESSAGES)')).untagged).toEqual([
      '* STATUS Else (MESSAGES 0)',
    ]);
  });
});

describe('flags that another session changed', () => {
  it('are told once', async () => {
    const [a, b] = await openPair(2);
    await b.command('b1 STORE 2 +FLAGS (\\Flagged)');
    expect((await a.ask('a1 FETCH 2 FLAGS')).untagged).toEqual(['* 2 FETCH (FLAGS (\\Flagged))']);
    expect((await a.ask('a2 NOOP')).untagged).toEqual([]);
  });

  it('are told again if they change after they were told', async () => {
    const [a, b] = await openPair(2);
    await b.command('b1 STORE 2 +FLAGS (\\Flagged)');
    await a.command('a1 FETCH 2 FLAGS');
    await b.command('b2 STORE 2 -FLAGS (\\Flagged)');
    expect((await a.ask('a2 NOOP')).untagged).toEqual(['* 2 FETCH (FLAGS ())']);
  });

  it('come behind the keywords that are new (RFC 3501 §7.2.6)', async () => {
    const [a, b] = await openPair(1);
    await b.command('b1 STORE 1 +FLAGS ($New)');
    const { untagged } = await a.ask('a1 FETCH 1 FLAGS');
    const keywords = untagged.findIndex((line) => /^\* FLAGS .*\$New/.test(line));
    const flags = untagged.findIndex((line) => /FETCH/.test(line));
    expect(keywords).toBeGreaterThanOrEqual(0);
    expect(flags).toBeGreaterThan(keywords);
  });
});

describe('a selected folder that is deleted', () => {
  it.each([0, 2])('with %d messages is told of, once', async (messageCount) => {
    const mailbox = createTestMailbox();
    await mailbox.createFolder('Work', true);
    for (let number = 0; number < messageCount; number += 1) {
      await deliver(mailbox, 'Subject: 1\r\n\r\n', { path: 'Work' });
    }
    const peer = new SessionPeer({ mailbox });
    open.push(peer);
    await peer.command('a1 SELECT Work');
    await mailbox.deleteFolder('Work');
    const { untagged } = await peer.ask('a2 NOOP');
    expect(untagged.filter((line) => line.startsWith('* NO '))).toHaveLength(1);
    expect(untagged.filter((line) => line.endsWith(' EXPUNGE'))).toHaveLength(messageCount);
    expect((await peer.ask('a3 NOOP')).untagged).toEqual([]);
    expect(await peer.command('a4 COPY 1:* INBOX')).toMatch(/^a4 OK/);
    expect(await peer.command('a5 CLOSE')).toMatch(/^a5 OK/);
    expect(mailbox.holdCount).toBe(0);
  });

  it('is no missing target of COPY', async () => {
    const mailbox = createTestMailbox();
    await mailbox.createFolder('Work', true);
    await deliver(mailbox, 'Subject: 1\r\n\r\n', { path: 'Work' });
    const gone = replacingInFolders(mailbox, (folder) => ({
      copy: async (uids, toPath) => {
        await mailbox.deleteFolder('Work');
        await folder.copy(uids, toPath);
        return { ok: false, reason: 'nonexistent' };
      },
    }));
    const peer = new SessionPeer({ mailbox: gone });
    open.push(peer);
    await peer.command('a1 SELECT Work');
    expect(await peer.command('a2 COPY 1 INBOX')).toMatch(/^a2 NO \[NONEXISTENT\]/);
  });
});

describe('SELECT', () => {
  it('says READ-ONLY of a folder that the store opens so', async () => {
    const mailbox = createTestMailbox();
    const readOnly = replacing<MailboxPort>(mailbox, {
      openFolder: (path) => mailbox.openFolder(path, true),
    });
    const peer = new SessionPeer({ mailbox: readOnly });
    open.push(peer);
    expect(await peer.command('a1 SELECT INBOX')).toMatch(/^a1 OK \[READ-ONLY\]/);
  });

  it('of another folder gives the first one back, also when it fails', async () => {
    const mailbox = createTestMailbox();
    const peer = new SessionPeer({ mailbox });
    open.push(peer);
    await peer.command('a1 SELECT INBOX');
    await peer.command('a2 EXAMINE INBOX');
    expect(mailbox.holdCount).toBe(1);
    expect(await peer.command('a3 SELECT Nowhere')).toMatch(/^a3 NO/);
    expect(mailbox.holdCount).toBe(0);
    expect(await peer.command('a4 FETCH 1:* FLAGS')).toMatch(/^a4 BAD/);
  });

  it('takes \\Recent for itself, EXAMINE leaves it (RFC 3501 §2.3.2)', async () => {
    const mailbox = createTestMailbox();
    await deliver(mailbox, 'Subject: 1\r\n\r\n');
    const peers = [1, 2, 3, 4].map(() => new SessionPeer({ mailbox }));
    open.push(...peers);
    const recents: (string | undefined)[] = [];
    for (const [at, peer] of peers.entries()) {
      const { untagged } = await peer.ask(`a1 ${at % 2 === 0 ? 'EXAMINE' : 'SELECT'} INBOX`);
      recents.push(untagged.find((line) => line.endsWith(' RECENT')));
    }
    expect(recents).toEqual(['* 1 RECENT', '* 1 RECENT', '* 0 RECENT', '* 0 RECENT']);
    expect((await peers[0]?.ask('a2 FETCH 1 FLAGS'))?.untagged).toEqual([
      '* 1 FETCH (FLAGS (\\Recent))',
    ]);
    expect(await peers[0]?.command('a3 STORE 1 +FLAGS (\\Seen)')).toMatch(/^a3 NO \[READ-ONLY\]/);
    expect((await peers[1]?.ask('a2 STORE 1 FLAGS (\\Recent \\Seen)'))?.untagged).toEqual([
      '* 1 FETCH (FLAGS (\\Seen \\Recent))',
    ]);
  });
});
