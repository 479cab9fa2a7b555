/** A worker as front ends and clients meet it: real TLS, real tickets, real mail store. */
import { readFileSync, readdirSync } from 'node:fs';
import type { AccountRecord, SiteName } from '@homeward/directory';
import { createPasswordService } from '@homeward/directory';
import { createSeededRandom, type RawClient, runTranscript } from '@homeward/testkit';
import { createLogger, systemClock } from '@homeward/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKEND_LOG_EVENTS } from './log-events.ts';
import { logInToPop3, openPop3 } from './testing/pop3-client.ts';
import { openTestSite, type TestSite } from './testing/test-site.ts';
import { openBackEndWorker } from './wiring.ts';

const folder = new URL('../../imap/fixtures/transcripts/', import.meta.url);
const transcripts = readdirSync(folder).filter((name) => name.endsWith('.transcript'));

let site: TestSite;

beforeAll(async () => {
  site = await openTestSite();
});

afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

describe('a back-end worker', () => {
  it.each(transcripts)('follows %s over TLS and the real store', async (name) => {
    const account = await site.addAccount();
    const clients: RawClient[] = [];
    await runTranscript(name, readFileSync(new URL(name, folder), 'latin1'), {
      connect: async () => {
        const client = await site.openImap(account);
        clients.push(client);
        return {
          send: (text) => client.send(Buffer.from(text, 'latin1')),
          readLine: () => client.readLine(),
        };
      },
    });
    await Promise.all(clients.map((client) => client.close()));
  });

  it('answers a good ticket with its capabilities and logs the conversation', async () => {
    const account = await site.addAccount();
    await using client = await site.connect('imaps');
    const answer = await site.authenticate(client, site.sign(account, client));
    expect(answer).toMatch(/^t OK \[CAPABILITY IMAP4rev1 .*\bIDLE\b.*\] /);
    expect(site.log).toContainEqual(
      expect.objectContaining({
        event: 'session.started',
        conversationId: 'conversation-1',
        clientAddress: '192.0.2.7',
        accountId: account.id,
      }),
    );
  });

  it('gives a new mailbox its folders with their special uses (RFC 6154)', async () => {
    await using client = await site.openImap(await site.addAccount());
    const { untagged } = await client.command('LIST "" *');
    const text = untagged.join('\n');
    for (const use of ['\\Drafts', '\\Sent', '\\Junk', '\\Trash', '\\Archive']) {
      expect(text).toContain(use);
    }
  });

  it.each<
    [string, (account: AccountRecord, client: RawClient) => string | Promise<string>, string]
  >([
    ['an altered ticket', (a, c) => alter(site.sign(a, c)), 'ticket-bad-signature'],
    [
      'an expired ticket',
      (a, c) => site.sign(a, c, { nowMs: Date.now() - 600_000 }),
      'ticket-expired',
    ],
    [
      'a ticket from the future',
      (a, c) => site.sign(a, c, { nowMs: Date.now() + 600_000 }),
      'ticket-not-yet-valid',
    ],
    ['a ticket for another site', (a, c) => site.sign(a, c, { aud: 'oslo' }), 'ticket-wrong-site'],
    [
      'a ticket for another protocol',
      (a, c) => site.sign(a, c, { proto: 'pop3' }),
      'ticket-wrong-protocol',
    ],
    [
      'a ticket of another connection',
      async (a) => {
        await using other = await site.connect('imaps');
        return site.sign(a, other);
      },
      'ticket-wrong-connection',
    ],
    [
      'a ticket with a key nobody knows',
      (a, c) => site.sign(a, c, { keyId: 'x' }),
      'ticket-unknown-key',
    ],
    ['something that is no ticket', () => 'abc', 'ticket-malformed'],
  ])('refuses %s', async (_what, makeTicket, reason) => {
    const account = await site.addAccount();
    await using client = await site.connect('imaps');
    const answer = await site.authenticate(client, await makeTicket(account, client));
    expect(answer).toMatch(/^t NO \[AUTHENTICATIONFAILED\] /);
    expect(site.log).toContainEqual(expect.objectContaining({ event: 'ticket.refused', reason }));
    // Under the front end's conversation, if the ticket was one of a front end.
    const isSigned = /wrong|expired|yet/.test(reason);
    const line = site.log.findLast((one) => one['reason'] === reason);
    expect(typeof line?.['conversationId']).toBe(isSigned ? 'string' : 'undefined');
  });

  it('refuses a revoked key at once, and keeps refusing', async () => {
    await using own = await openTestSite();
    const account = await own.addAccount();
    await (await own.openImap(account)).close();
    const [key] = await own.directory.listFrontEndKeys();
    if (key === undefined) throw new Error('no key');
    await own.directory.putFrontEndKey({ ...key, revokedAtMs: 1 });
    await expect
      .poll(
        async () => {
          await using client = await own.connect('imaps');
          return await own.authenticate(client, own.sign(account, client));
        },
        { timeout: 2_000 },
      )
      .toMatch(/^t NO \[AUTHENTICATIONFAILED\]/);
    expect(own.log).toContainEqual(expect.objectContaining({ reason: 'ticket-revoked-key' }));
  });

  it('refuses an epoch that is older than the mailbox', async () => {
    const account = await site.addAccount({ epoch: 5 });
    await (await site.openImap(account)).close();
    await using client = await site.connect('imaps');
    const stale = { ...account, epoch: 4 };
    const answer = await site.authenticate(client, site.sign(stale, client));
    expect(answer).toMatch(/^t NO \[UNAVAILABLE\] /);
    expect(site.log).toContainEqual(
      expect.objectContaining({
        event: 'login.failed',
        reason: 'stale-epoch',
        accountId: account.id,
        conversationId: expect.stringMatching(/./),
      }),
    );
  });

  it('refuses an epoch that the directory does not confirm', async () => {
    const account = await site.addAccount();
    await (await site.openImap(account)).close();
    await using client = await site.connect('imaps');
    const ahead = { ...account, epoch: 9 };
    const answer = await site.authenticate(client, site.sign(ahead, client));
    expect(answer).toMatch(/^t NO \[UNAVAILABLE\] /);
    expect(site.log).toContainEqual(expect.objectContaining({ reason: 'unconfirmed-epoch' }));
  });

  it('makes no mailbox for an account that lives at another site', async () => {
    await site.directory.putSite({
      name: 'oslo' as SiteName,
      serverName: 'oslo.homeward.test',
      workers: [{ host: '127.0.0.1', imapsPort: 1, pop3sPort: 1 }],
      shardTable: { version: 1, workerOfShard: Array.from({ length: 256 }, () => 0) },
      version: 1,
    });
    const account = await site.addAccount({ home: 'oslo' as SiteName });
    await using client = await site.connect('imaps');
    const answer = await site.authenticate(client, site.sign(account, client));
    expect(answer).toMatch(/^t NO \[UNAVAILABLE\] /);
  });

  it('refuses accounts that the shard table gives to another worker', async () => {
    await using own = await openTestSite({ ownerIndex: 1 });
    const account = await own.addAccount();
    await using client = await own.connect('imaps');
    const answer = await own.authenticate(client, own.sign(account, client));
    expect(answer).toMatch(/^t NO \[UNAVAILABLE\] /);
    expect(own.log).toContainEqual(
      expect.objectContaining({
        reason: 'not-this-worker',
        accountId: account.id,
        detail: 'worker 1 by shard table version 7',
      }),
    );
  });

  it('never takes a password while directLogin is off', async () => {
    await using client = await site.connect('imaps');
    const { status } = await client.command('LOGIN person1@example.test secret');
    expect(status).not.toBe('OK');
  });

  it('serves POP3 from the same inbox and locks it', async () => {
    const account = await site.addAccount();
    await using imap = await site.openImap(account);
    await imap.expectOk('APPEND INBOX {14+}\r\nSubject: Hello');
    await using first = await openPop3(site, account);
    await first.sendLine('STAT');
    expect(await first.readLine()).toBe('+OK 1 14');
    await using second = await site.connect('pop3s');
    expect(await logInToPop3(site, second, account)).toMatch(/^-ERR \[IN-USE\]/);
    await first.sendLine('DELE 1');
    await first.readLine();
    await first.sendLine('QUIT');
    expect(await first.readLine()).toMatch(/^\+OK/);
    const { untagged } = await imap.command('STATUS INBOX (MESSAGES)');
    expect(untagged.join('\n')).toContain('(MESSAGES 0)');
    await using third = await site.connect('pop3s');
    expect(await logInToPop3(site, third, account)).toMatch(/^\+OK/);
  });

  it('keeps large messages octet for octet', async () => {
    const account = await site.addAccount();
    await using client = await site.openImap(account);
    const random = createSeededRandom(11);
    const body = Array.from({ length: 12_000 }, () =>
      `${String(random()).slice(2)}${String(random()).slice(2)}`.padEnd(76, 'x'),
    ).join('\r\n');
    const message = `Subject: large\r\n\r\n${body}\r\n`;
    await client.expectOk(`APPEND INBOX {${message.length}+}\r\n${message}`);
    await client.expectOk('SELECT INBOX');
    const { untagged } = await client.command('FETCH 1 BODY.PEEK[]');
    expect(untagged.join('\r\n')).toContain(message);
  });

  it('ends sessions with BYE when it stops, and keeps what was acknowledged', async () => {
    await using own = await openTestSite();
    const account = await own.addAccount();
    const client = await own.openImap(account);
    await client.expectOk('APPEND INBOX {14+}\r\nSubject: Hello');
    await client.sendLine('i IDLE');
    await client.readLine();
    const stopped = own.stop();
    expect(await client.readLine()).toMatch(/^\* BYE /);
    await stopped;
    await own.start();
    await using again = await own.openImap(account);
    const { untagged } = await again.command('STATUS INBOX (MESSAGES UIDNEXT)');
    expect(untagged.join('\n')).toContain('(MESSAGES 1 UIDNEXT 2)');
  });

  it('lets people log in directly where that is switched on', async () => {
    await using own = await openTestSite({ directLogin: true });
    const passwords = createPasswordService({
      argon2: { memoryKib: 1024, passCount: 1, parallelism: 1 },
    });
    const made = await passwords.createCredentialSet('correct horse');
    await passwords.close();
    if (!made.ok) throw new Error(made.reason);
    const account = await own.addAccount({}, made.credentials);
    await using imap = await own.connect('imap');
    expect((await imap.command(`LOGIN ${account.address} wrong`)).status).toBe('NO');
    expect((await imap.command(`LOGIN ${account.address} "correct horse"`)).status).toBe('OK');
    await using pop3 = await own.connect('pop3s');
    await pop3.sendLine(`USER ${account.address}`);
    await pop3.readLine();
    await pop3.sendLine('PASS correct horse');
    expect(await pop3.readLine()).toMatch(/^\+OK/);
  });

  it('wants the keys of session tickets that it was told to use', async () => {
    const tls = { ...site.config.tls, ticketKeysFile: '/nowhere/ticket-keys' };
    const log = createLogger({
      service: 'backend',
      level: 'fatal',
      events: BACKEND_LOG_EVENTS,
      clock: systemClock,
    });
    const opened = openBackEndWorker({ ...site.config, tls }, 0, {
      clock: systemClock,
      log,
      metrics: site.metrics,
    });
    await expect(opened).rejects.toThrow('/nowhere/ticket-keys');
  });

  it('counts logins, commands, sessions and their ends', async () => {
    await using own = await openTestSite();
    const account = await own.addAccount();
    const client = await own.openImap(account);
    await client.expectOk('APPEND INBOX {14+}\r\nSubject: Hello');
    await client.command('DELETE INBOX');
    await client.command('XYZZY plugh');
    await using refused = await own.connect('pop3s');
    await refused.sendLine('AUTH OAUTHBEARER eA==');
    await refused.readLine();
    expect(await countsOf(own)).toMatchObject({
      'logins_total{protocol="imap",outcome="ok"}': 1,
      'sessions{protocol="imap"}': 1,
      'sessions{protocol="pop3"}': 0,
      connections: 2,
      open_mailboxes: 1,
      appended_octets_total: 14,
      'imap_commands_total{command="append",outcome="OK"}': 1,
      'imap_commands_total{command="delete",outcome="NO"}': 1,
      'imap_commands_total{command="other",outcome="BAD"}': 1,
    });
    await client.expectOk('LOGOUT');
    await client.close();
    await expect
      .poll(() => countsOf(own))
      .toMatchObject({
        'sessions{protocol="imap"}': 0,
        'session_ends_total{protocol="imap",reason="logged-out"}': 1,
        'imap_commands_total{command="logout",outcome="OK"}': 1,
      });
  });

  it('survives garbage on every port', async () => {
    for (const name of ['imaps', 'pop3s'] as const) {
      await using client = await site.connect(name);
      await client.send(Buffer.from([0, 255, 13, 10, ...Buffer.from('\r\n'.repeat(50))]));
      client.end();
      expect((await client.readToEnd()).octets.length).toBeGreaterThan(0);
    }
    await using client = await site.openImap(await site.addAccount());
    expect((await client.command('NOOP')).status).toBe('OK');
  });
});

/** Series by name and labels, without `homeward_backend_` and the worker. */
async function countsOf({ metrics }: TestSite): Promise<Readonly<Record<string, number>>> {
  const lines = (await metrics.format()).matchAll(/^homeward_backend_(\S+) (\S+)$/gm);
  return Object.fromEntries(
    Array.from(lines, ([, series = '', value]) => [
      series.replace(/,?worker="0"/, '').replace('{}', ''),
      Number(value),
    ]),
  );
}

function alter(ticket: string): string {
  const [header = '', claims = '', signature = ''] = ticket.split('.');
  const changed = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string };
  changed.sub = '01JD0000000000000000000001';
  const altered = { ...changed, login: 'other' };
  return [header, Buffer.from(JSON.stringify(altered)).toString('base64url'), signature].join('.');
}
