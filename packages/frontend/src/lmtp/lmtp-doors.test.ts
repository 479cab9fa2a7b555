/** A front end that takes mail: real sockets and TLS, an embedded directory; homes are scripts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createShardTable, type SiteName } from '@homeward/directory';
import { createCertificateAuthority, issueCertificate, type PemPair } from '@homeward/net/pki';
import {
  connectRaw,
  type PeerScript,
  type RawClient,
  type ScriptedPeer,
  type ScriptedServer,
  startScriptedServer,
} from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  type FrontEndWorld,
  openFrontEndWorld,
  SITE_SERVER_NAME,
  type WorldCertificates,
} from '../testing/front-end-world.ts';

const TERM = {
  notBefore: new Date(Date.now() - 86_400_000),
  notAfter: new Date(Date.now() + 86_400_000),
};

let certificates: WorldCertificates;
let authority: PemPair;
let folder: string;

beforeAll(async () => {
  certificates = await createWorldCertificates();
  authority = await createCertificateAuthority({ name: 'deployment', ...TERM });
  folder = await mkdtemp(join(tmpdir(), 'homeward-lmtp-'));
  await writeFile(join(folder, 'ca.crt'), authority.cert);
  const own = await issueClient(authority, 'frontend:fe1');
  await writeFile(join(folder, 'fe.crt'), own.cert);
  await writeFile(join(folder, 'fe.key'), own.key);
});
afterAll(() => rm(folder, { recursive: true }));

function issueClient(by: PemPair, commonName: string): Promise<PemPair> {
  return issueCertificate(by, { use: 'client', commonName, names: [], ...TERM });
}

interface MailWorld extends FrontEndWorld {
  readonly homes: Readonly<Record<string, ScriptedServer>>;
  readonly lmtpPort: number;
  readonly lmtpsPort: number;
}

/** A site for each script, with an account of its name there: anna@example.net is at dublin. */
async function openMailWorld(
  scripts: Readonly<Record<string, PeerScript>>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<MailWorld> {
  await using stack = new AsyncDisposableStack();
  const listeners = [
    { host: '127.0.0.1', port: 0 },
    { host: '127.0.0.1', port: 0, tls: 'implicit' },
  ];
  const world = stack.use(
    await openFrontEndWorld({
      certificates,
      config: {
        control: { certFile: join(folder, 'fe.crt'), keyFile: join(folder, 'fe.key') },
        mail: { acceptedDomains: { 'example.net': 'authoritative' } },
        lmtp: {
          listeners,
          serverName: 'fe.test',
          clientCaFile: join(folder, 'ca.crt'),
          trustedNetworks: ['127.0.0.0/8'],
          ...settings,
        },
      },
    }),
  );
  const homes: Record<string, ScriptedServer> = {};
  for (const [name, script] of Object.entries(scripts)) {
    const { key, cert } = certificates.site;
    const home = await startScriptedServer(script, { tls: { key, cert } });
    stack.defer(() => home.kill());
    homes[name] = home;
    const worker = { host: home.host, imapsPort: 1, pop3sPort: 1, lmtpsPort: home.port };
    await world.directory.putSite({
      name: name as SiteName,
      serverName: SITE_SERVER_NAME,
      workers: [worker],
      shardTable: createShardTable(1, 1),
      version: 2,
    });
    if (name !== 'dublin') {
      await world.accounts.add({
        address: `${name}@example.net`,
        site: name,
        password: 'secret 1',
      });
    }
  }
  const portOf = (tls: string): number =>
    world.worker.addresses.find((one) => one.protocol === 'lmtp' && one.tls === tls)?.port ?? 0;
  const parts = stack.move();
  return {
    ...world,
    homes,
    lmtpPort: portOf('none'),
    lmtpsPort: portOf('implicit'),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function greet(peer: ScriptedPeer): Promise<void> {
  await peer.sendLine('220 home LMTP');
  await peer.expectLine('LHLO fe.test');
  await peer.send('250-home\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-DSN\r\n250 SIZE 0\r\n');
}

async function takeEnvelope(peer: ScriptedPeer, answers: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const answer of answers) {
    lines.push(await peer.readLine());
    await peer.sendLine(answer);
  }
  return lines;
}

const OK = '250 2.1.0 fine';

/** A home that takes one message for so many recipients. */
function taking(
  answers: readonly string[],
  got: { envelope?: string[]; content?: readonly string[] } = {},
): PeerScript {
  return async (peer) => {
    await greet(peer);
    got.envelope = await takeEnvelope(peer, [OK, ...answers.map(() => OK)]);
    await peer.expectLine('DATA');
    await peer.sendLine('354 go on');
    got.content = await peer.readDotLines();
    for (const answer of answers) await peer.sendLine(answer);
    await peer.hold();
  };
}

async function openMta({ lmtpPort }: MailWorld): Promise<RawClient> {
  const mta = await connectRaw({ port: lmtpPort });
  await mta.expectLine('220 fe.test LMTP Homeward is ready.');
  await ask(mta, 'LHLO mta.test');
  return mta;
}

async function readReply(mta: RawClient): Promise<string> {
  for (;;) {
    const line = await mta.readLine();
    if (line[3] !== '-') return line;
  }
}

async function ask(mta: RawClient, line: string): Promise<string> {
  await mta.sendLine(line);
  return readReply(mta);
}

async function offer(mta: RawClient, recipients: readonly string[]): Promise<string[]> {
  await ask(mta, 'MAIL FROM:<writer@elsewhere.test>');
  const answers: string[] = [];
  for (const one of recipients) answers.push(await ask(mta, `RCPT TO:<${one}@example.net>`));
  return answers;
}

describe('LMTP at a front end', () => {
  it('hands a message to each home as it streams, and gives each recipient his home’s answer', async () => {
    const dublin: { envelope?: string[]; content?: readonly string[] } = {};
    const oslo: typeof dublin = {};
    await using world = await openMailWorld({
      dublin: taking(['250 2.0.0 in', '250 2.0.0 in'], dublin),
      oslo: taking(['552 5.2.2 full'], oslo),
    });
    await world.accounts.add({ address: 'ben@example.net', site: 'dublin', password: 'secret 1' });
    await using mta = await openMta(world);
    expect(await offer(mta, ['anna+shop', 'oslo', 'nobody', 'ben'])).toEqual([
      '250 2.1.5 Recipient OK',
      '250 2.1.5 Recipient OK',
      '550 5.1.1 There is no such mailbox',
      '250 2.1.5 Recipient OK',
    ]);
    expect(await ask(mta, 'DATA')).toMatch(/^354 /);
    await mta.send('Subject: Hi\r\n\r\n..dot\r\n.\r\n');
    expect([await readReply(mta), await readReply(mta), await readReply(mta)]).toEqual([
      expect.stringMatching(/^250 2\.0\.0 Taken as [0-9A-Z]{12}-1$/),
      '552 5.2.2 full',
      expect.stringMatching(/^250 2\.0\.0 /),
    ]);
    expect(dublin.envelope).toEqual([
      'MAIL FROM:<writer@elsewhere.test>',
      'RCPT TO:<anna+shop@example.net>',
      'RCPT TO:<ben@example.net>',
    ]);
    expect(oslo.envelope?.slice(1)).toEqual(['RCPT TO:<oslo@example.net>']);
    for (const { content } of [dublin, oslo]) {
      expect(content?.slice(3)).toEqual(['Subject: Hi', '', '.dot']);
      expect(content?.slice(0, 2)).toEqual([
        'Received: from mta.test ([127.0.0.1])',
        expect.stringMatching(/^\tby fe\.test with LMTP id [0-9A-Z]{12}-1;$/),
      ]);
    }
    const count = (outcome: string): Promise<number | undefined> =>
      world.count(`homeward_frontend_lmtp_recipients_total{outcome="${outcome}"}`);
    expect([await count('delivered'), await count('refused')]).toEqual([2, 2]);
  });

  it('delivers to the others when a home dies inside of the message', async () => {
    const dublin: { content?: readonly string[] } = {};
    await using world = await openMailWorld({
      dublin: taking(['250 2.0.0 in'], dublin),
      oslo: async (peer) => {
        await greet(peer);
        await takeEnvelope(peer, [OK, OK]);
        await peer.expectLine('DATA');
        await peer.sendLine('354 go on');
        await peer.expectLine(/^Received/);
        peer.octets.destroy();
      },
    });
    await using mta = await openMta(world);
    await offer(mta, ['anna', 'oslo']);
    await ask(mta, 'DATA');
    await mta.send('Subject: Hi\r\n\r\n');
    await world.homes['oslo']?.finished();
    const line = `${'x'.repeat(998)}\r\n`;
    for (let count = 0; count < 2_000; count += 1) await mta.send(line);
    await mta.send('.\r\n');
    expect(await readReply(mta)).toMatch(/^250 /);
    expect(await readReply(mta)).toMatch(/^451 4\.4\.1 /);
    expect(dublin.content).toHaveLength(3 + 2 + 2_000);
  });

  it('puts off whose site is away, and says so at once', async () => {
    await using world = await openMailWorld({ dublin: () => Promise.resolve() });
    await world.homes['dublin']?.kill();
    await using mta = await openMta(world);
    expect(await offer(mta, ['anna'])).toEqual([expect.stringMatching(/^451 4\.4\.1 /)]);
    expect(await ask(mta, 'DATA')).toMatch(/^554 5\.5\.1 /);
    expect(world.log.events.map(({ event }) => event)).toContain('lmtp.site-away');
  });

  it('asks a home that does not answer once for all of its recipients', async () => {
    await using world = await openMailWorld({ dublin: (peer) => peer.sendLine('421 4.3.2 full') });
    const names = ['anna', 'ben', 'carl'];
    for (const name of names.slice(1)) {
      await world.accounts.add({ address: `${name}@example.net`, site: 'dublin' });
    }
    await using mta = await openMta(world);
    for (const round of [1, 2]) {
      for (const answer of await offer(mta, names)) expect(answer).toMatch(/^451 4\.4\.1 /);
      expect(world.homes['dublin']?.connectionCount).toBe(round);
      await ask(mta, 'RSET');
    }
  });

  it('relays nothing, and puts off a mailbox that takes no mail now', async () => {
    await using world = await openMailWorld({ dublin: () => Promise.resolve() });
    const anna = await world.directory.findAccountId('anna@example.net');
    const account = anna && (await world.directory.getAccount(anna));
    if (account === undefined) throw new Error('no anna');
    await world.directory.replaceAccount({ ...account, isEnabled: false }, account.version);
    await using mta = await openMta(world);
    await ask(mta, 'MAIL FROM:<>');
    expect(await ask(mta, 'RCPT TO:<someone@elsewhere.test>')).toMatch(/^550 5\.7\.1 /);
    expect(await ask(mta, 'RCPT TO:<anna@example.net>')).toMatch(/^450 4\.2\.1 /);
  });

  it('asks the new home of an account that has moved, once', async () => {
    const oslo: { envelope?: string[] } = {};
    let move: () => Promise<void> = () => Promise.resolve();
    await using world = await openMailWorld({
      dublin: async (peer) => {
        await greet(peer);
        await takeEnvelope(peer, [OK]);
        await peer.expectLine('RCPT TO:<anna@example.net>');
        await move();
        await peer.sendLine('451 4.4.1 The mailbox is elsewhere, try again later');
        await peer.expectLine('RSET');
        await peer.sendLine('250 2.0.0 fine');
        await peer.hold();
      },
      oslo: taking(['250 2.0.0 in'], oslo),
    });
    const id = await world.directory.findAccountId('anna@example.net');
    move = async () => {
      const account = id && (await world.directory.getAccount(id));
      if (account === undefined) throw new Error('no anna');
      const moved = { ...account, home: 'oslo' as SiteName, epoch: account.epoch + 1 };
      await world.directory.replaceAccount(moved, account.version);
    };
    await using mta = await openMta(world);
    expect(await offer(mta, ['anna'])).toEqual(['250 2.1.5 Recipient OK']);
    expect(await ask(mta, 'DATA')).toMatch(/^354 /);
    await mta.send('Hi\r\n.\r\n');
    expect(await readReply(mta)).toMatch(/^250 /);
    expect(oslo.envelope).toHaveLength(2);
  });

  it('never ends a message whose MTA goes away, or whose lines are not lines', async () => {
    const ends: string[] = [];
    const dublin: PeerScript = async (peer) => {
      await greet(peer);
      await takeEnvelope(peer, [OK, OK]);
      await peer.expectLine('DATA');
      await peer.sendLine('354 go on');
      const { octets } = await peer.readToEnd();
      ends.push(octets.toString('latin1').replace(/^Received[^]*?\r\n(?!\t)/, ''));
    };
    await using world = await openMailWorld({ dublin });
    const gone = await openMta(world);
    await offer(gone, ['anna']);
    await ask(gone, 'DATA');
    await gone.send('Subject: Hi\r\n\r\nHalf');
    await gone.close();
    await expect.poll(() => ends.length).toBe(1);
    await using smuggler = await openMta(world);
    await offer(smuggler, ['anna']);
    await ask(smuggler, 'DATA');
    await smuggler.send('Hi\r\n');
    await smuggler.send('a\n.\nMAIL FROM:<>\r\n.\r\n');
    expect(await readReply(smuggler)).toMatch(/^550 5\.6\.11 /);
    await expect.poll(() => ends.length).toBe(2);
    for (const end of ends) expect(end).not.toMatch(/\n\.\r?\n/);
  });

  it('holds no home longer than the transaction', async () => {
    let released = 0;
    await using world = await openMailWorld({
      dublin: async (peer) => {
        await greet(peer);
        for (;;) {
          await takeEnvelope(peer, [OK, OK]);
          await peer.expectLine('RSET');
          await peer.sendLine('250 2.0.0 fine');
          released += 1;
        }
      },
    });
    await using mta = await openMta(world);
    for (const _ of [1, 2]) {
      await offer(mta, ['anna']);
      expect(await ask(mta, 'RSET')).toMatch(/^250 /);
    }
    await offer(mta, ['anna']);
    expect(await ask(mta, 'QUIT')).toMatch(/^221 /);
    await expect.poll(() => released).toBe(3);
    expect(world.homes['dublin']?.connectionCount).toBe(1);
  });

  it('is open to trusted networks and to certificates of its authority alone', async () => {
    await using world = await openMailWorld({}, { trustedNetworks: ['192.0.2.0/24'] });
    await using stranger = await connectRaw({ port: world.lmtpPort });
    await stranger.expectLine(/^554 5\.7\.1 /);
    await stranger.expectEnd();
    const other = await createCertificateAuthority({ name: 'other', ...TERM });
    const connect = async (pair: PemPair | undefined): Promise<string> => {
      const tls = { ...world.clientTls, ...(pair && { cert: pair.cert, key: pair.key }) };
      try {
        await using raw = await connectRaw({ port: world.lmtpsPort, tls });
        return await raw.readLine();
      } catch {
        return 'cut off';
      }
    };
    expect(await connect(undefined)).toBe('cut off');
    expect(await connect(await issueClient(other, 'mta'))).toBe('cut off');
    expect(await connect(await issueClient(authority, 'mta'))).toMatch(/^220 fe\.test /);
    const refused = 'homeward_frontend_lmtp_connections_refused_total{reason="untrusted"}';
    expect(await world.count(refused)).toBe(1);
  });

  it('ends connections when the front end stops, behind the message', async () => {
    const world = await openMailWorld({ dublin: taking(['250 2.0.0 in']) });
    await using mta = await openMta(world);
    await offer(mta, ['anna']);
    await ask(mta, 'DATA');
    await mta.send('Hi\r\n');
    const stopping = world.worker.close();
    await mta.send('there\r\n.\r\n');
    expect(await readReply(mta)).toMatch(/^250 /);
    expect(await readReply(mta)).toMatch(/^421 4\.3\.2 /);
    await mta.expectEnd();
    await stopping;
    await world[Symbol.asyncDispose]();
  });
});

it('offers no DSN, so that MTAs report success themselves', async () => {
  await using world = await openMailWorld({});
  await using mta = await connectRaw({ port: world.lmtpPort });
  await mta.readLine();
  await mta.sendLine('LHLO mta.test');
  const offered: string[] = [];
  do offered.push(await mta.readLine());
  while (offered.at(-1)?.[3] === '-');
  const words = offered.map((line) => line.slice(4).split(' ')[0]);
  expect(words).toEqual(expect.arrayContaining(['8BITMIME', 'SMTPUTF8', 'CHUNKING', 'SIZE']));
  expect(words).not.toContain('DSN');
});
