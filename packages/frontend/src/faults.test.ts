/**
 * What clients are told when something is wrong, over real sockets and TLS: a fault of ours is
 * never a bad password, comes within five seconds, and leaves the connection usable.
 */
import { connectRaw, findFreePort, startRedis, type RawClient } from '@homeward/testkit';
import { createMetrics, systemClock } from '@homeward/service';
import { FRONT_END_METRICS } from './metrics/front-end-metrics.ts';
import { openFrontEndWorker } from './wiring.ts';
import { createShardTable, type SiteName } from '@homeward/directory';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  SITE_SERVER_NAME,
  takeImapLogin,
  takePop3Login,
  type FrontEndWorld,
  type WorldCertificates,
  type WorldOptions,
} from './testing/front-end-world.ts';

let certificates: WorldCertificates;
let foreign: WorldCertificates;
beforeAll(async () => {
  [certificates, foreign] = await Promise.all([
    createWorldCertificates(),
    createWorldCertificates(),
  ]);
});

const LOGIN = `LOGIN anna@example.net "${PASSWORD}"`;
const letIn: NonNullable<WorldOptions['home']> = async (peer) => {
  const { tag } = await takeImapLogin(peer);
  await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
  await peer.hold();
};

async function greeted(world: FrontEndWorld): Promise<RawClient> {
  const client = await world.connect('imaps');
  await client.readLine();
  return client;
}

async function expectUnavailable(
  world: FrontEndWorld,
  reason: string,
  login: string = LOGIN,
): Promise<void> {
  await using client = await greeted(world);
  const startedAtMs = performance.now();
  const reply = await client.command(login);
  expect(reply.text).toMatch(/^NO \[UNAVAILABLE\] .*\(ref [0-9A-Z]{12}\)$/);
  expect(performance.now() - startedAtMs).toBeLessThan(5000);
  expect(world.log.events.at(-1)).toMatchObject({ event: 'login.failed', fields: { reason } });
  // The connection is as good as before.
  await client.expectOk('NOOP');
}

