/** POP3 at a worker: real TLS, real tickets, real mail store, live settings. */
import type { AccountRecord } from '@homeward/directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askPop3, askPop3Lines, logInToPop3, openPop3 } from './testing/pop3-client.ts';
import { openTestSite, type TestSite } from './testing/test-site.ts';

let site: TestSite;
beforeAll(async () => {
  site = await openTestSite();
});
afterAll(() => site[Symbol.asyncDispose]());

async function addAccountWithMail(...subjects: readonly string[]): Promise<AccountRecord> {
  const account = await site.addAccount();
  await using imap = await site.openImap(account);
  for (const subject of subjects) {
    const text = `Subject: ${subject}\r\n\r\n`;
    await imap.expectOk(`APPEND INBOX {${text.length}+}\r\n${text}`);
  }
  return account;
}

async function setSetting(name: string, value: unknown): Promise<void> {
  const before = site.log.length;
  await site.directory.setSetting(name, value);
  await expect
    .poll(() => site.log.slice(before).map(({ event }) => event), { timeout: 5_000 })
    .toContain('settings.changed');
}

describe('messageRetrievalSortOrder', () => {
  it('applies to sessions that begin after a change, and unique-ids stay', async () => {
    const account = await addAccountWithMail('old', 'newer', 'newest');
    await using running = await openPop3(site, account);
    const ascending = await askPop3Lines(running, 'UIDL');
    expect((await askPop3Lines(running, 'TOP 1 0'))[0]).toBe('Subject: old');

    await setSetting('pop3.messageRetrievalSortOrder', 'descending');
    expect(await askPop3Lines(running, 'UIDL')).toEqual(ascending);
    await askPop3(running, 'QUIT');
    await using session = await openPop3(site, account);
    expect((await askPop3Lines(session, 'TOP 1 0'))[0]).toBe('Subject: newest');
    const uidsOf = (lines: readonly string[]): string[] => lines.map((l) => l.split(' ')[1] ?? '');
    const descending = await askPop3Lines(session, 'UIDL');
    expect(uidsOf(descending)).toEqual(uidsOf(ascending).toReversed());
    await askPop3(session, 'DELE 1');
    expect(await askPop3(session, 'QUIT')).toMatch(/^\+OK/);

    await setSetting('pop3.messageRetrievalSortOrder', undefined);
    await using last = await openPop3(site, account);
    expect(await askPop3Lines(last, 'UIDL')).toEqual(ascending.slice(0, 2));
  });

  it('stays as it was when the directory has a value that is none', async () => {
    const before = site.log.length;
    await site.directory.setSetting('pop3.messageRetrievalSortOrder', 'sideways');
    await expect
      .poll(() => site.log.slice(before), { timeout: 5_000 })
      .toContainEqual(expect.objectContaining({ event: 'settings.value-ignored' }));
    const account = await addAccountWithMail('one', 'two');
    await using session = await openPop3(site, account);
    expect((await askPop3Lines(session, 'TOP 1 0'))[0]).toBe('Subject: one');
    await site.directory.setSetting('pop3.messageRetrievalSortOrder', undefined);
  });
});

describe('LANG', () => {
  it('before the login holds behind it', async () => {
    const account = await addAccountWithMail();
    await using session = await site.connect('pop3s');
    expect(await askPop3(session, 'LANG de')).toMatch(/^\+OK de /);
    expect(await logInToPop3(site, session, account)).toBe('+OK Angemeldet');
    expect(await askPop3(session, 'NOOP')).toBe('+OK Nichts getan');
    expect(await askPop3(session, 'LANG en-GB')).toMatch(/^\+OK en /);
    expect(await askPop3(session, 'NOOP')).toBe('+OK Nothing done');
  });

  it('by * follows the setting', async () => {
    const account = await addAccountWithMail();
    await using session = await openPop3(site, account);
    expect(await askPop3(session, 'LANG *')).toMatch(/^\+OK en /);
    await askPop3(session, 'QUIT');
    await setSetting('pop3.language', 'fr');
    await using next = await openPop3(site, account);
    expect(await askPop3(next, 'NOOP')).toBe('+OK Nothing done');
    expect(await askPop3(next, 'LANG *')).toMatch(/^\+OK fr /);
    await setSetting('pop3.language', undefined);
  });
});

