/** Submission over real sockets and TLS: what the client and the home each see. */
import { siteComponent, type SiteName } from '@homeward/directory';
import type { RawClient } from '@homeward/testkit';
import type { TicketVerdict } from '@homeward/ticket';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeSmtpLogin,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PLAIN = `AUTH PLAIN ${base64(`\0anna@example.net\0${PASSWORD}`)}`;
const ALL = { imap: true, pop3: true, submission: true };
const GREETING =
  /^220 mail\.example\.net ESMTP The Homeward submission service is ready\. \(ref [0-9A-Z]{12}\)$/;
const OFFER = [
  'mail.example.net',
  'PIPELINING',
  '8BITMIME',
  'SMTPUTF8',
  'DSN',
  'ENHANCEDSTATUSCODES',
  'CHUNKING',
  'SIZE 37748736',
];

/** @returns What EHLO offers. */
async function sayEhlo(client: RawClient): Promise<readonly string[]> {
  await client.sendLine('EHLO phone.example');
  const lines: string[] = [];
  for (;;) {
    const line = await client.readLine();
    lines.push(line.slice(4));
    if (line.startsWith('250 ')) return lines;
  }
}

async function connect(world: FrontEndWorld): Promise<RawClient> {
  const client = await world.connect('submissions');
  await client.expectLine(GREETING);
  await sayEhlo(client);
  return client;
}

/** A home that lets in and has nothing more to say. */
const letIn = {
  async home(peer: Parameters<typeof takeSmtpLogin>[0]) {
    await takeSmtpLogin(peer);
    await peer.sendLine('235 2.7.0 Logged in');
    await peer.hold();
  },
};

describe('a submission', () => {
  it('reaches its home with a ticket for this connection, and is spliced', async () => {
    const verdicts: TicketVerdict[] = [];
    const names: string[] = [];
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { clientName, ticket } = await takeSmtpLogin(peer);
        names.push(clientName);
        verdicts.push(world.verifyTicket(peer, ticket, 'submission'));
        await peer.sendLine('235 2.7.0 Logged in');
        await peer.expectLine('MAIL FROM:<anna@example.net>');
        await peer.sendLine('250 2.1.0 OK');
        await peer.expectLine('QUIT');
        await peer.sendLine('221 2.0.0 Goodbye');
      },
    });
    await using client = await world.connect('submissions');
    await client.expectLine(GREETING);
    expect(await sayEhlo(client)).toEqual([
      ...OFFER,
      'XCLIENT TTL',
      'AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN',
    ]);
    await client.sendLine(PLAIN);
    await client.expectLine('235 2.7.0 Logged in');
    await client.sendLine('MAIL FROM:<anna@example.net>');
    await client.expectLine('250 2.1.0 OK');
    await client.sendLine('QUIT');
    await client.expectLine('221 2.0.0 Goodbye');
    expect(await client.expectEnd()).toBe('ended');
    await world.home.finished();
    expect(names).toEqual(['phone.example']);
    expect(verdicts).toMatchObject([{ ok: true, claims: { proto: 'submission', aud: 'dublin' } }]);
    await expectQuiet(world);
    for (const phase of ['tls', 'look-up', 'secret', 'connect', 'claim', 'inner-login']) {
      const series = `homeward_frontend_login_phase_duration_seconds_count{protocol="submission",phase="${phase}"}`;
      expect(await world.count(series), phase).toBe(1);
    }
    expect(world.log.events).toMatchObject([
      { event: 'login.accepted', fields: { protocol: 'submission', method: 'PLAIN' } },
      { event: 'conversation.ended', fields: { protocol: 'submission', endedBy: 'home' } },
    ]);
  });

  it('upgrades by STARTTLS, forgets what was injected before it, and has no AUTH without', async () => {
    await using world = await openFrontEndWorld({ certificates, ...letIn });
    await using client = await world.connectPlain('submission');
    await client.expectLine(GREETING);
    expect(await sayEhlo(client)).toEqual([...OFFER, 'STARTTLS', 'XCLIENT TTL']);
    await client.sendLine(PLAIN);
    await client.expectLine(/^538 5\.7\.11 This login needs TLS first \(ref \w{12}\)$/);
    await client.send('STARTTLS\r\nEHLO mallory\r\nMAIL FROM:<mallory@example.org>\r\n');
    await client.expectLine('220 2.0.0 Begin TLS now');
    await client.startTls(world.clientTls);
    await client.sendLine(PLAIN);
    await client.expectLine('503 5.5.1 Say EHLO first');
    expect(await sayEhlo(client)).not.toContain('STARTTLS');
    await client.sendLine('STARTTLS');
    await client.expectLine('503 5.5.1 TLS is active already');
    await client.sendLine(PLAIN);
    await client.expectLine('235 2.7.0 Logged in');
  });

  it('takes AUTH LOGIN, and what comes behind the login goes to the home in order', async () => {
    const received: string[] = [];
    const early = 'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n';
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        await takeSmtpLogin(peer);
        await peer.send('235 2.7.0 Logged in\r\n250 early from home\r\n');
        received.push((await peer.readOctets(early.length)).toString('latin1'));
      },
    });
    await using client = await connect(world);
    await client.sendLine('AUTH LOGIN');
    await client.expectLine(`334 ${base64('Username:')}`);
    await client.sendLine(base64('anna@example.net'));
    await client.expectLine(`334 ${base64('Password:')}`);
    await client.send(`${base64(PASSWORD)}\r\n${early}`);
    await client.expectLine('235 2.7.0 Logged in');
    await client.expectLine('250 early from home');
    await world.home.finished();
    expect(received).toEqual([early]);
  });

  it('is told of a size and a name that were changed while it is open, at the next connection', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await world.directory.setSetting('submission.maxMessageBytes', 1_000_000);
    await world.directory.setSetting('submission.serverName', 'smtp.example.net');
    await world.directory.setSetting('submission.extensions', ['DSN']);
    await expect
      .poll(async () => {
        await using client = await world.connect('submissions');
        await client.readLine();
        return await sayEhlo(client);
      })
      .toEqual([
        'smtp.example.net',
        ...['PIPELINING', 'DSN', 'ENHANCEDSTATUSCODES', 'SIZE 1000000', 'XCLIENT TTL'],
        expect.stringContaining('AUTH '),
      ]);
  });

  it('ends after a silence of its own', async () => {
    await using world = await openFrontEndWorld({ certificates, ...letIn });
    await world.directory.setSetting('submission.idleSeconds', 1);
    await expect
      .poll(() => world.log.events.some(({ event }) => event === 'settings.changed'))
      .toBe(true);
    await using client = await connect(world);
    await client.sendLine(PLAIN);
    await client.expectLine('235 2.7.0 Logged in');
    await client.expectLine('421 4.4.2 Nothing was said for too long');
    expect(await client.expectEnd()).toBe('ended');
  });
});

