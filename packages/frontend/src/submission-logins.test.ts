/** Every way to log in for submission, and everything that may keep one out, over real sockets. */
import { createAppPasswordService, type Protocol } from '@homeward/directory';
import { formatProxyHeader, type ProxyExtras } from '@homeward/net';
import { createScramClient, type ScramClientOptions } from '@homeward/sasl';
import {
  connectRaw,
  createTempFolder,
  createTestCertificate,
  type RawClient,
} from '@homeward/testkit';
import { createSigningKey, openIssuerServer, signToken } from '@homeward/token-issuers/testing';
import { writeFile } from 'node:fs/promises';
import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeSmtpLogin,
  type FrontEndWorld,
  type WorldCertificates,
  type WorldOptions,
} from './testing/front-end-world.ts';

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plain = (password = PASSWORD, name = 'anna@example.net', actAs = ''): string =>
  `AUTH PLAIN ${base64(`${actAs}\0${name}\0${password}`)}`;

/** A home that lets in, and has nothing more to say. */
function open(options: Partial<WorldOptions> = {}): Promise<FrontEndWorld> {
  return openFrontEndWorld({
    certificates,
    async home(peer) {
      await takeSmtpLogin(peer);
      await peer.sendLine('235 2.7.0 Logged in');
      await peer.hold();
    },
    ...options,
  });
}

/** @returns The last line of what EHLO offers. */
async function sayEhlo(client: RawClient): Promise<string> {
  await client.sendLine('EHLO phone');
  for (;;) {
    const line = await client.readLine();
    if (line.startsWith('250 ')) return line;
  }
}

async function connect(world: FrontEndWorld): Promise<RawClient> {
  const client = await world.connect('submissions');
  await client.readLine();
  await sayEhlo(client);
  return client;
}

/** @returns The answer, without its reference. */
async function say(client: RawClient, line: string): Promise<string> {
  await client.sendLine(line);
  return (await client.readLine()).replace(/ \(ref \w+\)$/, '');
}

/** On a connection of its own. */
async function logIn(world: FrontEndWorld, line: string): Promise<string> {
  await using client = await connect(world);
  return await say(client, line);
}

const IN = '235 2.7.0 Logged in';
const REJECTED = '535 5.7.8 Authentication failed';

describe('SCRAM', () => {
  async function authenticate(
    client: RawClient,
    options: Partial<ScramClientOptions>,
  ): Promise<string> {
    const scram = createScramClient({
      authzid: undefined,
      authcid: 'anna@example.net',
      password: Buffer.from(PASSWORD),
      nonce: 'client-nonce',
      ...options,
    });
    const first = Buffer.from(scram.start()).toString('base64');
    let answer = await say(client, `AUTH ${scram.mechanism} ${first}`);
    while (answer.startsWith('334 ')) {
      const response = scram.step(Buffer.from(answer.slice(4), 'base64'));
      const encoded = response === 'cancel' ? '*' : Buffer.from(response).toString('base64');
      answer = await say(client, encoded);
    }
    return answer;
  }

  it.each<[string, Partial<ScramClientOptions>, string]>([
    ['a right password', {}, IN],
    ['a wrong one', { password: Buffer.from('wrong') }, REJECTED],
    [
      'another TLS connection’s exporter',
      { channelBinding: { type: 'tls-exporter', data: Buffer.alloc(32) } },
      REJECTED,
    ],
  ])('with %s', async (_what, options, answer) => {
    await using world = await open();
    await using client = await connect(world);
    expect(await authenticate(client, options)).toBe(answer);
  });

  it('bound to its connection, after STARTTLS', async () => {
    await using world = await open();
    await using client = await world.connectPlain('submission');
    await client.readLine();
    await sayEhlo(client);
    expect(await say(client, 'STARTTLS')).toBe('220 2.0.0 Begin TLS now');
    await client.startTls(world.clientTls);
    await sayEhlo(client);
    const socket = client.octets.socket as TLSSocket;
    const data = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    const channelBinding = { type: 'tls-exporter', data } as const;
    expect(await authenticate(client, { channelBinding })).toBe(IN);
  });
});

