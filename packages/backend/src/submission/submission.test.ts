/** Submission at a worker: real TLS, real tickets, real mail store, and IMAP to look with. */
import { readdir, readFile } from 'node:fs/promises';
import type { AccountRecord, GroupId } from '@homeward/directory';
import type { RawClient } from '@homeward/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askSmtp, openSubmission, readReply, submit } from '../testing/smtp-client.ts';
import { openTestSite, type TestSite } from '../testing/test-site.ts';

let site: TestSite;
beforeAll(async () => {
  site = await openTestSite();
});
afterAll(() => site[Symbol.asyncDispose]());

const changed = new Set<string>();
async function setSetting(name: string, value: unknown): Promise<void> {
  changed.add(name);
  const before = site.log.length;
  await site.directory.setSetting(name, value);
  await expect
    .poll(() => site.log.slice(before).map(({ event }) => event), { timeout: 5_000 })
    .toContain('settings.changed');
}
afterEach(async () => {
  for (const name of changed) await setSetting(name, undefined);
  changed.clear();
});

const letter = (from: string, ...lines: readonly string[]): string =>
  [`From: ${from}`, 'To: you@example.test', 'Subject: Hi', ...lines, '', 'Hello.'].join('\r\n');

/** The whole of the newest message of a folder. */
async function readNewest(account: AccountRecord, folder = 'INBOX'): Promise<string> {
  await using imap = await site.openImap(account);
  await imap.expectOk(`EXAMINE "${folder}"`);
  const { untagged } = await imap.expectOk('FETCH * BODY.PEEK[]');
  return untagged.join('\r\n');
}

async function countIn(imap: RawClient, folder: string): Promise<number> {
  const { untagged } = await imap.expectOk(`STATUS "${folder}" (MESSAGES)`);
  return Number(/MESSAGES (\d+)/.exec(untagged.join())?.[1]);
}

describe('a submitted message', () => {
  it('is in the mailbox before 250, with trace and what was missing, and IDLE sees it', async () => {
    const [anna, bruno] = [await site.addAccount(), await site.addAccount()];
    await using waiting = await site.openImap(bruno);
    await waiting.expectOk('SELECT INBOX');
    await waiting.sendLine('i IDLE');
    await waiting.readLine();
    const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' };
    const claims = { sid: 'fe1-abc', client: { address: '192.0.2.7', port: 4711, tls } };
    await using client = await openSubmission(site, anna, claims);
    const answer = await submit(
      client,
      anna.address,
      [bruno.address],
      letter(anna.address, 'Bcc: secret@example.test', 'Return-Path: <forged@example.test>'),
    );
    expect(answer).toBe('250 2.0.0 Taken as fe1-abc.1');
    expect(await waiting.readLine()).toBe('* 1 EXISTS');
    const stored = await readNewest(bruno);
    expect(stored).toContain(
      `Return-Path: <${anna.address}>\r\nDelivered-To: ${bruno.address}\r\n`,
    );
    expect(stored).toMatch(
      /Received: from client\.example\.test\r\n\tby dublin\.homeward\.test with ESMTPSA id fe1-abc\.1;\r\n\t/,
    );
    expect(stored).toMatch(/\r\nDate: \w{3}, /);
    expect(stored).toMatch(/\r\nMessage-ID: <fe1-abc\.1@example\.test>\r\n/);
    expect(stored).not.toMatch(/secret|forged|192\.0\.2\.7/);
    expect(site.log).toContainEqual(
      expect.objectContaining({
        event: 'message.taken',
        reference: 'fe1-abc.1',
        conversationId: 'fe1-abc',
        deliveredCount: 1,
      }),
    );
  });

  it('keeps Date and Message-ID that it has, and dots', async () => {
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    const head = letter(anna.address, 'Date: yesterday', 'Message-ID: <mine@example.test>');
    await submit(client, anna.address, [anna.address], `${head}\r\n..\r\n..x`);
    const stored = await readNewest(anna);
    expect(stored.match(/^(Date|Message-ID): .*$/gm)).toEqual([
      'Date: yesterday',
      'Message-ID: <mine@example.test>',
    ]);
    expect(stored).toContain('Hello.\r\n.\r\n.x\r\n');
  });

  it('of several megabytes comes through by BDAT, octet for octet', async () => {
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    const body = Buffer.alloc(3_000_000, 'abcdefgh\r\n');
    const head = Buffer.from(`${letter(anna.address)}\r\n`);
    await client.send(`MAIL FROM:<${anna.address}>\r\nRCPT TO:<${anna.address}>\r\n`);
    await client.send(`BDAT ${head.length}\r\n`);
    await client.send(head);
    await client.send(`BDAT ${body.length} LAST\r\n`);
    await client.send(body);
    for (let count = 0; count < 3; count += 1) expect(await readReply(client)).toMatch(/^250 /);
    expect(await readReply(client)).toMatch(/^250 2\.0\.0 Taken as/);
    const stored = await readNewest(anna);
    expect(stored.length).toBeGreaterThan(3_000_000);
    expect(stored.slice(-3_000_010)).toContain('Hello.\r\nabcdefgh\r\nabc');
  });

  it('reaches 1,000 recipients in one pass, each mailbox once', async () => {
    const anna = await site.addAccount();
    const others: AccountRecord[] = [];
    for (let count = 0; count < 40; count += 1) others.push(await site.addAccount());
    const addresses = Array.from({ length: 1_000 }, (_, at) => others[at % 40]?.address ?? '');
    await using client = await openSubmission(site, anna);
    expect(await submit(client, anna.address, addresses, letter(anna.address))).toMatch(/^250 /);
    for (const other of others.slice(0, 3)) {
      await using imap = await site.openImap(other);
      expect(await countIn(imap, 'INBOX')).toBe(1);
    }
  });
});