describe('a submission is refused', () => {
  it.each([
    ['454 4.7.0 Not now', /^454 4\.7\.0 The server cannot let you in now.*\(ref \w+\)$/],
    // Whatever a home says of credentials speaks of the ticket, not of the person's password.
    ['535 5.7.8 Bad ticket', /^454 4\.7\.0 /],
    ['421 4.3.2 Going away', /^454 4\.7\.0 /],
  ])('in our words where the home says %s', async (refusal, answer) => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        await takeSmtpLogin(peer);
        await peer.sendLine(refusal);
        await peer.expectEnd();
      },
    });
    await using client = await connect(world);
    await client.sendLine(PLAIN);
    await client.expectLine(answer);
  });

  it('in the same words for a wrong password, a stranger and a guest', async () => {
    await using world = await openFrontEndWorld({ certificates });
    const login = (name: string, password: string): string =>
      `AUTH PLAIN ${base64(`\0${name}@example.net\0${password}`)}`;
    await world.accounts.add({
      address: 'guest@example.net',
      site: 'dublin',
      kind: 'guest',
      password: PASSWORD,
    });
    for (const line of [login('anna', 'wrong'), login('nobody', 'x'), login('guest', PASSWORD)]) {
      await using client = await connect(world);
      await client.sendLine(line);
      await client.expectLine(/^535 5\.7\.8 Authentication failed \(ref \w+\)$/);
    }
  });

  it('for an account that may not send, in words that are no wrong password’s', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await world.accounts.change('anna@example.net', { protocols: { ...ALL, submission: false } });
    await using client = await connect(world);
    await client.sendLine(PLAIN);
    await client.expectLine(/^550 5\.7\.1 This account may not send mail here \(ref \w+\)$/);
  });

  it('with a limit that is named', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      ...letIn,
      config: { connectionLimits: { perUser: 1 } },
    });
    await using first = await connect(world);
    await first.sendLine(PLAIN);
    await first.expectLine(/^235/);
    await using second = await connect(world);
    await second.sendLine(PLAIN);
    await second.expectLine(/^454 4\.7\.0 Too many connections: 1 .*\(ref \w+\)$/);
  });

  it('for now where the home has no port for it, and the log says so', async () => {
    await using world = await openFrontEndWorld({ certificates });
    const found = await world.directory.getSite('dublin' as SiteName);
    if (found === undefined) throw new Error('the site is gone');
    const workers = found.workers.map(({ submissionsPort: _port, ...worker }) => worker);
    await world.directory.putSite({ ...found, workers, version: found.version + 1 });
    await expect
      .poll(async () => {
        await using client = await connect(world);
        await client.sendLine(PLAIN);
        expect(await client.readLine()).toMatch(/^454 4\.7\.0 /);
        return world.log.events.findLast(({ event }) => event === 'login.failed')?.fields['reason'];
      })
      .toBe('site-without-protocol');
  });

  it('in few words before its login, whatever it sends, and never reaches a home', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await using client = await connect(world);
    const message = 'From: mallory\r\n\r\nhello\r\n.\r\nMAIL FROM:<x@y>\r\n';
    await client.send(`MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n${message}`);
    for (let line = 0; line < 3; line += 1) await client.expectLine('530 5.7.0 Log in first');
    const lines: string[] = [];
    for (let line = 0; line < 5; line += 1) lines.push(await client.readLine());
    expect(lines.every((line) => /^5\d\d 5\./u.test(line))).toBe(true);
    await using chunked = await connect(world);
    await chunked.send('BDAT 20 LAST\r\nMAIL FROM:<x@y>\r\n\r\nQUIT\r\n');
    await chunked.expectLine(/^530 5\.7\.0 Log in before you send a message \(ref /);
    expect(await chunked.expectEnd()).toBe('ended');
    expect(world.home.connectionCount).toBe(0);
  });

  it('for good after ten mistakes', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await using client = await connect(world);
    await client.send('\x00\xffgarbage\r\n'.repeat(20));
    const lines = [];
    for (let line = 0; line < 11; line += 1) lines.push(await client.readLine());
    expect(lines.at(-1)).toMatch(/^421 4\.7\.0 Too many errors \(ref [0-9A-Z]{12}\)$/);
    expect(await client.expectEnd()).toBe('ended');
  });
});

