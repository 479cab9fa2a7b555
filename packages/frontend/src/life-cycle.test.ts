/** How a front end ends, and how it changes while it runs. */
import { connectRaw, findFreePort, startNode } from '@homeward/testkit';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ListenAddress } from './front-end-worker.ts';
import {
  createWorldCertificates,
  openFrontEndWorld,
  openSurroundings,
  PASSWORD,
  portsOf,
  takeImapLogin,
  takePop3Login,
  type WorldCertificates,
  type WorldOptions,
} from './testing/front-end-world.ts';

const SCRIPT = fileURLToPath(new URL('testing/run-front-end.ts', import.meta.url));
const LOGIN = `LOGIN anna@example.net "${PASSWORD}"`;

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

const letIn: NonNullable<WorldOptions['home']> = async (peer) => {
  const { tag } = await takeImapLogin(peer);
  await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
  await peer.hold();
};

describe('close() of a front end', () => {
  it('says goodbye before login and after it, in both protocols', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer, number) {
        if (number === 1) return letIn(peer, number);
        await takePop3Login(peer);
        await peer.sendLine('+OK hello');
        await peer.hold();
      },
    });
    await using before = await world.connect('imaps');
    await before.readLine();
    await using after = await world.connect('imaps');
    await after.readLine();
    await after.expectOk(LOGIN);
    await using pop3 = await world.connect('pop3s');
    await pop3.readLine();
    await pop3.sendLine('USER anna@example.net');
    await pop3.readLine();
    await pop3.sendLine(`PASS ${PASSWORD}`);
    await pop3.expectLine(/^\+OK/);

    const closed = world.worker.close();
    await before.expectLine(/^\* BYE/);
    await after.expectLine(/^\* BYE/);
    await pop3.expectLine(/^-ERR \[SYS\/TEMP\]/);
    for (const client of [before, after, pop3]) {
      expect(await client.expectEnd()).toBe('ended');
      client.end();
    }
    await closed;
    for (const protocol of ['imap', 'pop3']) {
      expect(await world.count(`homeward_frontend_connections{protocol="${protocol}"}`)).toBe(0);
    }
    const account = await world.accounts.find('anna@example.net');
    expect(account && (await world.directory.countSessions(account.id))).toBe(0);
  });

  it('puts no words into the middle of a message', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
        await peer.expectLine('T2 FETCH 1 BODY[]');
        await peer.send('* 1 FETCH (BODY[] {100}\r\nHalf a li');
        await peer.hold();
      },
    });
    await using client = await world.connect('imaps');
    await client.readLine();
    await client.expectOk(LOGIN);
    await client.sendLine('T2 FETCH 1 BODY[]');
    await client.readLine();
    await client.readOctets(9);
    const closed = world.worker.close();
    await client.expectEnd();
    client.end();
    await closed;
  });

  it('lets a login that is under way have its answer first', async () => {
    let letAnswer: () => void = () => {};
    const mayAnswer = new Promise<void>((resolve) => {
      letAnswer = resolve;
    });
    let hasTicket: () => void = () => {};
    const ticket = new Promise<void>((resolve) => {
      hasTicket = resolve;
    });
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        hasTicket();
        await mayAnswer;
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
        await peer.hold();
      },
    });
    await using client = await world.connect('imaps');
    await client.readLine();
    await client.sendLine(`a ${LOGIN}`);
    await ticket;
    const closed = world.worker.close();
    letAnswer();
    await client.expectLine(/^a OK/);
    await client.expectLine(/^\* BYE/);
    client.end();
    await closed;
  });

  it('leaves no socket, no timer and no thread', async () => {
    const before = countResources();
    {
      const config = { homes: { caFile: '/nowhere' } };
      await expect(openFrontEndWorld({ certificates, config })).rejects.toThrow(/homes\.caFile/);
    }
    {
      await using world = await openFrontEndWorld({ certificates, home: letIn });
      await using client = await world.connect('imaps');
      await client.readLine();
      await client.expectOk(LOGIN);
      await using idle = await world.connectPlain('pop3');
      await idle.readLine();
    }
    await expect.poll(countResources).toEqual(before);
  });
});

