/** ESEARCH over many mailboxes (RFC 7377) in a session. */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

/** INBOX, a, a/b and a/b/c with a message "x" each, and "y" in a/b. */
async function connect(): Promise<SessionPeer> {
  const mailbox = createTestMailbox();
  await mailbox.createFolder('a/b/c', true);
  for (const path of ['INBOX', 'a', 'a/b', 'a/b/c']) {
    await deliver(mailbox, 'Subject: x\r\n\r\n', { path });
  }
  await deliver(mailbox, 'Subject: y\r\n\r\n', { path: 'a/b' });
  await mailbox.setSubscribed('a', true);
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  return peer;
}

async function say(peer: SessionPeer, line: string): Promise<readonly string[]> {
  const { untagged, tagged } = await peer.ask(`t ${line}`);
  expect(tagged).toMatch(/^t OK/);
  return untagged.map((text) => text.replace(/UIDVALIDITY \d+/, 'UIDVALIDITY n').slice(2));
}

const found = (mailbox: string, rest: string): string =>
  `ESEARCH (TAG "t" MAILBOX ${mailbox} UIDVALIDITY n) UID ${rest}`;

describe('ESEARCH', () => {
  it.each<[string, readonly string[]]>([
    [
      'ESEARCH IN (personal) SUBJECT x',
      ['INBOX', 'a', 'a/b', 'a/b/c'].map((name) => found(name, 'ALL 1')),
    ],
    ['ESEARCH IN (inboxes) ALL', [found('INBOX', 'ALL 1')]],
    ['ESEARCH IN (subscribed) ALL', [found('INBOX', 'ALL 1'), found('a', 'ALL 1')]],
    ['ESEARCH IN (mailboxes (a/b a Nowhere)) SUBJECT y', [found('a/b', 'ALL 2')]],
    ['ESEARCH IN (mailboxes a mailboxes a) ALL', [found('a', 'ALL 1')]],
    ['ESEARCH IN (subtree a/b) ALL', [found('a/b', 'ALL 1:2'), found('a/b/c', 'ALL 1')]],
    ['ESEARCH IN (subtree-one a) ALL', [found('a', 'ALL 1'), found('a/b', 'ALL 1:2')]],
    ['ESEARCH IN (personal) RETURN (COUNT MAX) SUBJECT y', [found('a/b', 'MAX 2 COUNT 1')]],
    // RFC 7377 §2.1: nothing is said of mailboxes in which nothing was found.
    ['ESEARCH IN (personal) RETURN (COUNT) SUBJECT z', []],
  ])('%s gives %j', async (line, expected) => {
    expect(await say(await connect(), line)).toEqual(expected);
  });

  it('searches the selected mailbox, which stays selected', async () => {
    const peer = await connect();
    await peer.command('s SELECT a/b');
    expect(await say(peer, 'UID ESEARCH SUBJECT y')).toEqual([found('a/b', 'ALL 2')]);
    expect(await say(peer, 'ESEARCH IN (selected mailboxes a) ALL')).toEqual([
      found('a', 'ALL 1'),
      found('a/b', 'ALL 1:2'),
    ]);
    expect(await say(peer, 'ESEARCH RETURN (SAVE COUNT) SUBJECT y')).toEqual([
      found('a/b', 'COUNT 1'),
    ]);
    expect(await say(peer, 'FETCH $ UID')).toEqual(['2 FETCH (UID 2)']);
  });

  it.each([
    // RFC 7377 §2.2.
    'ESEARCH ALL',
    'ESEARCH IN (selected) ALL',
    'ESEARCH IN (selected-delayed) ALL',
    'ESEARCH IN (personal) RETURN (SAVE) ALL',
    'ESEARCH IN () ALL',
    'ESEARCH IN personal ALL',
    'ESEARCH IN (mailboxes) ALL',
    'ESEARCH IN (bogus) ALL',
    'ESEARCH IN (personal)',
  ])('%s makes no sense without a selected mailbox', async (line) => {
    expect(await (await connect()).command(`t ${line}`)).toMatch(/^t BAD/);
  });
});