describe('an app password', () => {
  async function makeOne(world: FrontEndWorld, protocols: readonly Protocol[]): Promise<string> {
    const service = createAppPasswordService({ driver: world.directory });
    const id = await world.directory.findAccountId('anna@example.net');
    if (id === undefined) throw new Error('no account');
    const made = await service.add(id, { label: 'scanner', protocols });
    if (!made.ok) throw new Error(made.problem.text);
    return made.secret;
  }

  it('of submission sends, and one of IMAP alone does not', async () => {
    await using world = await open();
    const secret = await makeOne(world, ['submission']);
    expect(await logIn(world, plain(secret))).toBe(IN);
    const other = await open();
    await using _closed = other;
    expect(await logIn(other, plain(await makeOne(other, ['imap'])))).toBe(REJECTED);
  });
});

describe('an access token', () => {
  it('gets in by OAUTHBEARER and XOAUTH2, and a wrong one hears why in a challenge', async () => {
    await using folder = await createTempFolder('issuer');
    const certificate = await createTestCertificate(['localhost']);
    const caFile = folder.join('ca.pem');
    await writeFile(caFile, certificate.ca);
    await using server = await openIssuerServer(certificate);
    const key = await createSigningKey('k1');
    server.answer = { kind: 'keys', keys: [key.jwk] };
    const issuer = 'https://id.example';
    const trusted = { issuer, jwksUri: server.jwksUri, caFile, audiences: ['mail'] };
    await using world = await open({ config: { oauth: { issuers: [trusted] } } });
    const claims = { iss: issuer, aud: 'mail', email: 'anna@example.net' };
    const good = await signToken(key, claims);
    const bearer = `auth=Bearer ${good}\x01\x01`;
    const user = 'user=anna@example.net\x01';
    expect(await logIn(world, `AUTH OAUTHBEARER ${base64(`n,,\x01${bearer}`)}`)).toBe(IN);
    expect(await logIn(world, `AUTH XOAUTH2 ${base64(`${user}${bearer}`)}`)).toBe(IN);
    const bad = await signToken(key, { ...claims, aud: 'elsewhere' });
    await using client = await connect(world);
    const challenge = await say(
      client,
      `AUTH XOAUTH2 ${base64(`${user}auth=Bearer ${bad}\x01\x01`)}`,
    );
    const told = Buffer.from(challenge.slice(4), 'base64').toString();
    expect(JSON.parse(told)).toHaveProperty('status');
    expect(await say(client, '')).toBe(REJECTED);
  });
});

describe('a delegate', () => {
  it('sends from another’s mailbox where he may open it, and the home hears who he is', async () => {
    const tickets: string[] = [];
    await using world = await open({
      async home(peer) {
        tickets.push((await takeSmtpLogin(peer)).ticket);
        await peer.sendLine('235 2.7.0 Logged in');
        await peer.hold();
      },
    });
    await world.accounts.add({ address: 'shop@example.net', site: 'dublin', kind: 'shared' });
    expect(await logIn(world, plain(PASSWORD, 'anna@example.net', 'shop@example.net'))).toBe(
      REJECTED,
    );
    await world.accounts.setDelegate('shop@example.net', 'anna@example.net', ['full']);
    const login = plain(PASSWORD, 'anna@example.net/shop@example.net');
    await expect.poll(() => logIn(world, login)).toBe(IN);
    const claims = JSON.parse(
      Buffer.from(tickets[0]?.split('.')[1] ?? '', 'base64url').toString(),
    ) as { readonly act?: string };
    const anna = await world.accounts.find('anna@example.net');
    expect(claims.act).toBe(anna?.id);
  });
});