describe('who may send', () => {
  it.each([
    ['another’s envelope', 'victim@example.test', undefined],
    ['an envelope of elsewhere', 'ceo@bank.test', undefined],
    ['another’s From', undefined, 'Victim <victim@example.test>'],
    ['a From of two', undefined, '%, victim@example.test'],
    ['a From that reads differently to others', undefined, 'victim@example.test <%>'],
    ['a From without an address', undefined, 'The management'],
    ['a From that names a group', undefined, 'undisclosed: ;'],
  ])('refuses %s', async (_name, sender, from) => {
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    const message = letter((from ?? '%').replace('%', anna.address));
    const answer = await submit(client, sender ?? anna.address, [anna.address], message);
    expect(answer).toMatch(/^550 5\.(7\.1|6\.0) /);
    await using imap = await site.openImap(anna);
    expect(await countIn(imap, 'INBOX')).toBe(0);
  });

  it('refuses another’s Sender, and two Froms', async () => {
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    for (const line of ['Sender: victim@example.test', 'From: victim@example.test']) {
      const message = letter(anna.address, line);
      expect(await submit(client, anna.address, [anna.address], message)).toMatch(/^550 5\./);
    }
  });

  it('takes an alias, and the null path that receipts have', async () => {
    const anna = await site.addAccount({
      names: ['a1@example.test', 'alias1@example.test'],
      address: 'a1@example.test',
    });
    await using client = await openSubmission(site, anna);
    for (const sender of ['Alias1@Example.Test', '']) {
      const message = letter('alias1@example.test');
      expect(await submit(client, sender, [anna.address], message)).toMatch(/^250 /);
    }
  });

  it('is no delegate by full access alone', async () => {
    const bruno = await site.addAccount();
    const shared = await site.addAccount({
      kind: 'shared',
      delegates: [{ accountId: bruno.id, rights: ['full'] }],
    });
    await using client = await openSubmission(site, shared, { act: bruno.id });
    expect(await askSmtp(client, `MAIL FROM:<${shared.address}>`)).toMatch(/^550 5\.7\.1 /);
    expect(await askSmtp(client, `MAIL FROM:<${bruno.address}>`)).toMatch(/^250 /);
  });
});