describe('a home that', () => {
  it('is down', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await world.home.kill();
    await expectUnavailable(world, 'site-unreachable');
  });

  const SCRIPTS: readonly [string, string, NonNullable<WorldOptions['home']>][] = [
    ['closes at once', 'site-broke-off', async () => {}],
    [
      'is no IMAP server',
      'site-broke-protocol',
      async (peer) => {
        await peer.sendLine('220 mail ESMTP');
        await peer.hold();
      },
    ],
    [
      'closes after the ticket',
      'site-broke-off',
      async (peer) => {
        await takeImapLogin(peer);
      },
    ],
    [
      'vanishes after the ticket',
      'site-broke-off',
      async (peer) => {
        await takeImapLogin(peer);
        peer.octets.destroy();
      },
    ],
    [
      'refuses the ticket',
      'site-refused',
      async (peer) => {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`${tag} NO [AUTHENTICATIONFAILED] no`);
        await peer.expectEnd();
      },
    ],
    [
      'explains why before it refuses the ticket',
      'site-refused',
      async (peer) => {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`+ ${Buffer.from('{"status":"invalid_token"}').toString('base64')}`);
        await peer.expectLine('AQ==');
        await peer.sendLine(`${tag} NO [AUTHENTICATIONFAILED] no`);
        await peer.expectEnd();
      },
    ],
    [
      'says goodbye in place of an answer',
      'site-broke-protocol',
      async (peer) => {
        await takeImapLogin(peer);
        await peer.sendLine('* BYE going down');
        await peer.expectEnd();
      },
    ],
  ];
  it.each(SCRIPTS)('%s', async (_claim, reason, home) => {
    await using world = await openFrontEndWorld({ certificates, home });
    await expectUnavailable(world, reason);
    await world.home.finished();
  });

  const SILENT: readonly [string, NonNullable<WorldOptions['home']>][] = [
    ['never greets', (peer) => peer.hold()],
    [
      'never answers the ticket',
      async (peer) => {
        await takeImapLogin(peer);
        await peer.hold();
      },
    ],
  ];
  it.concurrent.each(SILENT)('%s', async (_claim, home) => {
    await using world = await openFrontEndWorld({ certificates, home });
    await expectUnavailable(world, 'login-deadline');
    await world.home.finished();
  });

  it.each([
    ['whose certificate is from a stranger', () => foreign.site],
    ['whose certificate is for another name', () => certificates.public],
  ])('%s', async (_claim, certificate) => {
    const homeCertificate = certificate();
    await using world = await openFrontEndWorld({ certificates, homeCertificate, home: letIn });
    await expectUnavailable(world, 'site-tls-failed');
    // Not one octet of a ticket was said.
    expect(world.home.connectionCount).toBeLessThanOrEqual(2);
  });

  it('comes back is used again without a restart', async () => {
    await using world = await openFrontEndWorld({ certificates, home: letIn });
    const site = (port: number, version: number) => ({
      name: 'dublin' as SiteName,
      serverName: SITE_SERVER_NAME,
      workers: [{ host: '127.0.0.1', imapsPort: port, pop3sPort: port }],
      shardTable: createShardTable(1, version),
      version,
    });
    await world.directory.putSite(site(await findFreePort(), 2));
    await expect
      .poll(async () => {
        await using client = await greeted(world);
        return (await client.command(LOGIN)).status;
      })
      .toBe('NO');
    await using client = await greeted(world);
    await world.directory.putSite(site(world.home.port, 3));
    await expect.poll(async () => (await client.command(LOGIN)).status).toBe('OK');
  });

  it('is down, said in POP3', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await world.home.kill();
    await using client = await world.connect('pop3s');
    await client.readLine();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await client.sendLine('USER anna@example.net');
      await client.expectLine(/^\+OK/);
      await client.sendLine(`PASS ${PASSWORD}`);
      await client.expectLine(/^-ERR \[SYS\/TEMP\] .*\(ref [0-9A-Z]{12}\)$/);
    }
  });
});

describe('the directory', () => {
  it('that was never reached serves nobody, and nobody is told of a wrong password', async () => {
    const url = `redis://127.0.0.1:${await findFreePort()}`;
    const config = { directory: { driver: 'redis', url } };
    await using world = await openFrontEndWorld({ certificates, config });
    await expectUnavailable(world, 'directory-unavailable');
    await expectUnavailable(world, 'directory-unavailable', 'LOGIN nobody x');
    expect(world.worker.findDirectoryFault()).toMatch(/directory/);
  });

  it('that knows no such site', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await world.directory.putSite({
      name: 'dublin' as SiteName,
      serverName: SITE_SERVER_NAME,
      workers: [{ host: '127.0.0.1', imapsPort: 1, pop3sPort: 1 }],
      shardTable: createShardTable(1, 2),
      version: 2,
    });
    await expectUnavailable(world, 'site-unreachable');
  });
});

