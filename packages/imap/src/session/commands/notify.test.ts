/** NOTIFY (RFC 5465): what a client hears though it said nothing, and what it does not. */
import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryMailbox } from '../memory/memory-mailbox.ts';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';
import { untilQuiet } from '../testing/turns.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

const message = 'From: a@example.test\r\nSubject: Hello\r\n\r\nText';

async function connect(
  before: readonly string[],
): Promise<{ readonly mailbox: MemoryMailbox; readonly peer: SessionPeer }> {
  const mailbox = createTestMailbox();
  await mailbox.createFolder('Lists/One', true);
  await mailbox.createFolder('Other', true);
  for (let number = 1; number <= 3; number += 1)
    await deliver(mailbox, message, { flags: ['\\Seen'] });
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  for (const [order, line] of before.entries()) await peer.command(`b${order} ${line}`);
  return { mailbox, peer };
}

/** Everything that comes unasked. */
async function hear(peer: SessionPeer): Promise<readonly string[]> {
  await untilQuiet(peer);
  peer.send('z NOOP\r\n');
  const { untagged } = await peer.readAnswer('z');
  return untagged;
}

/** Only what came before the next command was sent. */
async function hearUnasked(peer: SessionPeer): Promise<readonly string[]> {
  await untilQuiet(peer);
  const count = peer.client.unreadBytes;
  const text = await peer.readOctets(count);
  return text === '' ? [] : text.replace(/\r\n$/, '').split('\r\n');
}

/** Somebody else changes the flags of messages in INBOX, or expunges them. */
async function changeInbox(
  mailbox: MemoryMailbox,
  change: { readonly uids: readonly number[]; readonly flag: string; readonly expunge?: boolean },
): Promise<void> {
  const folder = await mailbox.openFolder('INBOX', false);
  if (!folder.ok) throw new Error(folder.reason);
  const uids = change.uids as never;
  await folder.value.changeFlags(uids, { kind: 'add', flags: [change.flag] });
  if (change.expunge === true) await folder.value.expunge(uids);
  folder.value.close();
}