function countResources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    if (/TCP|TLS|Timeout|Message|Worker|FSEvent/.test(name)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('settings of the directory', () => {
  it('apply to the next connection and the next login, without a restart', async () => {
    await using world = await openFrontEndWorld({ certificates, home: letIn });
    await using waiting = await world.connect('imaps');
    await waiting.readLine();
    await world.directory.setSetting('imap.banner', 'Hello from here');
    await world.directory.setSetting('imap.loginType', 'PlainTextLogin');
    await world.directory.setSetting('pop3.enabled', false);
    await expect
      .poll(async () => {
        await using client = await world.connectPlain('imap');
        return await client.readLine();
      })
      .toMatch(/^\* OK \[CAPABILITY (?!.*LOGINDISABLED).*\] Hello from here \(ref /);
    await using pop3 = await world.connect('pop3s');
    await pop3.expectLine(/^-ERR/);
    expect(await pop3.expectEnd()).toBe('ended');

    await waiting.expectOk(LOGIN);
    await world.directory.setSetting('connectionLimits.perUser', 1);
    await expect
      .poll(async () => {
        await using next = await world.connect('imaps');
        await next.readLine();
        return (await next.command(LOGIN)).text;
      })
      .toMatch(/\[LIMIT\].*1 connections/);
  });
});

describe('warm connections', () => {
  it('save the dial, and one that died unseen is replaced before the client knows', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      warmConnections: 1,
      async home(peer, number) {
        await peer.sendLine('* OK home');
        const line = await peer.readLine();
        // The second one, warm by then, breaks off when it is used.
        if (number === 2) return;
        await peer.sendLine(`${line.split(' ')[0]} OK [CAPABILITY IMAP4rev1 N${number}] hello`);
        await peer.hold();
      },
    });
    const homeOf = async (): Promise<string | undefined> => {
      await using client = await world.connect('imaps');
      await client.readLine();
      return /N\d/.exec((await client.expectOk(LOGIN)).text)?.[0];
    };
    expect(await homeOf()).toBe('N1');
    await expect.poll(() => world.home.connectionCount).toBe(2);
    // Number 2 was taken and died; another one was dialled, and one more to wait.
    expect(await homeOf()).toMatch(/N[34]/);
    await expect.poll(() => world.home.connectionCount).toBeGreaterThanOrEqual(4);
  });
});

describe('runFrontend()', () => {
  it.each([
    [1, 'SIGTERM'],
    [1, 'SIGINT'],
    [2, 'SIGTERM'],
  ] as const)(
    'with %i worker(s) ends by %s with a goodbye and exit code 0',
    async (workers, signal) => {
      const port = await findFreePort();
      await using surroundings = await openSurroundings({
        certificates,
        home: letIn,
        config: {
          workers,
          imap: { listeners: [{ host: '127.0.0.1', port, tls: 'implicit' }] },
          pop3: {},
          submission: {},
        },
      });
      await using process = startNode(SCRIPT, { args: [JSON.stringify(surroundings.config)] });
      const [, facts = ''] = await process.waitForLine(/^ready (.*)$/);
      const { imaps } = portsOf(JSON.parse(facts) as ListenAddress[]);
      expect(imaps).toBe(port);
      await using client = await connectRaw({ port, tls: surroundings.clientTls });
      await client.readLine();
      await client.expectOk(LOGIN);
      process.signal(signal);
      await client.expectLine(/^\* BYE/);
      client.end();
      expect(await process.waitForExit()).toEqual({ code: 0, signal: null });
    },
  );

  it('wants the keys of session tickets that it was told to use', async () => {
    await using surroundings = await openSurroundings({ certificates });
    const tls = { ...surroundings.config.tls, ticketKeysFile: '/nowhere/ticket-keys' };
    const config = { ...surroundings.config, tls };
    await using process = startNode(SCRIPT, { args: [JSON.stringify(config)] });
    expect(await process.waitForExit()).toEqual({ code: 3, signal: null });
    expect(process.output).toContain('/nowhere/ticket-keys');
  });

  it('says what is wrong when it cannot start, and ends', async () => {
    await using surroundings = await openSurroundings({ certificates });
    const config = { ...surroundings.config, ticket: { keyId: 'k', keyFile: '/nowhere' } };
    await using process = startNode(SCRIPT, { args: [JSON.stringify(config)] });
    expect(await process.waitForExit()).toEqual({ code: 3, signal: null });
    expect(process.output).toContain('ticket.keyFile');
  });
});