describe('a login with bad credentials', () => {
  async function addBlocked(world: FrontEndWorld): Promise<void> {
    for (const kind of ['guest', 'anonymous', 'administrator'] as const) {
      const address = `${kind}@example.net`;
      const added = await world.accounts.add({ address, kind, site: 'dublin', password: PASSWORD });
      expect(added.ok).toBe(true);
    }
  }

  const CASES: readonly [string, string, string][] = [
    ['anna@example.net', 'wrong', 'wrong-password'],
    ['nobody@example.net', PASSWORD, 'unknown-user'],
    ['guest@example.net', PASSWORD, 'blocked-kind'],
    ['anonymous@example.net', PASSWORD, 'blocked-kind'],
    ['administrator@example.net', PASSWORD, 'blocked-kind'],
  ];

  it('gets the same words whatever was wrong, while the log has the reason', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await addBlocked(world);
    const answers = new Set<string>();
    await using client = await greeted(world);
    for (const [name, password, reason] of CASES) {
      const { text } = await client.command(`LOGIN ${name} "${password}"`);
      answers.add(text.replace(/\(ref \w+\)/, ''));
      expect(world.log.events.at(-1)).toMatchObject({
        event: 'login.rejected',
        fields: { reason, loginName: name },
      });
    }
    expect([...answers]).toEqual([expect.stringMatching(/^NO \[AUTHENTICATIONFAILED\]/)]);
    expect(world.home.connectionCount).toBe(0);
    expect(JSON.stringify(world.log.events)).not.toContain(PASSWORD);
  });

  // Time itself is no judge here: one hash of the same costs takes what it takes.
  it('costs one hash, neither more nor less, whatever was wrong', { timeout: 30_000 }, async () => {
    await using world = await openFrontEndWorld({ certificates });
    await addBlocked(world);
    const hashCount = async (): Promise<number> =>
      (await world.count('homeward_frontend_passwords_hashed_total{}')) ?? 0;
    await using client = await greeted(world);
    for (let round = 0; round < 2; round += 1) {
      for (const [name, password] of CASES) {
        const before = await hashCount();
        await client.command(`LOGIN ${name} "${password}"`);
        expect([name, (await hashCount()) - before]).toEqual([name, 1]);
      }
    }
  });

  it('ends the connection after too many', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await using client = await greeted(world);
    const { octets } = await (async () => {
      await client.send('a LOGIN nobody x\r\n'.repeat(40));
      return client.readToEnd();
    })();
    expect(octets.toString().match(/^a NO/gm)?.length).toBe(10);
  });
});

describe('an account', () => {
  it('that is switched off learns that, once its password is right', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await world.accounts.setEnabled('anna@example.net', false);
    await using client = await greeted(world);
    expect((await client.command(LOGIN)).text).toMatch(/^NO \[CONTACTADMIN\]/);
    expect((await client.command('LOGIN anna@example.net x')).text).toMatch(
      /^NO \[AUTHENTICATIONFAILED\]/,
    );
  });

  it('has no more sessions than its limit, over both protocols, and gets places back', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      config: { connectionLimits: { perUser: 2 } },
      async home(peer, number) {
        if (number === 2) {
          await takePop3Login(peer);
          await peer.sendLine('+OK hello');
          await peer.hold();
        } else {
          await letIn(peer, number);
        }
      },
    });
    await using first = await greeted(world);
    await first.expectOk(LOGIN);
    await using second = await world.connect('pop3s');
    await second.readLine();
    await second.sendLine('USER anna@example.net');
    await second.readLine();
    await second.sendLine(`PASS ${PASSWORD}`);
    await second.expectLine(/^\+OK/);
    await using third = await greeted(world);
    const refused = await third.command(LOGIN);
    expect(refused.text).toMatch(
      /^NO \[LIMIT\] .*2 connections per user \(connectionLimits\.perUser, MaxConnectionsPerUser\)/,
    );
    await second.close();
    await expect.poll(async () => (await third.command(LOGIN)).status).toBe('OK');
  });
});

