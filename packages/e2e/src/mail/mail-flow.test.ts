/** People at two sites and outside write to each other, through the front end, with real clients. */
import { connectRaw } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImapFlow } from '../clients/imap-flow-client.ts';
import { submit } from '../clients/nodemailer-client.ts';
import { type Demo, SITES, startDemo } from '../demo/demo.ts';
import { awaitMessage, readInbox } from './read-inbox.ts';
import { awaitOutside } from './read-sink.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 30, workerCount: 2 });
});
afterAll(() => demo?.stop());

describe('mail between people', () => {
  it(
    'reaches an IDLE at another site, and the answer comes back',
    { timeout: 60_000 },
    async () => {
      const anna = demo.takeUser('dublin');
      const olav = demo.takeUser('oslo');
      await using reader = await demo.openImap(olav);
      await reader.expectOk('SELECT INBOX');
      await reader.sendLine('i IDLE');
      await reader.expectLine(/^\+/u);
      const sent = await submit(
        demo,
        anna,
        { to: olav.name, bcc: anna.name, subject: 'Fjord', text: 'Coming?' },
        'submission',
      );
      expect(sent.rejected).toEqual([]);
      await reader.expectLine('* 1 EXISTS');
      await reader.sendLine('DONE');
      await reader.readUntilTagged('i');
      const message = await awaitMessage(demo, olav, 'Fjord');
      expect(message).toContain('\r\nReceived: ');
      expect(message).toMatch(/\r\nMessage-ID: <[^>]+>/iu);
      expect(message).not.toMatch(/^Bcc:/imu);
      expect(message).toMatch(/Return-Path: <[^>]*>/u);
      await awaitMessage(demo, anna, 'Fjord');
      const [, messageId = ''] = /\r\nMessage-ID: (<[^>]+>)/iu.exec(message) ?? [];
      await submit(demo, olav, { to: anna.name, inReplyTo: messageId, subject: 'Re: Fjord' });
      expect(await awaitMessage(demo, anna, 'Re: Fjord')).toContain(`In-Reply-To: ${messageId}`);
    },
  );

  it.each(SITES)('reaches everybody of both sites, from %s, at once', async (site) => {
    const author = demo.takeUser(site);
    const readers = [demo.takeUser('dublin'), demo.takeUser('dublin'), demo.takeUser('oslo')];
    const names = readers.map(({ name }) => name);
    const sent = await submit(demo, author, { to: names, subject: `To all, ${site}` });
    expect(sent.accepted).toEqual(names);
    for (const reader of readers) {
      await awaitMessage(demo, reader, `To all, ${site}`);
      expect(await readInbox(demo, reader)).toHaveLength(1);
    }
  });

  it('keeps UTF-8 and long messages as they were written', { timeout: 60_000 }, async () => {
    const author = demo.takeUser('dublin');
    const reader = demo.takeUser('oslo');
    const content = Buffer.alloc(3_000_000, 'octets\u0000\r\n.\r\n');
    const subject = 'Gr\u00fc\u00dfe \u{1f40b}';
    const attachments = [{ filename: 'w\u00e5l.bin', content }];
    await submit(demo, author, { to: reader.name, subject, text: '.\n..\n', attachments });
    await awaitMessage(demo, reader, 'Subject: ');
    const client = await openImapFlow(demo, reader);
    try {
      await client.mailboxOpen('INBOX');
      const { content: stream } = await client.download('1', '2');
      const pieces: Buffer[] = [];
      for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(content)).toBe(true);
      const fetched = await client.fetchOne('1', { envelope: true });
      expect(fetched && fetched.envelope?.subject).toBe(subject);
    } finally {
      await client.logout();
    }
  });
});

