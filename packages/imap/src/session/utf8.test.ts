/** UTF-8 in names and quoted strings, once it is enabled (RFC 6855 §3, RFC 9051 §5.1). */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox } from './testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

/** UTF-8 as the peer sends and reads it: an octet each. */
const octets = (text: string): string => Buffer.from(text).toString('latin1');

async function connect(enabled: string): Promise<SessionPeer> {
  const mailbox = createTestMailbox();
  await mailbox.createFolder('Entwürfe', true);
  await mailbox.createFolder('受信 "1"', true);
  await mailbox.createFolder('A&B', true);
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  if (enabled !== '') await peer.command(`e ENABLE ${enabled}`);
  return peer;
}

describe('a client that has enabled UTF-8', () => {
  it.each(['UTF8=ACCEPT', 'IMAP4rev2'])('sees names in UTF-8 by %s', async (enabled) => {
    const peer = await connect(enabled);
    const names = (await peer.ask('a1 LIST "" *')).untagged.map((line) => line.split('"/" ')[1]);
    expect(names).toEqual(['INBOX', 'A&B', octets('"Entwürfe"'), octets('"受信 \\"1\\""')]);
    const status = await peer.ask(octets('a2 STATUS "Entwürfe" (MESSAGES)'));
    expect(status.untagged).toEqual([octets('* STATUS "Entwürfe" (MESSAGES 0)')]);
  });

  it('names folders as they are, and "&" is one of the characters', async () => {
    const peer = await connect('UTF8=ACCEPT');
    expect(await peer.command('a1 SELECT A&B')).toMatch(/^a1 OK/);
    expect(await peer.command('a2 CREATE &APw-')).toMatch(/^a2 OK/);
    expect((await peer.ask('a3 LIST "" &*')).untagged[0]).toMatch(/ &APw-$/);
    expect(await peer.command('a4 SELECT A&-B')).toMatch(/^a4 NO/);
  });

  it.each([
    ['a string that is no UTF-8', 'SELECT "\xff"'],
    ['half a character', 'SELECT "\xc3"'],
    ['the same in any other string', 'SEARCH SUBJECT "\xff"'],
    ['a charset (RFC 6855 §3)', 'SEARCH CHARSET UTF-8 ALL'],
    ['a control character', octets('CREATE "a\u0085"')],
    ['a line separator', octets('CREATE "a\u2028"')],
  ])('is refused %s', async (_what, line) => {
    const peer = await connect('UTF8=ACCEPT');
    await peer.command('s SELECT INBOX');
    expect(await peer.command(`a1 ${line}`)).toMatch(/^a1 BAD/);
  });

  it('may name a charset where IMAP4rev2 is all that it enabled (RFC 9051 §6.4.4)', async () => {
    const peer = await connect('IMAP4rev2');
    await peer.command('s SELECT INBOX');
    expect(await peer.command('a1 SEARCH CHARSET UTF-8 ALL')).toMatch(/^a1 OK/);
  });
});

describe('a client that has not', () => {
  it('sees names in modified UTF-7 (RFC 3501 §5.1.3)', async () => {
    const peer = await connect('');
    const names = (await peer.ask('a1 LIST "" *')).untagged.map((line) => line.split('"/" ')[1]);
    expect(names).toEqual(['INBOX', 'A&-B', 'Entw&APw-rfe', '"&U9dP4Q- \\"1\\""']);
  });

  it('may quote UTF-8 all the same, and 8-bit octets of unknown meaning', async () => {
    const peer = await connect('');
    expect(await peer.command(octets('a1 SELECT "Entwürfe"'))).toMatch(/^a1 OK/);
    expect(await peer.command('a2 SEARCH SUBJECT "\xff"')).toMatch(/^a2 OK/);
  });
});
