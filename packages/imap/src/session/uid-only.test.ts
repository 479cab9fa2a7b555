/** UIDONLY (RFC 9586): no sequence numbers, either way. */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from './testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

/** UIDs 2 and 3, one client that knows them alone, and another. */
async function connectTwo(): Promise<{ readonly one: SessionPeer; readonly two: SessionPeer }> {
  const mailbox = createTestMailbox();
  for (let number = 1; number <= 3; number += 1)
    await deliver(mailbox, `Subject: ${number}\r\n\r\nT`);
  const [one, two] = [new SessionPeer({ mailbox }), new SessionPeer({ mailbox })];
  open.push(one, two);
  await two.command('s SELECT INBOX');
  await two.command('d STORE 1 +FLAGS.SILENT (\\Deleted)');
  await two.command('x EXPUNGE');
  await one.command('e ENABLE UIDONLY');
  const { untagged } = await one.ask('s SELECT INBOX');
  expect(untagged.join('\n')).not.toContain('UNSEEN');
  return { one, two };
}

describe('a client that has enabled UIDONLY', () => {
  it.each([
    'FETCH 1 FLAGS',
    'STORE 1 FLAGS ()',
    'COPY 1 INBOX',
    'MOVE 1 INBOX',
    'SEARCH ALL',
    'SORT (DATE) UTF-8 ALL',
    'THREAD REFERENCES UTF-8 ALL',
    'UID SEARCH OR SEEN NOT (1)',
    'UID SORT (DATE) UTF-8 1:*',
  ])('may not say %s', async (line) => {
    const { one } = await connectTwo();
    expect(await one.command(`a1 ${line}`)).toMatch(/^a1 BAD \[UIDREQUIRED\]/);
  });

  it('may not say REPLACE either, whose message is skipped', async () => {
    const { one } = await connectTwo();
    one.send('a1 REPLACE 1 INBOX {14+}\r\nSubject: x\r\n\r\n\r\na2 NOOP\r\n');
    expect((await one.readAnswer('a1')).tagged).toMatch(/^a1 BAD \[UIDREQUIRED\]/);
    expect((await one.readAnswer('a2')).tagged).toMatch(/^a2 OK/);
  });

  it('is answered by UIDFETCH', async () => {
    const { one } = await connectTwo();
    expect((await one.ask('a1 UID FETCH 1:* RFC822.SIZE')).untagged).toEqual([
      '* 2 UIDFETCH (RFC822.SIZE 15)',
      '* 3 UIDFETCH (RFC822.SIZE 15)',
    ]);
    expect((await one.ask('a2 UID FETCH 3 BODY[TEXT]')).untagged).toEqual([
      expect.stringMatching(/^\* 3 UIDFETCH \(FLAGS \(\\Seen.*\) BODY\[TEXT\] \{1\}\r\nT\)$/),
    ]);
    expect((await one.ask('a3 UID STORE 2 +FLAGS ($X)')).untagged.at(-1)).toMatch(
      /^\* 2 UIDFETCH \(FLAGS \(\$X.*\)\)$/,
    );
  });

  it('hears of changes and of what vanished by UID', async () => {
    const { one, two } = await connectTwo();
    await two.command('b1 STORE 1 +FLAGS (\\Deleted)');
    expect((await one.ask('a1 NOOP')).untagged).toEqual([
      expect.stringMatching(/^\* 2 UIDFETCH \(FLAGS \(\\Deleted.*\)\)$/),
    ]);
    await two.command('b2 EXPUNGE');
    expect((await one.ask('a2 NOOP')).untagged[0]).toBe('* VANISHED 2');
  });

  it('searches by UID, and speaks of what it saved', async () => {
    const { one } = await connectTwo();
    expect((await one.ask('a1 UID SEARCH RETURN (SAVE ALL) SUBJECT 3')).untagged).toEqual([
      '* ESEARCH (TAG "a1") UID ALL 3',
    ]);
    expect((await one.ask('a2 UID FETCH $ UID')).untagged).toEqual(['* 3 UIDFETCH (UID 3)']);
    expect(await one.command('a3 UID SEARCH $ ALL')).toMatch(/^a3 OK/);
  });

  it('may not come back with sequence numbers', async () => {
    const { one } = await connectTwo();
    await one.command('e ENABLE QRESYNC');
    const line = 'SELECT INBOX (QRESYNC (1001 1 1:3 (1 2)))';
    expect(await one.command(`a1 ${line}`)).toMatch(/^a1 BAD \[UIDREQUIRED\]/);
    expect(await one.command('a2 SELECT INBOX (QRESYNC (1001 1 1:3))')).toMatch(/^a2 OK/);
  });
});