describe('an address', () => {
  const limits = { perAddress: 1, total: 3 };

  it('has no more connections than its limit, by its number and name', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      config: { connectionLimits: limits },
    });
    await using first = await world.connectPlain('imap');
    await first.readLine();
    await using second = await world.connectPlain('imap');
    await second.expectLine(
      '* BYE [LIMIT] Too many connections: 1 from 127.0.0.1 (connectionLimits.perAddress)',
    );
    await using pop3 = await world.connectPlain('pop3');
    await pop3.expectLine(
      /^-ERR \[SYS\/TEMP\] .*: 1 from 127\.0\.0\.1 \(connectionLimits\.perAddress\)/,
    );
    // Live: from now on this network may, until all places are taken.
    await world.directory.setSetting('connectionLimits.exemptNetworks', ['127.0.0.0/8']);
    const opened: RawClient[] = [];
    await expect
      .poll(async () => {
        const client = await world.connectPlain('imap');
        opened.push(client);
        return client.readLine();
      })
      .toMatch(/^\* OK/);
    await expect
      .poll(async () => {
        const client = await world.connectPlain('imap');
        opened.push(client);
        return client.readLine();
      })
      .toBe('* BYE [LIMIT] Too many connections: 3 (connectionLimits.total)');
    for (const client of opened) await client.close();
  });

  it('has no more sessions than its limit over all front ends', async () => {
    await using redis = await startRedis();
    const where = { url: redis.url, keyPrefix: redis.keyPrefix };
    const config = { connectionLimits: { perAddress: 1 } };
    await using here = await openFrontEndWorld({ certificates, redis: where, config, home: letIn });
    await using there = await openFrontEndWorker(here.config, {
      clock: systemClock,
      log: here.log,
      metrics: createMetrics({ catalogue: FRONT_END_METRICS, worker: 'x', includesProcess: false }),
      workerName: 'there',
    }).then((worker) => ({ worker, [Symbol.asyncDispose]: () => worker.close('now') }));
    await using first = await greeted(here);
    await first.expectOk(LOGIN);
    const { port } = there.worker.addresses.find((one) => one.tls === 'implicit') ?? { port: 0 };
    await using second = await connectRaw({ port, tls: here.clientTls });
    await second.readLine();
    expect((await second.command(LOGIN)).text).toMatch(
      /^NO \[LIMIT\] .*1 connections from 127\.0\.0\.1 \(connectionLimits\.perAddress\)/,
    );
    await first.close();
    await expect.poll(async () => (await second.command(LOGIN)).status).toBe('OK');
  });
});

describe('a client that', () => {
  it('says nothing is told goodbye', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      config: { idleLimits: { preAuthenticatedSeconds: 1 } },
    });
    await using client = await greeted(world);
    await client.expectLine(/^\* BYE/);
    expect(await client.expectEnd()).toBe('ended');
    await using pop3 = await world.connect('pop3s');
    await pop3.readLine();
    await pop3.expectLine(/^-ERR/);
    await expect.poll(() => world.worker.conversationCount).toBe(0);
  });

  it('never ends its line is told so and closed, with bounded memory', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await using client = await greeted(world);
    await client.send('a'.repeat(50_000)).catch(() => {});
    await client.expectLine(/BAD/);
    expect((await client.readToEnd()).end).toBe('ended');
  });

  it('announces an oversized literal is told so', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await using client = await greeted(world);
    await client.sendLine('a LOGIN {99999999999}');
    await client.expectLine(/^a BAD|^\* BAD/);
  });

  it.each([
    ['is a browser', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['talks garbage', '\x00\xff\x00\xff\r\n'.repeat(40)],
    ['sends bare line feeds', 'a NOOP\n\n\n'.repeat(40)],
  ])('%s does no harm', async (_claim, octets) => {
    await using world = await openFrontEndWorld({ certificates });
    await using client = await greeted(world);
    await client.send(octets).catch(() => {});
    client.end();
    await client.readToEnd();
    await expect.poll(() => world.worker.conversationCount).toBe(0);
    await using next = await greeted(world);
    await next.expectOk('NOOP');
  });

  it('speaks plaintext to a TLS port is counted and dropped', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await using client = await world.connectPlain('imap');
    await client.readLine();
    const { connectRaw } = await import('@homeward/testkit');
    await using stray = await connectRaw({ port: world.ports.imaps });
    await stray.sendLine('a LOGIN anna x');
    await stray.readToEnd();
    const refusals =
      'homeward_frontend_connections_refused_total{protocol="imap",reason="tls-not-tls"}';
    await expect.poll(() => world.count(refusals)).toBe(1);
  });

  it('vanishes during its login leaves nothing', async () => {
    await using world = await openFrontEndWorld({ certificates, home: letIn });
    await using client = await greeted(world);
    await client.sendLine(`a ${LOGIN}`);
    await client.close();
    await expect.poll(() => world.worker.conversationCount).toBe(0);
    await expect
      .poll(async () => {
        const account = await world.accounts.find('anna@example.net');
        return account && world.directory.countSessions(account.id);
      })
      .toBe(0);
  });
});

