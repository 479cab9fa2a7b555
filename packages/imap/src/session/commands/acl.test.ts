/** GETACL, SETACL, DELETEACL, LISTRIGHTS and MYRIGHTS (RFC 4314 §3), LIST-MYRIGHTS (RFC 8440). */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

function connect(): SessionPeer {
  const peer = new SessionPeer();
  open.push(peer);
  return peer;
}

const own = 'owner lrswipkxteacd';

describe('access lists', () => {
  it.each<[readonly string[], string]>([
    [[], `* ACL INBOX ${own}`],
    [['SETACL INBOX bob lr'], `* ACL INBOX ${own} bob lr`],
    // RFC 4314 §2.1.1: "d" means "e" and "t", and is told beside them; so is "c".
    [['SETACL INBOX bob lrswida'], `* ACL INBOX ${own} bob lrswitead`],
    [['SETACL INBOX bob lrk'], `* ACL INBOX ${own} bob lrkc`],
    [['SETACL INBOX bob lr', 'SETACL INBOX bob +cda'], `* ACL INBOX ${own} bob lrkxteacd`],
    [['SETACL INBOX bob lrs', 'SETACL INBOX bob -s'], `* ACL INBOX ${own} bob lr`],
    [['SETACL INBOX bob lrs', 'SETACL INBOX bob ""'], `* ACL INBOX ${own}`],
    [['SETACL INBOX bob lrs', 'DELETEACL INBOX bob'], `* ACL INBOX ${own}`],
    [['SETACL INBOX anyone l', 'SETACL INBOX "a b" r'], `* ACL INBOX ${own} anyone l "a b" r`],
  ])('%j leave %s', async (lines, expected) => {
    const peer = connect();
    for (const line of lines) expect(await peer.command(`s ${line}`)).toMatch(/^s OK/);
    expect((await peer.ask('a GETACL INBOX')).untagged).toEqual([expected]);
  });

  it.each([
    // RFC 4314 §3.1: unknown rights are refused, upper case ones too.
    ['SETACL INBOX bob lrq', /^a BAD/],
    ['SETACL INBOX bob lrS', /^a BAD/],
    ['SETACL INBOX bob lr0', /^a BAD/],
    ['SETACL INBOX "" lr', /^a BAD/],
    ['SETACL INBOX bob', /^a BAD/],
    ['SETACL INBOX owner lr', /^a NO \[CANNOT\]/],
    ['DELETEACL INBOX owner', /^a NO \[CANNOT\]/],
    ['SETACL INBOX -bob lr', /^a NO \[CANNOT\]/],
    ['SETACL Nowhere bob lr', /^a NO \[NONEXISTENT\]/],
    ['GETACL Nowhere', /^a NO \[NONEXISTENT\]/],
    ['MYRIGHTS Nowhere', /^a NO \[NONEXISTENT\]/],
    ['LISTRIGHTS INBOX', /^a BAD/],
  ])('%s is refused', async (line, answer) => {
    const peer = connect();
    expect(await peer.command(`a ${line}`)).toMatch(answer);
    expect((await peer.ask('b GETACL INBOX')).untagged).toEqual([`* ACL INBOX ${own}`]);
  });

  it.each([
    ['LISTRIGHTS INBOX bob', '* LISTRIGHTS INBOX bob "" l r s w i p k x t e a c d'],
    ['LISTRIGHTS INBOX owner', '* LISTRIGHTS INBOX owner lrswipkxteacd'],
    ['MYRIGHTS INBOX', '* MYRIGHTS INBOX lrswipkxteacd'],
  ])('%s tells %s', async (line, expected) => {
    const peer = connect();
    expect((await peer.ask(`a ${line}`)).untagged).toEqual([expected]);
  });

  it('are told beside LIST, as what one may do oneself (RFC 8440 §3)', async () => {
    const peer = connect();
    expect((await peer.ask('a LIST "" (INBOX) RETURN (MYRIGHTS)')).untagged).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* MYRIGHTS INBOX lrswipkxteacd',
    ]);
  });
});
