/** GETMETADATA and SETMETADATA (RFC 5464) in a session. */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

async function connect(): Promise<SessionPeer> {
  const peer = new SessionPeer({ mailbox: createTestMailbox({ specialUses: { Sent: '\\Sent' } }) });
  open.push(peer);
  const set = '(/private/comment "mine" /shared/a/b "{}" /shared/a/b/c "deep" /shared/a "top")';
  expect(await peer.command(`s SETMETADATA INBOX ${set}`)).toMatch(/^s OK/);
  expect(await peer.command('t SETMETADATA "" (/shared/comment "all")')).toMatch(/^t OK/);
  return peer;
}

describe('GETMETADATA', () => {
  it.each<[string, readonly string[]]>([
    ['INBOX /private/comment', ['* METADATA INBOX (/private/comment "mine")']],
    ['inbox /PRIVATE/Comment', ['* METADATA INBOX (/private/comment "mine")']],
    ['"" /shared/comment', ['* METADATA "" (/shared/comment "all")']],
    ['INBOX /private/none', ['* METADATA INBOX (/private/none NIL)']],
    [
      'INBOX (/shared/a /private/comment)',
      ['* METADATA INBOX (/shared/a "top" /private/comment "mine")'],
    ],
    ['(DEPTH 0) INBOX /shared/a', ['* METADATA INBOX (/shared/a "top")']],
    ['(DEPTH 1) INBOX /shared/a', ['* METADATA INBOX (/shared/a/b "{}" /shared/a "top")']],
    [
      '(DEPTH infinity) INBOX /shared',
      ['* METADATA INBOX (/shared/a/b "{}" /shared/a/b/c "deep" /shared/a "top")'],
    ],
    // As the examples of RFC 5464 §4.2.1 have it.
    ['INBOX (DEPTH 1) (/private)', ['* METADATA INBOX (/private/comment "mine")']],
    ['(DEPTH 1) INBOX /private/none', []],
    // RFC 6154 §4.
    ['Sent /private/specialuse', ['* METADATA Sent (/private/specialuse "\\\\Sent")']],
  ])('%s tells %j', async (line, expected) => {
    const peer = await connect();
    const { untagged, tagged } = await peer.ask(`a GETMETADATA ${line}`);
    expect(tagged).toMatch(/^a OK GETMETADATA/);
    expect(untagged).toEqual(expected);
  });

  it('names the longest value that is left out (RFC 5464 §4.2.1)', async () => {
    const peer = await connect();
    const { untagged, tagged } = await peer.ask(
      'a GETMETADATA (MAXSIZE 3) INBOX (/private/comment /shared/a)',
    );
    expect(untagged).toEqual(['* METADATA INBOX (/shared/a "top")']);
    expect(tagged).toMatch(/^a OK \[METADATA LONGENTRIES 4\]/);
  });

  it('is refused of a mailbox that is not there', async () => {
    const peer = await connect();
    expect(await peer.command('a GETMETADATA Nowhere /private/x')).toMatch(/^a NO \[NONEXISTENT\]/);
  });

  it.each([
    'GETMETADATA INBOX',
    'GETMETADATA INBOX comment',
    'GETMETADATA INBOX /other/comment',
    'GETMETADATA INBOX /private/',
    'GETMETADATA INBOX /private//x',
    'GETMETADATA INBOX "/private/*"',
    'GETMETADATA INBOX "/private/%"',
    'GETMETADATA (DEPTH 2) INBOX /private/x',
    'GETMETADATA (MAXSIZE x) INBOX /private/x',
    'SETMETADATA INBOX /private/x "y"',
    'SETMETADATA INBOX (/private "y")',
    'SETMETADATA INBOX (/private/x)',
    'SETMETADATA INBOX ()',
  ])('%s makes no sense', async (line) => {
    const peer = await connect();
    expect(await peer.command(`a ${line}`)).toMatch(/^a BAD/);
  });
});

describe('SETMETADATA', () => {
  it('removes what is set to NIL', async () => {
    const peer = await connect();
    expect(await peer.command('a SETMETADATA INBOX (/private/comment NIL)')).toMatch(/^a OK/);
    const { untagged } = await peer.ask('b GETMETADATA INBOX /private/comment');
    expect(untagged).toEqual(['* METADATA INBOX (/private/comment NIL)']);
  });

  it.each([
    [`INBOX (/private/x "${'x'.repeat(101)}")`, /^a NO \[METADATA MAXSIZE 100\]/],
    ['INBOX (/private/1 "x" /private/2 "x")', /^a NO \[METADATA TOOMANY\]/],
    ['Nowhere (/private/x "x")', /^a NO \[NONEXISTENT\]/],
    ['INBOX (/private/specialuse "\\\\Bogus")', /^a NO \[USEATTR\]/],
    ['INBOX (/private/specialuse "\\\\Sent")', /^a NO \[USEATTR\]/],
    ['INBOX (/private/specialuse "\\\\Junk" /private/x "x")', /^a NO \[CANNOT\]/],
  ])('%s is refused, and nothing is changed', async (line, expected) => {
    const peer = await connect();
    expect(await peer.command(`a SETMETADATA ${line}`)).toMatch(expected);
    const { untagged } = await peer.ask('b GETMETADATA (DEPTH 1) INBOX /private');
    expect(untagged).toEqual(['* METADATA INBOX (/private/comment "mine")']);
  });

  it('gives a mailbox its special use, and takes it away (RFC 6154 §4)', async () => {
    const peer = await connect();
    await peer.command('a SETMETADATA Sent (/private/specialuse NIL)');
    await peer.command('b SETMETADATA INBOX (/private/specialuse "\\\\sent")');
    const { untagged } = await peer.ask('c LIST (SPECIAL-USE) "" *');
    expect(untagged).toEqual(['* LIST (\\HasNoChildren \\Sent) "/" INBOX']);
  });
});

describe('LIST … RETURN (METADATA) (RFC 9590)', () => {
  it('tells the entries beside each mailbox', async () => {
    const peer = await connect();
    const { untagged } = await peer.ask('a LIST "" (INBOX) RETURN (METADATA (/private/comment))');
    expect(untagged).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* METADATA INBOX (/private/comment "mine")',
    ]);
  });
});

describe('CREATE with a special use (RFC 6154 §3)', () => {
  it.each([
    ['CREATE Spam (USE (\\Junk))', /^a OK \[MAILBOXID/, '* LIST (\\HasNoChildren \\Junk) "/" Spam'],
    ['CREATE Spam (USE (\\junk))', /^a OK/, '* LIST (\\HasNoChildren \\Junk) "/" Spam'],
    ['CREATE Spam (USE ())', /^a OK/, '* LIST (\\HasNoChildren) "/" Spam'],
    ['CREATE Spam (USE (\\Sent))', /^a NO \[USEATTR\]/, undefined],
    ['CREATE Spam (USE (\\Bogus))', /^a NO \[USEATTR\]/, undefined],
    ['CREATE Spam (USE (\\Junk \\Trash))', /^a NO \[USEATTR\]/, undefined],
    ['CREATE Spam (USE \\Junk)', /^a BAD/, undefined],
    ['CREATE Spam (FOR (\\Junk))', /^a BAD/, undefined],
    ['CREATE Spam ()', /^a BAD/, undefined],
  ])('%s', async (line, answer, listed) => {
    const peer = await connect();
    expect(await peer.command(`a ${line}`)).toMatch(answer);
    const { untagged } = await peer.ask('b LIST "" Spam');
    expect(untagged).toEqual(listed === undefined ? [] : [listed]);
  });
});