describe('LOGIN-DELAY', () => {
  it('holds for each mailbox, from the setting on, and is told in both states', async () => {
    const [account, other] = [await addAccountWithMail('one'), await addAccountWithMail()];
    await using early = await openPop3(site, account);
    expect(await askPop3Lines(early, 'CAPA')).not.toContain('LOGIN-DELAY 3600');
    await askPop3(early, 'QUIT');
    await setSetting('pop3.loginDelaySeconds', 3600);

    await using first = await openPop3(site, account);
    expect(await askPop3Lines(first, 'CAPA')).toContain('LOGIN-DELAY 3600');
    await askPop3(first, 'QUIT');
    await using second = await site.connect('pop3s');
    expect(await askPop3Lines(second, 'CAPA')).toContain('LOGIN-DELAY 3600');
    expect(await logInToPop3(site, second, account)).toMatch(
      /^-ERR \[LOGIN-DELAY\] .*logins must be 3600 seconds apart/,
    );
    expect(site.log).toContainEqual(
      expect.objectContaining({ event: 'login.rejected', reason: 'too-soon' }),
    );
    await using third = await openPop3(site, other);
    await using imap = await site.openImap(account);
    await imap.expectOk('SELECT INBOX');

    await setSetting('pop3.loginDelaySeconds', undefined);
    await using last = await openPop3(site, account);
    expect(await askPop3(last, 'STAT')).toBe(`+OK 1 ${'Subject: one\r\n\r\n'.length}`);
    await Promise.all([third, imap].map((client) => client.close()));
  });
});

describe('EXPIRE', () => {
  it('with a number of days keeps what is younger; 0 removes what was fetched', async () => {
    const account = await addAccountWithMail('one', 'two', 'three');
    await setSetting('pop3.expireDays', 1);
    await using first = await openPop3(site, account);
    expect(await askPop3Lines(first, 'CAPA')).toContain('EXPIRE 1');
    await askPop3Lines(first, 'RETR 1');
    expect(await askPop3(first, 'QUIT')).toBe('+OK Goodbye');

    await setSetting('pop3.expireDays', 0);
    await using second = await openPop3(site, account);
    await askPop3Lines(second, 'RETR 2');
    await askPop3Lines(second, 'TOP 3 0');
    expect(await askPop3(second, 'QUIT')).toBe('+OK Goodbye, 1 messages deleted');
    await setSetting('pop3.expireDays', undefined);
    await using last = await openPop3(site, account);
    expect((await askPop3Lines(last, 'TOP 2 0'))[0]).toBe('Subject: three');
    expect(await askPop3Lines(last, 'CAPA')).toContain('EXPIRE NEVER');
  });
});

describe('UTF8', () => {
  const text =
    'Subject: Gr\u00fc\u00dfe\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n' +
    '--b\r\nContent-Disposition: attachment; filename="\u00fc"\r\n\r\n\u00f6\r\n--b--\r\n';

  async function addAccountWith(message: string): Promise<AccountRecord> {
    const account = await site.addAccount();
    await using imap = await site.openImap(account);
    const octets = Buffer.from(message);
    await imap.send(`a APPEND INBOX {${octets.length}+}\r\n`);
    await imap.send(octets);
    await imap.send('\r\n');
    expect(await imap.readLine()).toMatch(/^a OK/);
    return account;
  }

  /** A message as a client gets it. */
  async function fetch(account: AccountRecord, isUtf8: boolean): Promise<string> {
    await using session = await site.connect('pop3s');
    if (isUtf8) expect(await askPop3(session, 'UTF8')).toMatch(/^\+OK/);
    expect(await logInToPop3(site, session, account)).toMatch(/^\+OK/);
    const lines = await askPop3Lines(session, 'RETR 1');
    await askPop3(session, 'QUIT');
    return Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1').toString();
  }

  it.each([
    ['in a row of the database', text],
    ['in a file of its own', text.replace('\u00f6', '\u00f6\r\n'.repeat(100_000))],
  ])('gives mail %s as it is, and ASCII headers without it', async (_, message) => {
    const account = await addAccountWith(message);
    expect(await fetch(account, true)).toBe(message);
    const surrogate = await fetch(account, false);
    expect(surrogate).toBe(
      message
        .replace('Subject: Gr\u00fc\u00dfe', 'Subject: =?utf-8?B?R3LDvMOfZQ==?=')
        .replace(' filename="\u00fc"', "\r\n filename*=utf-8''%C3%BC"),
    );
  });
});

describe('a maildrop', () => {
  it('can be opened again right behind QUIT', async () => {
    const account = await addAccountWithMail('one');
    for (let round = 0; round < 10; round += 1) {
      await using session = await openPop3(site, account);
      await askPop3Lines(session, 'RETR 1');
      expect(await askPop3(session, 'QUIT')).toMatch(/^\+OK/);
    }
  });
});