describe('connections to a protocol that is switched off', () => {
  it.each([
    ['imap', '* BYE [CONTACTADMIN] IMAP is switched off here; ask your administrator'],
    ['pop3', '-ERR [SYS/PERM] POP3 is switched off here; ask your administrator'],
  ] as const)('by %s are told so, logged and counted', async (protocol, words) => {
    await using world = await openFrontEndWorld({ certificates });
    await world.directory.setSetting(`${protocol}.enabled`, false);
    await expect.poll(() => world.worker.findProtocolFault(protocol)).toBe('is switched off');
    await using plain = await world.connectPlain(protocol);
    await plain.expectLine(words);
    expect(await plain.expectEnd()).toBe('ended');
    await using client = await world.connect(`${protocol}s`);
    await client.expectLine(words);
    expect(await client.expectEnd()).toBe('ended');
    const refusals = 'homeward_frontend_connections_refused_total';
    const labels = `{protocol="${protocol}",reason="switched-off"}`;
    await expect.poll(() => world.count(`${refusals}${labels}`)).toBe(2);
    const refused = world.log.events.filter(({ event }) => event === 'connection.refused');
    expect(refused.map(({ fields }) => fields)).toMatchObject([
      { protocol, reason: 'switched-off', clientAddress: '127.0.0.1' },
      { protocol, reason: 'switched-off', clientAddress: '127.0.0.1' },
    ]);
  });
});

describe('connections beyond a limit', () => {
  it.each([
    ['in all', { total: 1 }, 'too-many-connections'],
    ['from one address', { perAddress: 1 }, 'too-many-from-address'],
  ] as const)('%s are told so', async (_claim, connectionLimits, reason) => {
    await using world = await openFrontEndWorld({ certificates, config: { connectionLimits } });
    await using first = await world.connectPlain('imap');
    await first.readLine();
    await using second = await world.connectPlain('imap');
    await second.expectLine(/^\* BYE \[LIMIT\]/);
    const refusals = 'homeward_frontend_connections_refused_total';
    expect(await world.count(`${refusals}{protocol="imap",reason="${reason}"}`)).toBe(1);
    await first.close();
    await expect
      .poll(async () => {
        await using third = await world.connectPlain('imap');
        return await third.readLine();
      })
      .toMatch(/^\* OK/);
  });
});