describe('what keeps logins out', () => {
  it('a rule about submission is told as what it is', async () => {
    const rule = { name: 'no mail from here', action: 'deny', when: { protocols: ['submission'] } };
    await using world = await open({ config: { clientAccess: { rules: [rule] } } });
    expect(await logIn(world, plain())).toBe('550 5.7.1 Nobody may log in like this');
    const rejected = world.log.events.find(({ event }) => event === 'login.rejected');
    expect(rejected).toMatchObject({
      fields: { reason: 'access-denied', protocol: 'submission' },
    });
  });

  it('guessing slows down, in words of its own', async () => {
    await using world = await open({
      config: { throttle: { addressFailures: 1, maxDelaySeconds: 1 } },
    });
    expect(await logIn(world, plain('guess'))).toBe(REJECTED);
    let count = 0;
    await expect
      .poll(() => logIn(world, plain(`guess ${(count += 1)}`)), { timeout: 20_000 })
      .toMatch(/^454 4\.7\.0 Too many attempts, try again later/);
  });

  it('a protocol that is switched off says so, and its health page knows', async () => {
    await using world = await open();
    expect(world.worker.findProtocolFault('submission')).toBeUndefined();
    await world.directory.setSetting('submission.enabled', false);
    await expect.poll(() => world.worker.findProtocolFault('submission')).toBe('is switched off');
    await using client = await world.connect('submissions');
    await client.expectLine('521 5.3.2 Submission is switched off here, ask your administrator');
    expect(await client.expectEnd()).toBe('ended');
  });

  it('a client that names protocols of its own is let in: submission has no ALPN name', async () => {
    await using world = await open();
    const tls = { ...world.clientTls, ALPNProtocols: ['smtp'] };
    await using client = await connectRaw({ port: world.ports.submissions, tls });
    await client.expectLine(/^220 /);
  });
});

describe('behind a load balancer', () => {
  const TLS: NonNullable<ProxyExtras['tls']> = {
    isEncrypted: true,
    hasCertificate: false,
    hasSessionCertificate: false,
    verifyResult: 0,
    version: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
  };

  async function connectBehind(world: FrontEndWorld, extras: ProxyExtras): Promise<RawClient> {
    const door = world.worker.addresses.find(({ protocol }) => protocol === 'submission');
    const client = await connectRaw({ port: door?.port ?? 0 });
    const ends = {
      family: 'ipv4',
      transport: 'stream',
      source: { address: '203.0.113.9', port: 40_001 },
      destination: { address: '198.51.100.1', port: 465 },
    } as const;
    await client.send(formatProxyHeader({ version: 2, command: 'proxy', ends, extras }));
    await client.expectLine(/^220 /);
    return client;
  }

  function openBehind(): Promise<FrontEndWorld> {
    const proxyProtocol = {
      mode: 'required',
      trustedNetworks: ['127.0.0.0/8'],
      headerLimitSeconds: 1,
    };
    const listeners = [{ host: '127.0.0.1', port: 0, tls: 'balancer', proxyProtocol }];
    return open({ config: { submission: { listeners } } });
  }

  it('logins get in whose connection was encrypted there, and no others', async () => {
    await using world = await openBehind();
    await using client = await connectBehind(world, { tls: TLS });
    expect(await sayEhlo(client)).toBe('250 AUTH SCRAM-SHA-256 PLAIN LOGIN');
    expect(await say(client, plain())).toBe(IN);
    expect(world.log.events).toContainEqual({
      event: 'login.accepted',
      fields: expect.objectContaining({ clientAddress: '203.0.113.9', tls: 'TLSv1.3' }) as unknown,
    });
    await using bare = await connectBehind(world, {});
    expect(await sayEhlo(bare)).toBe('250 XCLIENT TTL');
    expect(await say(bare, plain())).toBe('538 5.7.11 This login needs TLS first');
  });

  it('who comes past it hears so', async () => {
    await using world = await openBehind();
    const door = world.worker.addresses.find(({ protocol }) => protocol === 'submission');
    await using client = await connectRaw({ port: door?.port ?? 0 });
    await client.send('EHLO phone\r\n');
    await client.expectLine(/^554 5\.7\.1 This port takes PROXY protocol headers/);
  });
});
