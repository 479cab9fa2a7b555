/** MULTIAPPEND (RFC 3502), CATENATE (RFC 4469) and REPLACE (RFC 8508) in a session. */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

async function connect(...messages: readonly string[]): Promise<SessionPeer> {
  const mailbox = createTestMailbox({ specialUses: { Drafts: '\\Drafts' }, maxMessageBytes: 1000 });
  for (const message of messages) await deliver(mailbox, message);
  const peer = new SessionPeer({ mailbox, messageBytes: 1000 });
  open.push(peer);
  await peer.command('s SELECT INBOX');
  return peer;
}

/** The bodies of all messages of a folder. */
async function bodiesOf(peer: SessionPeer, path: string): Promise<readonly string[]> {
  await peer.command(`e EXAMINE ${path}`);
  const { untagged } = await peer.ask('f FETCH 1:* BODY.PEEK[]');
  return untagged
    .filter((line) => line.includes(' FETCH '))
    .map((line) => line.replace(/^[^\r]*\r\n/, '').replace(/\)$/, ''));
}

describe('MULTIAPPEND', () => {
  it('stores all messages, each with its own flags, and tells their UIDs', async () => {
    const peer = await connect();
    peer.send('a APPEND Drafts (\\Seen) {3+}\r\none "01-Feb-2024 00:00:00 +0000" {3+}\r\ntwo\r\n');
    expect((await peer.readAnswer('a')).tagged).toMatch(/^a OK \[APPENDUID \d+ 1:2\]/);
    expect(await bodiesOf(peer, 'Drafts')).toEqual(['one', 'two']);
    const { untagged } = await peer.ask('f FETCH 1:* FLAGS');
    expect(untagged.map((line) => line.includes('\\Seen'))).toEqual([true, false]);
  });

  it('invites each message that waits for it', async () => {
    const peer = await connect();
    peer.send('a APPEND Drafts {3}\r\n');
    expect(await peer.readLine()).toMatch(/^\+ /);
    peer.send('one {3}\r\n');
    expect(await peer.readLine()).toMatch(/^\+ /);
    peer.send('two\r\n');
    expect((await peer.readAnswer('a')).tagged).toMatch(/^a OK/);
  });

  it.each<[string, string, RegExp]>([
    // RFC 3502 §6.3.11: a client that gives up sends an empty message.
    ['an empty message', 'one {0+}\r\n', /^a NO /],
    ['a message that is too big', `one {1001+}\r\n${'x'.repeat(1001)}`, /^a NO \[TOOBIG\]/],
    ['a flag that cannot be', 'one (\\Bogus) {1+}\r\nx', /^a BAD /],
    ['garbage', 'one two', /^a BAD /],
    ['a message with NUL', 'one {3+}\r\nt\0o', /^a BAD /],
    ['binary content', 'one ~{3+}\r\nt\0o', /^a NO \[UNKNOWN-CTE\]/],
  ])('stores nothing if %s comes behind a message', async (_what, rest, answer) => {
    const peer = await connect();
    peer.send(`a APPEND Drafts {3+}\r\n${rest}\r\n`);
    expect((await peer.readAnswer('a')).tagged).toMatch(answer);
    expect(await bodiesOf(peer, 'Drafts')).toEqual([]);
  });

  it('refuses the first message of a mailbox that is not there, and skips the others', async () => {
    const peer = await connect();
    peer.send('a APPEND Nowhere {3+}\r\none {3+}\r\ntwo\r\nb NOOP\r\n');
    expect((await peer.readAnswer('a')).tagged).toMatch(/^a NO \[TRYCREATE\]/);
    expect((await peer.readAnswer('b')).tagged).toMatch(/^b OK/);
  });
});

