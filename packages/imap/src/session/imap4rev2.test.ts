/** What ENABLE IMAP4rev2 changes in a session (RFC 9051 Appendix E). */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from './testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

async function connectTwo(): Promise<{ readonly one: SessionPeer; readonly two: SessionPeer }> {
  const mailbox = createTestMailbox({ specialUses: { Sent: '\\Sent' } });
  await deliver(mailbox, 'Subject: 1\r\n\r\nText', { path: 'Sent' });
  const [one, two] = [new SessionPeer({ mailbox }), new SessionPeer({ mailbox })];
  open.push(one, two);
  await one.command('e ENABLE imap4REV2');
  return { one, two };
}

describe('IMAP4rev2', () => {
  it('is enabled under its own name', async () => {
    const { two } = await connectTwo();
    expect((await two.ask('a1 ENABLE imap4rev2')).untagged).toEqual(['* ENABLED IMAP4rev2']);
  });

  it('says LIST and neither RECENT nor UNSEEN when a folder is opened (RFC 9051 §6.3.2)', async () => {
    const { one, two } = await connectTwo();
    const { untagged } = await one.ask('a1 SELECT Sent');
    expect(untagged).toContain('* LIST (\\HasNoChildren \\Sent) "/" Sent');
    expect(untagged.join('\n')).not.toMatch(/RECENT|UNSEEN/);
    const before = (await two.ask('b1 SELECT INBOX')).untagged.join('\n');
    expect(before).toMatch(/\* 0 RECENT/);
    expect(before).not.toMatch(/\* LIST/);
  });

  it('knows no \\Recent', async () => {
    const { one, two } = await connectTwo();
    await one.command('a1 SELECT Sent');
    expect((await one.ask('a2 FETCH 1 FLAGS')).untagged).toEqual(['* 1 FETCH (FLAGS ())']);
    await two.command('b1 APPEND Sent {14+}\r\nSubject: 2\r\n\r\n');
    expect((await one.ask('a3 NOOP')).untagged).toEqual(['* 2 EXISTS']);
  });

  it('tells UIDs with every FETCH that was not asked for (RFC 9051 §7.5.2)', async () => {
    const { one, two } = await connectTwo();
    await one.command('a1 SELECT Sent');
    await two.command('b1 SELECT Sent');
    await two.command('b2 STORE 1 +FLAGS (\\Flagged)');
    expect((await one.ask('a2 NOOP')).untagged).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Flagged))']);
    expect((await one.ask('a3 STORE 1 FLAGS ()')).untagged).toEqual(['* 1 FETCH (UID 1 FLAGS ())']);
    expect((await one.ask('a4 FETCH 1 BODY[TEXT]')).untagged).toEqual([
      '* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[TEXT] {4}\r\nText)',
    ]);
    expect((await two.ask('b3 NOOP')).untagged).toEqual(['* 1 FETCH (FLAGS (\\Seen))']);
  });

  it('counts sizes in 63 bits (RFC 9051 §9 number64)', async () => {
    const { one } = await connectTwo();
    await one.command('a1 SELECT Sent');
    const { untagged } = await one.ask('a2 FETCH 1 BODY.PEEK[TEXT]<2.9223372036854775807>');
    expect(untagged).toEqual(['* 1 FETCH (BODY[TEXT]<2> {2}\r\nxt)']);
    expect(await one.command('a3 FETCH 1 BODY.PEEK[TEXT]<0.9223372036854775808>')).toMatch(/BAD/);
  });
});