describe('a submission session', () => {
  const orders = {
    kicked: (world: FrontEndWorld) =>
      world.directory.operations.putSessionEnd({
        id: 'k1',
        protocol: 'submission',
        requestedBy: 'root@here',
        requestedAtMs: Date.now(),
      }),
    'shutting-down': async (world: FrontEndWorld) => void world.worker.close(),
    draining: (world: FrontEndWorld) =>
      world.directory.operations.putComponentRequest({
        component: siteComponent('dublin' as SiteName),
        requester: 'test',
        state: 'draining',
        why: undefined,
        who: 'root@here',
        sinceMs: 1,
      }),
    'account-disabled': (world: FrontEndWorld) =>
      world.accounts.change('anna@example.net', { protocols: { ...ALL, submission: false } }),
  };

  it.each([
    ['kicked', '421 4.3.2 An administrator has ended this session'],
    ['shutting-down', '421 4.3.2 The server is restarting, connect again'],
    ['draining', '421 4.3.2 The server goes into maintenance, connect again'],
    ['account-disabled', '421 4.7.0 The account may no longer send mail here'],
  ] as const)('that ends (%s) hears why', async (reason, words) => {
    await using world = await openFrontEndWorld({ certificates, ...letIn });
    await using client = await connect(world);
    await client.sendLine(PLAIN);
    await client.expectLine(/^235/);
    await orders[reason](world);
    const farewell = await client.readLine();
    const [, said, conversationId] = /^(.*) \(ref ([0-9A-Z]{12})\)$/.exec(farewell) ?? [];
    expect(said).toBe(words);
    expect(await client.expectEnd()).toBe('ended');
    await expectQuiet(world);
    const ended = { event: 'conversation.ended', fields: { endedBy: reason, conversationId } };
    expect(world.log.events.at(-1)).toMatchObject(ended);
  });

  it('whose message is under way hears its answer first', async () => {
    const isAsked = Promise.withResolvers<void>();
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        await takeSmtpLogin(peer);
        await peer.send('235 2.7.0 Logged in\r\n354 Go on\r\n');
        await isAsked.promise;
        await peer.expectLine('.');
        await peer.sendLine('250 2.0.0 Accepted');
        await peer.hold();
      },
    });
    await using client = await connect(world);
    await client.sendLine(PLAIN);
    await client.expectLine(/^235/);
    await client.expectLine('354 Go on');
    await client.send('.\r\n');
    await orders.kicked(world);
    await expect
      .poll(() => world.log.events.some(({ event }) => event === 'session-end.carried-out'))
      .toBe(true);
    isAsked.resolve();
    await client.expectLine('250 2.0.0 Accepted');
    await client.expectLine(
      /^421 4\.3\.2 An administrator has ended this session \(ref [0-9A-Z]{12}\)$/,
    );
  });

  it('that never ends its message is cut without a word, and the home is shown no end of it', async () => {
    const received = Promise.withResolvers<string>();
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        await takeSmtpLogin(peer);
        await peer.send('235 2.7.0 Logged in\r\n354 Go on\r\n');
        received.resolve((await peer.readToEnd()).octets.toString());
      },
    });
    await using client = await connect(world);
    await client.sendLine(PLAIN);
    await client.expectLine(/^235/);
    await client.expectLine('354 Go on');
    await client.send('Subject: half\r\n');
    await orders.kicked(world);
    expect(await client.expectEnd()).toBe('ended');
    expect(await received.promise).toBe('Subject: half\r\n');
  });
});

/** Nothing is left of the conversations. */
async function expectQuiet(world: FrontEndWorld): Promise<void> {
  await expect.poll(() => world.worker.conversationCount).toBe(0);
  expect(await world.count('homeward_frontend_connections{protocol="submission"}')).toBe(0);
}