describe('CATENATE', () => {
  const message = 'Subject: one\r\n\r\nbody of it\r\n';

  it('puts texts and parts of messages together', async () => {
    const peer = await connect(message);
    peer.send(
      'a APPEND Drafts (\\Seen) CATENATE (URL "/INBOX/;UID=1/;SECTION=HEADER" TEXT {3+}\r\n' +
        'and URL "/INBOX;UIDVALIDITY=1001/;UID=1/;section=TEXT/;PARTIAL=0.4")\r\n',
    );
    expect((await peer.readAnswer('a')).tagged).toMatch(/^a OK \[APPENDUID \d+ 1\]/);
    expect(await bodiesOf(peer, 'Drafts')).toEqual(['Subject: one\r\n\r\nandbody']);
  });

  it('takes URLs alone, of the selected mailbox, and leaves \\Seen as it is', async () => {
    const peer = await connect(message);
    expect(await peer.command('a APPEND Drafts CATENATE (URL /;UID=1 URL ;UID=1)')).toMatch(
      /^a OK/,
    );
    expect((await peer.ask('f FETCH 1 FLAGS')).untagged).toEqual(['* 1 FETCH (FLAGS (\\Recent))']);
    expect(await bodiesOf(peer, 'Drafts')).toEqual([message + message]);
  });

  it.each([
    ['imap://other.example/INBOX/;UID=1'],
    ['/INBOX/;UID=2'],
    ['/INBOX;UIDVALIDITY=7/;UID=1'],
    ['/Nowhere/;UID=1'],
    ['/INBOX/;UID=1/;SECTION=7'],
    ['/INBOX/;UID=1/;SECTION=BOGUS'],
    ['/INBOX'],
    ['/%zz/;UID=1'],
  ])('answers BADURL to %s and stores nothing', async (url) => {
    const peer = await connect(message);
    const answer = await peer.command(`a APPEND Drafts CATENATE (URL /INBOX/;UID=1 URL "${url}")`);
    expect(answer).toContain(`a NO [BADURL "${url}"]`);
    expect(await bodiesOf(peer, 'Drafts')).toEqual([]);
  });

  it('answers TOOBIG if the whole is too big, though no part is', async () => {
    const peer = await connect('x'.repeat(600));
    expect(await peer.command('a APPEND Drafts CATENATE (URL /;UID=1 URL /;UID=1)')).toMatch(
      /^a NO \[TOOBIG\]/,
    );
  });
});

describe('REPLACE', () => {
  it('tells of the new message before the old one goes (RFC 8508 §4.3)', async () => {
    const peer = await connect('old\r\n', 'other\r\n');
    peer.send('a REPLACE 1 INBOX (\\Draft) {3+}\r\nnew\r\n');
    const { untagged, tagged } = await peer.readAnswer('a');
    expect(untagged[0]).toMatch(/^\* OK \[APPENDUID \d+ 3\]/);
    expect(untagged).toContain('* 1 EXPUNGE');
    expect(tagged).toMatch(/^a OK REPLACE/);
    expect(await bodiesOf(peer, 'INBOX')).toEqual(['other\r\n', 'new']);
  });

  it('may put the new message into another mailbox', async () => {
    const peer = await connect('old\r\n');
    peer.send('a UID REPLACE 1 Drafts {3+}\r\nnew\r\n');
    expect((await peer.readAnswer('a')).tagged).toMatch(/^a OK/);
    expect(await bodiesOf(peer, 'INBOX')).toEqual([]);
    expect(await bodiesOf(peer, 'Drafts')).toEqual(['new']);
  });

  it.each<[string, string, RegExp]>([
    ['a message that is not there', 'a REPLACE 2 INBOX {3+}\r\nnew', /^a BAD /],
    ['a UID that is not there', 'a UID REPLACE 2 INBOX {3+}\r\nnew', /^a NO \[EXPUNGEISSUED\]/],
    ['a mailbox that is not there', 'a REPLACE 1 Nowhere {3+}\r\nnew', /^a NO \[TRYCREATE\]/],
    ['an empty message', 'a REPLACE 1 INBOX {0+}\r\n', /^a NO /],
    ['two messages', 'a REPLACE 1 INBOX {3+}\r\nnew {3+}\r\nnew', /^a BAD /],
  ])('refuses %s and leaves everything as it is', async (_what, text, answer) => {
    const peer = await connect('old\r\n');
    peer.send(`${text}\r\n`);
    expect((await peer.readAnswer('a')).tagged).toMatch(answer);
    expect(await bodiesOf(peer, 'INBOX')).toEqual(['old\r\n']);
  });

  it('is refused without a selected mailbox and in one that is open for reading', async () => {
    const peer = await connect('old\r\n');
    await peer.command('u UNSELECT');
    peer.send('a REPLACE 1 INBOX {3+}\r\nnew\r\n');
    expect((await peer.readAnswer('a')).tagged).toMatch(/^a BAD /);
    await peer.command('e EXAMINE INBOX');
    peer.send('b REPLACE 1 INBOX {3+}\r\nnew\r\n');
    expect((await peer.readAnswer('b')).tagged).toMatch(/^b NO \[READ-ONLY\]/);
  });
});