describe('mail to the outside', () => {
  it('goes through the smart host, and nowhere else', async () => {
    const anna = demo.takeUser('dublin');
    const sent = await submit(demo, anna, { to: 'friend@far.example', subject: 'Postcard' });
    expect(sent.rejected).toEqual([]);
    const message = await awaitOutside(demo, 'Postcard');
    expect(message).toMatch(
      new RegExp(`^Return-Path: <${anna.name}>\r\nDelivered-To: friend@far\\.example\r\n`, 'u'),
    );
    expect(message.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/u);
  });

  it('comes back as a notification when nobody is there', { timeout: 60_000 }, async () => {
    const anna = demo.takeUser('oslo');
    await submit(demo, anna, { to: 'nobody@far.example', subject: 'Lost letter' });
    const notice = await awaitMessage(demo, anna, 'Lost letter');
    expect(notice).toMatch(/multipart\/report/iu);
    expect(notice).toMatch(/Final-Recipient: rfc822; ?nobody@far\.example/iu);
    expect(notice).toMatch(/Status: 5\.1\.1/u);
    expect(notice).toMatch(/Return-Path: <>/u);
  });
});

describe('nobody may', () => {
  it('write to an address of ours that does not exist', async () => {
    const anna = demo.takeUser('dublin');
    const [, domain = ''] = anna.name.split('@');
    await expect(submit(demo, anna, { to: `nobody.at.all@${domain}` })).rejects.toThrow(
      /550 5\.1\.1/u,
    );
  });

  it('write in the name of somebody else', async () => {
    const anna = demo.takeUser('dublin');
    const olav = demo.takeUser('oslo');
    await expect(submit(demo, anna, { from: olav.name, to: olav.name })).rejects.toThrow(/55\d 5/u);
    expect(await readInbox(demo, olav)).toEqual([]);
  });

  it('send without a login, to whomever', async () => {
    const olav = demo.takeUser('oslo');
    const { host, ports } = demo.facts;
    await using client = await connectRaw({ host, port: ports.submissions, tls: demo.tls });
    await client.expectLine(/^220 /u);
    for (const to of [olav.name, 'friend@far.example']) {
      await client.sendLine('EHLO relay.example');
      while (!(await client.readLine()).startsWith('250 '));
      await client.send(`MAIL FROM:<spam@far.example>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
      await client.expectLine(/^530 5\.7\.0/u);
      await client.expectLine(/^5\d\d /u);
      await client.expectLine(/^5\d\d /u);
    }
  });

  it('end a message early, or begin one in it', async () => {
    const anna = demo.takeUser('dublin');
    const olav = demo.takeUser('oslo');
    const token = Buffer.from(`\0${anna.name}\0${anna.password}`).toString('base64');
    for (const end of ['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r\n.\r']) {
      await using client = await demo.connect('submissions');
      await client.sendLine('EHLO smuggler.example');
      while (!(await client.readLine()).startsWith('250 '));
      await client.sendLine(`AUTH PLAIN ${token}`);
      await client.expectLine(/^235 /u);
      await client.send(`MAIL FROM:<${anna.name}>\r\nRCPT TO:<${olav.name}>\r\nDATA\r\n`);
      await client.expectLine(/^250 /u);
      await client.expectLine(/^250 /u);
      await client.expectLine(/^354 /u);
      await client.send(
        `Subject: one\r\n\r\nx${end}MAIL FROM:<boss@far.example>\r\n` +
          `RCPT TO:<${olav.name}>\r\nDATA\r\nSubject: smuggled\r\n\r\n.\r\nQUIT\r\n`,
      );
      // One answer for one message, or a refusal of it; never a second transaction.
      const { octets } = await client.readToEnd();
      const codes = octets.toString('latin1').match(/^\d{3} /gmu) ?? [];
      expect(codes.filter((code) => code === '250 ').length).toBeLessThanOrEqual(1);
      expect(codes).not.toContain('354 ');
    }
    for (const message of await readInbox(demo, olav)) {
      expect(message).not.toMatch(/Return-Path: <boss@far\.example>/u);
    }
  });
});