describe('recipients', () => {
  it('elsewhere are refused: there is no open relay', async () => {
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    await askSmtp(client, `MAIL FROM:<${anna.address}>`);
    for (const one of [
      'x@elsewhere.test',
      'nobody@example.test',
      '@example.test:x@elsewhere.test',
    ]) {
      expect(await askSmtp(client, `RCPT TO:<${one}>`)).toMatch(/^550 5\./);
    }
    expect(await askSmtp(client, 'DATA')).toMatch(/^554 5\.5\.1 /);
  });

  it('without a login there is no transaction', async () => {
    await using client = await site.connect('submissions');
    await askSmtp(client, 'EHLO me');
    expect(await askSmtp(client, 'MAIL FROM:<a@example.test>')).toMatch(/^530 5\.7\.0 /);
    expect(await askSmtp(client, 'RCPT TO:<a@example.test>')).toMatch(/^5/);
  });

  it.each(['guest', 'anonymous', 'administrator'] as const)(
    'of kind %s get nothing',
    async (kind) => {
      const [anna, other] = [await site.addAccount(), await site.addAccount({ kind })];
      await using client = await openSubmission(site, anna);
      await askSmtp(client, `MAIL FROM:<${anna.address}>`);
      expect(await askSmtp(client, `RCPT TO:<${other.address}>`)).toMatch(/^550 5\.1\.1 /);
    },
  );

  it('that are full or off say so before the message', async () => {
    const anna = await site.addAccount();
    const full = await site.addAccount({ quotaBytes: 10 });
    const off = await site.addAccount({ isEnabled: false });
    await using client = await openSubmission(site, anna);
    await askSmtp(client, `MAIL FROM:<${anna.address}> SIZE=2000`);
    expect(await askSmtp(client, `RCPT TO:<${full.address}>`)).toMatch(/^552 5\.2\.2 /);
    expect(await askSmtp(client, `RCPT TO:<${off.address}>`)).toMatch(/^450 4\.2\.1 /);
  });
});

describe('addresses', () => {
  it('with a detail go to the folder of that name, but to none of what the owner wrote', async () => {
    const [anna, bruno] = [await site.addAccount(), await site.addAccount()];
    await using imap = await site.openImap(bruno);
    await imap.expectOk('CREATE Shop');
    await using client = await openSubmission(site, anna);
    const [local] = bruno.address.split('@');
    for (const detail of ['shop', 'nowhere', 'sent', 'junk']) {
      const to = `${local}+${detail}@example.test`;
      expect(await submit(client, anna.address, [to], letter(anna.address))).toMatch(/^250/);
    }
    const counts: number[] = [];
    for (const folder of ['Shop', 'INBOX', 'Sent', 'Junk'])
      counts.push(await countIn(imap, folder));
    expect(counts).toEqual([1, 2, 0, 1]);
    expect(await readNewest(bruno, 'Shop')).toContain(`Delivered-To: ${local}+shop@example.test`);
  });

  it('of groups reach each member once, and only those may send who may', async () => {
    const [anna, bruno] = [await site.addAccount(), await site.addAccount()];
    const group = {
      id: 'g1' as GroupId,
      address: 'all@example.test',
      names: ['all@example.test'],
      displayName: undefined,
      members: [anna, bruno].map(({ id }) => ({ kind: 'account', id }) as const),
      senders: { kind: 'members' },
      version: 1,
      createdAtMs: 0,
    } as const;
    await site.directory.addGroup(group);
    const stranger = await site.addAccount();
    await using no = await openSubmission(site, stranger);
    expect(await submit(no, stranger.address, [group.address], letter(stranger.address))).toMatch(
      /^550 5\.7\.1 /,
    );
    await using client = await openSubmission(site, anna);
    const to = [bruno.address, group.address];
    expect(await submit(client, anna.address, to, letter(anna.address))).toMatch(/^250/);
    for (const member of [anna, bruno]) {
      await using imap = await site.openImap(member);
      expect(await countIn(imap, 'INBOX')).toBe(1);
    }
    await site.directory.deleteGroup(group.id);
  });

  it('of another may be used by who has send-as there', async () => {
    const anna = await site.addAccount();
    const delegates = [{ accountId: anna.id, rights: ['send-as'] as const }];
    const shared = await site.addAccount({ kind: 'shared', delegates });
    await using client = await openSubmission(site, anna);
    const message = letter(shared.address);
    expect(await submit(client, shared.address, [shared.address], message)).toMatch(/^250/);
  });
});