describe('NOTIFY of the selected mailbox', () => {
  const all = 'NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))';

  it('tells of new messages, flags and expunges at any time', async () => {
    const { mailbox, peer } = await connect(['SELECT INBOX', all]);
    await deliver(mailbox, message);
    expect(await hearUnasked(peer)).toEqual(['* 4 EXISTS', '* 4 RECENT']);
    await changeInbox(mailbox, { uids: [2], flag: '\\Flagged' });
    expect(await hearUnasked(peer)).toEqual([
      expect.stringMatching(/^\* 2 FETCH \(UID 2 FLAGS \(\\Flagged \\Seen.*\)\)$/),
    ]);
    await changeInbox(mailbox, { uids: [1], flag: '\\Deleted', expunge: true });
    expect((await hearUnasked(peer)).filter((line) => line.includes('EXPUNGE'))).toEqual([
      '* 1 EXPUNGE',
    ]);
  });

  it('sends what is wanted of new messages, which are not seen by that (RFC 5465 §5.2)', async () => {
    const items = '(UID BODY[HEADER.FIELDS (SUBJECT)])';
    const { mailbox, peer } = await connect([
      'SELECT INBOX',
      `NOTIFY SET (selected (MessageNew ${items} MessageExpunge))`,
    ]);
    await deliver(mailbox, message);
    expect(await hearUnasked(peer)).toEqual([
      '* 4 EXISTS',
      '* 4 RECENT',
      '* 4 FETCH (UID 4 BODY[HEADER.FIELDS (SUBJECT)] {18}',
      'Subject: Hello',
      '',
      ')',
    ]);
    expect((await peer.ask('a1 FETCH 4 FLAGS')).untagged[0]).not.toContain('Seen');
  });

  it('follows the client from one mailbox to the next', async () => {
    const { mailbox, peer } = await connect([all, 'SELECT Other', 'SELECT INBOX']);
    await deliver(mailbox, message, { path: 'Other' });
    expect(await hear(peer)).toEqual([]);
    await deliver(mailbox, message);
    expect(await hearUnasked(peer)).toContain('* 4 EXISTS');
  });

  it('keeps expunges back where it is delayed (RFC 5465 §6.1.2)', async () => {
    const { mailbox, peer } = await connect([
      'SELECT INBOX',
      'NOTIFY SET (selected-delayed (MessageNew MessageExpunge))',
    ]);
    await changeInbox(mailbox, { uids: [1], flag: '\\Deleted', expunge: true });
    await deliver(mailbox, message);
    expect(await hearUnasked(peer)).toEqual(['* 4 EXISTS', '* 4 RECENT']);
    expect((await peer.ask('a1 FETCH 1 UID')).untagged).toEqual([]);
    expect((await peer.ask('a2 NOOP')).untagged).toContain('* 1 EXPUNGE');
  });

  it('tells no flags that are not wanted, and does not forget them', async () => {
    const { mailbox, peer } = await connect([
      'SELECT INBOX',
      'NOTIFY SET (selected (MessageNew MessageExpunge))',
    ]);
    await changeInbox(mailbox, { uids: [2], flag: '\\Flagged' });
    expect(await hear(peer)).toEqual([]);
    expect((await peer.ask(`a1 ${all}`)).untagged).toEqual([
      expect.stringMatching(/^\* 2 FETCH \(UID 2 FLAGS/),
    ]);
  });

  it.each(['NOTIFY NONE', 'NOTIFY SET (selected NONE)', 'NOTIFY SET (mailboxes Other NONE)'])(
    'says nothing behind %s but what the client itself does',
    async (line) => {
      const { mailbox, peer } = await connect(['SELECT INBOX', line]);
      await deliver(mailbox, message);
      await changeInbox(mailbox, { uids: [1], flag: '\\Flagged' });
      expect(await hear(peer)).toEqual([]);
      const store = await peer.ask('a1 UID STORE 2 +FLAGS (\\Deleted)');
      expect(store.untagged).toEqual([expect.stringMatching(/^\* 2 FETCH/)]);
      expect((await peer.ask('a2 EXPUNGE')).untagged).toContain('* 2 EXPUNGE');
    },
  );

  it('is what IDLE tells, and no more (RFC 5465 §4)', async () => {
    const { mailbox, peer } = await connect([
      'SELECT INBOX',
      'NOTIFY SET (selected (MessageNew MessageExpunge))',
    ]);
    peer.send('a1 IDLE\r\n');
    expect(await peer.readLine()).toMatch(/^\+/);
    await changeInbox(mailbox, { uids: [2], flag: '\\Flagged' });
    await deliver(mailbox, message);
    expect(await hearUnasked(peer)).toEqual(['* 4 EXISTS', '* 4 RECENT']);
    peer.send('DONE\r\n');
    expect((await peer.readAnswer('a1')).untagged).toEqual([]);
  });

  it('speaks by UID to whoever knows those alone (RFC 9586)', async () => {
    const { mailbox, peer } = await connect([
      'ENABLE UIDONLY',
      'SELECT INBOX',
      'NOTIFY SET (selected (MessageNew (RFC822.SIZE) MessageExpunge FlagChange))',
    ]);
    await deliver(mailbox, message);
    expect(await hearUnasked(peer)).toContain('* 4 UIDFETCH (RFC822.SIZE 44)');
    await changeInbox(mailbox, { uids: [1], flag: '\\Deleted', expunge: true });
    expect(await hearUnasked(peer)).toContain('* VANISHED 1');
  });
});

describe('NOTIFY of other mailboxes', () => {
  it('tells counts at once, if asked to, and when they change (RFC 5465 §3.1)', async () => {
    const { mailbox, peer } = await connect([]);
    const line = 'NOTIFY SET STATUS (mailboxes (INBOX Nowhere) (MessageNew MessageExpunge))';
    expect((await peer.ask(`a1 ${line}`)).untagged).toEqual([
      '* STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 1001)',
    ]);
    await deliver(mailbox, message);
    expect(await hearUnasked(peer)).toEqual([
      '* STATUS INBOX (MESSAGES 4 UIDNEXT 5 UIDVALIDITY 1001)',
    ]);
    await deliver(mailbox, message, { path: 'Other' });
    await changeInbox(mailbox, { uids: [1], flag: '\\Flagged' });
    expect(await hear(peer)).toEqual([]);
  });

  it('leaves the selected one to its own wishes', async () => {
    const { mailbox, peer } = await connect([
      'SELECT INBOX',
      'NOTIFY SET (personal (MessageNew MessageExpunge))',
    ]);
    await deliver(mailbox, message);
    expect(await hear(peer)).toEqual([]);
    await deliver(mailbox, message, { path: 'Lists/One' });
    expect(await hear(peer)).toEqual([
      expect.stringMatching(/^\* STATUS Lists\/One \(MESSAGES 1 /),
    ]);
  });

  it.each([
    ['', ['* STATUS INBOX (UIDVALIDITY 1001 UNSEEN 1)']],
    ['ENABLE CONDSTORE', ['* STATUS INBOX (UIDVALIDITY 1001 HIGHESTMODSEQ 5 UNSEEN 1)']],
  ])('tells of flags as far as the client can follow (RFC 5465 §5.1) %s', async (line, told) => {
    const { mailbox, peer } = await connect([
      line === '' ? 'NOOP' : line,
      'NOTIFY SET (inboxes (MessageNew MessageExpunge FlagChange))',
    ]);
    const folder = await mailbox.openFolder('INBOX', false);
    if (!folder.ok) throw new Error(folder.reason);
    await folder.value.changeFlags([1 as never], { kind: 'remove', flags: ['\\Seen'] });
    folder.value.close();
    expect(await hearUnasked(peer)).toEqual(told);
  });

  it.each([
    ['subtree Lists', 'Lists/One', true],
    ['subtree (Lists Other)', 'Other', true],
    ['subtree Lists/One', 'Other', false],
    ['mailboxes Lists', 'Lists/One', false],
    ['subscribed', 'Other', false],
    ['inboxes', 'Other', false],
  ])('means by %s %s: %s', async (filter, path, isMeant) => {
    const { mailbox, peer } = await connect([`NOTIFY SET (${filter} (MessageNew MessageExpunge))`]);
    await deliver(mailbox, message, { path });
    expect((await hear(peer)).length > 0).toBe(isMeant);
  });
});

describe('NOTIFY of names and annotations', () => {
  it('tells of what was made, renamed and deleted (RFC 5465 §5.4)', async () => {
    const { mailbox, peer } = await connect(['NOTIFY SET (personal (MailboxName))']);
    await mailbox.createFolder('Lists/Two', true);
    expect(await hearUnasked(peer)).toEqual([
      '* LIST (\\HasNoChildren) "/" Lists/Two',
      '* LIST (\\HasChildren) "/" Lists',
    ]);
    await mailbox.renameFolder('Lists/Two', 'Three');
    expect(await hearUnasked(peer)).toEqual([
      '* LIST (\\HasNoChildren) "/" Three ("OLDNAME" (Lists/Two))',
    ]);
    await mailbox.deleteFolder('Three');
    expect(await hearUnasked(peer)).toEqual(['* LIST (\\NonExistent) "/" Three']);
    await deliver(mailbox, message);
    expect(await hear(peer)).toEqual([]);
  });

  it('tells of subscriptions (RFC 5465 §5.5)', async () => {
    const { mailbox, peer } = await connect(['NOTIFY SET (personal (SubscriptionChange))']);
    await mailbox.setSubscribed('Other', true);
    expect(await hearUnasked(peer)).toEqual(['* LIST (\\HasNoChildren \\Subscribed) "/" Other']);
    await mailbox.setSubscribed('Other', false);
    expect(await hearUnasked(peer)).toEqual(['* LIST (\\HasNoChildren) "/" Other']);
  });

  it('tells of annotations by name, of those that went too (RFC 5465 §5.6, §5.7)', async () => {
    const { mailbox, peer } = await connect([
      'SETMETADATA Other (/private/comment "x" /shared/comment "y")',
      'NOTIFY SET (personal (MailboxMetadataChange)) (mailboxes INBOX (ServerMetadataChange))',
    ]);
    await mailbox.setMetadata('Other', new Map([['/shared/comment', undefined]]));
    expect(await hearUnasked(peer)).toEqual(['* METADATA Other /private/comment /shared/comment']);
    await mailbox.setMetadata(undefined, new Map([['/private/x', Buffer.from('1')]]));
    expect(await hearUnasked(peer)).toEqual(['* METADATA "" /private/x']);
  });

  it('gives up where too much happens (RFC 5465 §5.8)', async () => {
    const { mailbox, peer } = await connect(['NOTIFY SET (personal (MailboxName))']);
    const names = Array.from({ length: 1_200 }, (_, number) => `New${number}`);
    await Promise.all(names.map((name) => mailbox.createFolder(name, true)));
    expect(await hearUnasked(peer)).toEqual([
      expect.stringMatching(/^\* OK \[NOTIFICATIONOVERFLOW\]/),
    ]);
    await mailbox.deleteFolder('New1');
    expect(await hear(peer)).toEqual([]);
  });

  it('holds on to nothing when the session is over', async () => {
    const { mailbox, peer } = await connect([
      'SELECT INBOX',
      'NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MailboxName))',
    ]);
    await peer.command('a1 LOGOUT');
    await peer.ended;
    expect(mailbox.holdCount).toBe(0);
  });
});

describe('NOTIFY', () => {
  it.each(['(selected (MessageNew MessageExpunge AnnotationChange))', '(personal (Bogus))'])(
    'names the events there are in place of %s (RFC 5465 §3.1)',
    async (group) => {
      const { peer } = await connect([]);
      expect(await peer.command(`a1 NOTIFY SET ${group}`)).toMatch(
        /^a1 NO \[BADEVENT \(MessageNew .*ServerMetadataChange\)\]/,
      );
    },
  );

  it.each([
    'NOTIFY',
    'NOTIFY SET',
    'NOTIFY NONE STATUS',
    'NOTIFY SET STATUS',
    'NOTIFY SET (selected (MessageNew))',
    'NOTIFY SET (selected (MessageExpunge))',
    'NOTIFY SET (personal (FlagChange))',
    'NOTIFY SET (selected (MailboxName))',
    'NOTIFY SET (selected NONE) (selected-delayed NONE)',
    'NOTIFY SET (personal (MessageNew (UID) MessageExpunge))',
    'NOTIFY SET (subtree-one INBOX (MailboxName))',
    'NOTIFY SET (mailboxes (MailboxName))',
    'NOTIFY SET (personal ())',
    'NOTIFY SET (personal MailboxName)',
  ])('refuses %s', async (line) => {
    const { peer } = await connect([]);
    expect(await peer.command(`a1 ${line}`)).toMatch(/^a1 BAD/);
  });
});