describe('a home that stays down', () => {
  const bob = `LOGIN anna@example.net "${PASSWORD}"`;

  async function logInFrom(world: FrontEndWorld, localAddress: string): Promise<string> {
    await using client = await world.connect('imaps', { localAddress });
    await client.readLine();
    return (await client.command(bob)).text;
  }

  it.each([
    ['probes', true],
    ['logins', false],
  ])(
    'costs nobody a time-out, and serves when it is back (found by %s)',
    async (_by, hasProbes) => {
      let isDown = true;
      await using world = await openFrontEndWorld({
        certificates,
        homes: { probes: hasProbes },
        // A probe leaves with the greeting.
        home: (peer, number) =>
          isDown ? Promise.resolve() : letIn(peer, number).catch(() => undefined),
      });
      for (const address of ['127.0.0.2', '127.0.0.3', '127.0.0.2']) {
        expect(await logInFrom(world, address)).toMatch(/^NO \[UNAVAILABLE\]/);
      }
      await expect
        .poll(() => logInFrom(world, '127.0.0.4').then(() => world.log.events.at(-1)?.fields))
        .toMatchObject({ reason: 'site-down' });
      expect(world.log.events).toContainEqual(
        expect.objectContaining({ event: 'site.unreachable' }),
      );
      expect(world.worker.homes.findFault()).toMatch(/^dublin \(imap\) at 127\.0\.0\.1/);
      isDown = false;
      await expect.poll(() => logInFrom(world, '127.0.0.4'), { timeout: 15_000 }).toMatch(/^OK/);
      expect(world.log.events).toContainEqual(expect.objectContaining({ event: 'site.recovered' }));
      expect(world.worker.homes.findFault()).toBeUndefined();
    },
  );

  it('costs nobody a time-out, if it greets and leaves logins without an answer', async () => {
    let isHanging = true;
    await using world = await openFrontEndWorld({
      certificates,
      homes: { probes: true },
      home: async (peer, number) => {
        if (!isHanging) return letIn(peer, number).catch(() => undefined);
        await takeImapLogin(peer).catch(() => undefined);
        return peer.hold();
      },
    });
    await world.accounts.add({ address: 'bob@example.net', site: 'dublin', password: PASSWORD });
    const late = ['anna', 'bob', 'anna'].map(async (name, index) => {
      await using client = await world.connect('imaps', { localAddress: `127.0.0.${2 + index}` });
      await client.readLine();
      return (await client.command(`LOGIN ${name}@example.net "${PASSWORD}"`)).text;
    });
    for (const text of await Promise.all(late)) expect(text).toMatch(/^NO \[UNAVAILABLE\]/);
    const answered = 'homeward_frontend_home_probes_total{outcome="ok"}';
    const before = await world.count(answered);
    const addresses = Array.from({ length: 8 }, (_unused, index) => `127.0.0.${10 + index}`);
    const countFaults = (): readonly [number, number] => {
      const reasons = world.log.events
        .filter(({ event }) => event === 'login.failed')
        .map(({ fields }) => fields['reason']);
      const downCount = reasons.filter((reason) => reason === 'site-down').length;
      return [reasons.length - downCount, downCount];
    };
    // The fourth that waits is the one that tries it.
    await expect
      .poll(
        async () => {
          await Promise.all(addresses.map((address) => logInFrom(world, address)));
          return countFaults()[0];
        },
        { timeout: 15_000 },
      )
      .toBe(3 + 1);
    expect(countFaults()[1]).toBeGreaterThanOrEqual(7);
    // A probe follows, and is answered.
    await expect.poll(() => world.count(answered)).not.toBe(before);
    expect(world.log.events).not.toContainEqual(
      expect.objectContaining({ event: 'site.recovered' }),
    );
    isHanging = false;
    await expect.poll(() => logInFrom(world, '127.0.0.4'), { timeout: 15_000 }).toMatch(/^OK/);
    expect(world.worker.homes.findFault()).toBeUndefined();
  }, 30_000);

  it('is found before those who wait there have run out of time', async () => {
    let isFrozen = false;
    await using world = await openFrontEndWorld({
      certificates,
      homes: { probes: true },
      home: (peer, number) => (isFrozen ? peer.hold() : letIn(peer, number).catch(() => undefined)),
    });
    expect(await logInFrom(world, '127.0.0.2')).toMatch(/^OK/);
    isFrozen = true;
    const waiting = ['127.0.0.2', '127.0.0.3'].map((address) => logInFrom(world, address));
    for (const text of await Promise.all(waiting)) expect(text).toMatch(/^NO \[UNAVAILABLE\]/);
    const events = world.log.events.map(({ event }) => event);
    expect(events.indexOf('site.unreachable')).toBeGreaterThan(0);
    expect(events.indexOf('site.unreachable')).toBeLessThan(events.indexOf('login.failed'));
    isFrozen = false;
    await expect.poll(() => logInFrom(world, '127.0.0.4'), { timeout: 15_000 }).toMatch(/^OK/);
  });

  it('is logged with the same reason when probes find it', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      homes: { probes: true },
      home: () => Promise.resolve(),
    });
    await logInFrom(world, '127.0.0.2');
    const found = () => world.log.events.find(({ event }) => event === 'site.unreachable')?.fields;
    await expect.poll(found, { timeout: 5_000 }).toMatchObject({ reason: 'site-broke-off' });
  });
});