describe('limits', () => {
  it('on messages a minute names the wait', async () => {
    await setSetting('submission.messagesPerMinute', 2);
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    for (let count = 0; count < 2; count += 1) {
      expect(await submit(client, anna.address, [anna.address], letter(anna.address))).toMatch(
        /^250/,
      );
    }
    await using second = await openSubmission(site, anna);
    const answer = await askSmtp(second, `MAIL FROM:<${anna.address}>`);
    expect(answer).toMatch(/^450 4\.7\.1 Too many messages: try again in \d+ seconds$/);
  });

  it('on recipients an hour and on those of one message hold', async () => {
    await setSetting('submission.recipientsPerHour', 3);
    await setSetting('submission.maxRecipients', 2);
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    const rcpt = `RCPT TO:<${anna.address}>`;
    await askSmtp(client, `MAIL FROM:<${anna.address}>`);
    for (const expected of [/^250/, /^250/, /^452 4\.5\.3/]) {
      expect(await askSmtp(client, rcpt)).toMatch(expected);
    }
    await askSmtp(client, 'RSET');
    await askSmtp(client, `MAIL FROM:<${anna.address}>`);
    expect(await askSmtp(client, rcpt)).toMatch(/^250/);
    expect(await askSmtp(client, rcpt)).toMatch(
      /^450 4\.7\.1 Too many recipients: try again in 20 minutes$/,
    );
  });

  it('on recipients count addresses that nobody has', async () => {
    await setSetting('submission.recipientsPerHour', 2);
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    await askSmtp(client, `MAIL FROM:<${anna.address}>`);
    for (const expected of [/^550 5\.1\.1/, /^550 5\.1\.1/, /^450 4\.7\.1 Too many recipients/]) {
      expect(await askSmtp(client, 'RCPT TO:<guess@example.test>')).toMatch(expected);
    }
  });

  it('on size are told in EHLO, and hold at MAIL and at the end of the message', async () => {
    await setSetting('submission.maxMessageBytes', 4_000);
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    await client.sendLine('EHLO again');
    const lines: string[] = [];
    while (!lines.at(-1)?.startsWith('250 ')) lines.push(await client.readLine());
    expect(lines.join(' ')).toMatch(/SIZE 4000/);
    const tooBig = await askSmtp(client, `MAIL FROM:<${anna.address}> SIZE=4001`);
    expect(tooBig).toMatch(/^552 5\.3\.4 /);
    const message = `${letter(anna.address)}\r\n${'x'.repeat(5_000)}`;
    expect(await submit(client, anna.address, [anna.address], message)).toMatch(/^552 5\.3\.4 /);
    await using imap = await site.openImap(anna);
    expect(await countIn(imap, 'INBOX')).toBe(0);
  });
});

it('EHLO offers behind the login what it offers before it', async () => {
  await setSetting('submission.extensions', ['8BITMIME']);
  const anna = await site.addAccount();
  const offered = async (client: RawClient): Promise<string> => {
    await client.sendLine('EHLO again');
    const lines: string[] = [];
    while (!lines.at(-1)?.startsWith('250 ')) lines.push(await client.readLine());
    return lines.map((line) => line.slice(4)).join(' ');
  };
  await using stranger = await site.connect('submissions');
  await using client = await openSubmission(site, anna);
  for (const one of [stranger, client]) {
    const offer = await offered(one);
    expect(offer).toContain(' 8BITMIME');
    expect(offer).not.toMatch(/CHUNKING|DSN|SMTPUTF8/);
  }
});

describe('smuggling', () => {
  it.each([
    ['LF dot LF', '\n.\n'],
    ['LF dot CRLF', '\n.\r\n'],
    ['CR dot CR', '\r.\r'],
    ['CRLF dot LF', '\r\n.\n'],
    ['CRLF dot CR', '\r\n.\r'],
    ['LF CR dot LF CR', '\n\r.\n\r'],
    ['CRLF NUL dot CRLF', '\r\n\0.\r\n'],
  ])('by %s ends no message, and the message is refused', async (_name, ending) => {
    const [anna, bruno] = [await site.addAccount(), await site.addAccount()];
    await using client = await openSubmission(site, anna);
    const second = `MAIL FROM:<ceo@example.test>\r\nRCPT TO:<${bruno.address}>\r\nDATA\r\nFrom: x\r\n`;
    const answer = await submit(
      client,
      anna.address,
      [bruno.address],
      `${letter(anna.address)}${ending}${second}`,
    );
    expect(answer).toMatch(/^550 5\.6\.11 /);
    expect(await askSmtp(client, 'NOOP')).toMatch(/^250 2\.0\.0 /);
    await using imap = await site.openImap(bruno);
    expect(await countIn(imap, 'INBOX')).toBe(0);
  });

  it('by the name in EHLO, or by an address, puts no line into a header', async () => {
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    for (const command of [
      'EHLO x\rBcc:everybody@example.test',
      `MAIL FROM:<"a\rX-Evil: 1"@example.test>`,
      `MAIL FROM:<${anna.address}> ENVID=a+0D+0AX-Evil:+201`,
    ]) {
      expect(await askSmtp(client, command)).toMatch(/^50[01] /);
    }
  });
});

describe('a copy of what was sent', () => {
  const head = (from: string): string => letter(from, 'Message-ID: <one@example.test>');

  it('is made where the setting says so, read already', async () => {
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    await submit(client, anna.address, [anna.address], head(anna.address));
    await using imap = await site.openImap(anna);
    expect(await countIn(imap, 'Sent')).toBe(0);
    await setSetting('submission.saveSentCopy', true);
    await submit(client, anna.address, [anna.address], head(anna.address));
    const { untagged } = await imap.expectOk('STATUS Sent (MESSAGES UNSEEN)');
    expect(untagged.join()).toContain('MESSAGES 1 UNSEEN 0');
    expect(await readNewest(anna, 'Sent')).not.toContain('Return-Path');
  });

  it('gives way to the one that the mail program puts there, before or after', async () => {
    await setSetting('submission.saveSentCopy', true);
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    await using imap = await site.openImap(anna);
    const own = `${head(anna.address).replace('To:', 'Bcc: b@example.test\r\nTo:')}`;
    const append = `APPEND Sent {${own.length}+}\r\n${own}`;
    await submit(client, anna.address, [anna.address], head(anna.address));
    await imap.expectOk(append);
    expect(await countIn(imap, 'Sent')).toBe(1);
    expect(await readNewest(anna, 'Sent')).toContain('Bcc: b@example.test');
    // Again: the copy there is the program's own, and nothing of it is taken away.
    await imap.expectOk(append);
    expect(await countIn(imap, 'Sent')).toBe(2);
    await submit(client, anna.address, [anna.address], head(anna.address));
    expect(await countIn(imap, 'Sent')).toBe(2);
  });

  it('is the account’s own to want or not, whatever the setting says', async () => {
    const [wants, not] = [
      await site.addAccount({ savesSentCopy: true }),
      await site.addAccount({ savesSentCopy: false }),
    ];
    const countSent = async (account: AccountRecord): Promise<number> => {
      await using client = await openSubmission(site, account);
      await submit(client, account.address, [account.address], head(account.address));
      await using imap = await site.openImap(account);
      return await countIn(imap, 'Sent');
    };
    expect(await countSent(wants)).toBe(1);
    await setSetting('submission.saveSentCopy', true);
    expect(await countSent(not)).toBe(0);
  });

  it('in another folder is left alone', async () => {
    await setSetting('submission.saveSentCopy', true);
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    await using imap = await site.openImap(anna);
    await submit(client, anna.address, [anna.address], head(anna.address));
    const own = head(anna.address);
    await imap.expectOk(`APPEND Archive {${own.length}+}\r\n${own}`);
    expect([await countIn(imap, 'Sent'), await countIn(imap, 'Archive')]).toEqual([1, 1]);
  });
});

describe('a session', () => {
  it('ends when its account may no longer submit, and is told why', async () => {
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna);
    const protocols = { ...anna.protocols, submission: false };
    await site.directory.replaceAccount({ ...anna, protocols }, anna.version);
    expect(await readReply(client)).toMatch(/^421 4\.7\.0 /);
  });

  it('writes a line of the protocol log for each command, without addresses and text', async () => {
    await setSetting('protocolLog.submission', 'both');
    const anna = await site.addAccount();
    await using client = await openSubmission(site, anna, { sid: 'logged-1' });
    await submit(client, anna.address, [anna.address], letter(anna.address));
    await askSmtp(client, 'QUIT');
    await client.expectEnd();
    const { folder } = site.config.protocolLog;
    await expect
      .poll(
        async () => {
          const files = (await readdir(folder)).filter((name) => name.startsWith('SMTPBE'));
          return (
            await Promise.all(files.map((name) => readFile(`${folder}/${name}`, 'utf8')))
          ).join('');
        },
        { timeout: 5_000 },
      )
      .toMatch(/logged-1.*,6,19,quit,/);
  });
});
