/** SCRAM over real sockets and TLS, the client's half being ours: what it sees, and its home. */
import {
  createScramClient,
  type ChannelBindingType,
  type ScramClientOptions,
} from '@homeward/sasl';
import type { DialoguePeer, RawClient } from '@homeward/testkit';
import type { X509Certificate } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  takePop3Login,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

type Home = NonNullable<Parameters<typeof openFrontEndWorld>[0]['home']>;

const imapHome: Home = async (peer) => {
  const { tag } = await takeImapLogin(peer);
  await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1 X-HOME] hello`);
  await peer.hold();
};

/** As the client of a TLS connection sees it. */
function bindingOf(client: RawClient, type: ChannelBindingType): Uint8Array {
  const socket = client.octets.socket as TLSSocket;
  if (type === 'tls-exporter') {
    return socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  }
  const { raw } = socket.getPeerX509Certificate() as X509Certificate;
  return createHash('sha256').update(raw).digest();
}

/** Runs an exchange whose command was `start`. @returns The last line that is no challenge. */
async function authenticate(
  client: DialoguePeer,
  start: (mechanism: string, initialResponse: string) => string,
  options: Partial<ScramClientOptions> = {},
): Promise<string> {
  const scram = createScramClient({
    authzid: undefined,
    authcid: 'anna@example.net',
    password: Buffer.from(PASSWORD),
    nonce: 'client-nonce',
    ...options,
  });
  await client.sendLine(start(scram.mechanism, Buffer.from(scram.start()).toString('base64')));
  for (;;) {
    const line = await client.readLine();
    const challenge = /^\+ (?<octets>\S*)$/.exec(line)?.groups?.['octets'];
    if (challenge === undefined) return line;
    const answer = scram.step(Buffer.from(challenge, 'base64'));
    await client.sendLine(answer === 'cancel' ? '*' : Buffer.from(answer).toString('base64'));
  }
}

const imap = (mechanism: string, response: string): string =>
  `A1 AUTHENTICATE ${mechanism} ${response}`;
const pop3 = (mechanism: string, response: string): string => `AUTH ${mechanism} ${response}`;

async function openImap(
  options: Partial<Parameters<typeof openFrontEndWorld>[0]> = {},
): Promise<{ readonly world: FrontEndWorld; readonly client: RawClient } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await openFrontEndWorld({ certificates, home: imapHome, ...options }));
  const client = stack.use(await world.connect('imaps'));
  await client.expectLine(/AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN/);
  const parts = stack.move();
  return { world, client, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

const REJECTED = /^A1 NO \[AUTHENTICATIONFAILED\] Authentication failed \(ref \S+\)$/;

describe('a SCRAM login over IMAP', () => {
  it('reaches its home, and is told its capabilities', async () => {
    await using opened = await openImap();
    expect(await authenticate(opened.client, imap)).toMatch(
      /^A1 OK \[CAPABILITY IMAP4rev1 X-HOME\]/,
    );
  });

  it.each<ChannelBindingType>(['tls-exporter', 'tls-server-end-point'])(
    'is bound to its connection by %s',
    async (type) => {
      await using opened = await openImap();
      const channelBinding = { type, data: bindingOf(opened.client, type) };
      expect(await authenticate(opened.client, imap, { channelBinding })).toMatch(/^A1 OK /);
    },
  );

  it('binds after STARTTLS, too', async () => {
    await using world = await openFrontEndWorld({ certificates, home: imapHome });
    await using client = await world.connectPlain('imap');
    await client.readLine();
    await client.expectOk('STARTTLS');
    await client.startTls(world.clientTls);
    const channelBinding = {
      type: 'tls-exporter',
      data: bindingOf(client, 'tls-exporter'),
    } as const;
    expect(await authenticate(client, imap, { channelBinding })).toMatch(/^A1 OK /);
  });

  it.each<[claim: string, options: Partial<ScramClientOptions>, reason: string, detail?: string]>([
    ['a wrong password', { password: Buffer.from('wrong') }, 'wrong-password'],
    ['a name that nobody has', { authcid: 'nora@example.net' }, 'unknown-user'],
    ['a mailbox that is not his', { authzid: 'nora@example.net' }, 'act-as-not-allowed'],
    [
      'another TLS connection’s exporter',
      { channelBinding: { type: 'tls-exporter', data: Buffer.alloc(32) } },
      'channel-binding-failed',
      'mismatch',
    ],
    [
      'who was told that we cannot bind',
      { wouldBind: true },
      'channel-binding-failed',
      'downgraded',
    ],
  ])('is refused in the same words for %s', async (_claim, options, reason, detail) => {
    await using opened = await openImap();
    expect(await authenticate(opened.client, imap, options)).toMatch(REJECTED);
    expect(opened.world.log.events[0]).toMatchObject({
      event: 'login.rejected',
      fields: { reason, ...(detail !== undefined && { detail }) },
    });
    expect(JSON.stringify(opened.world.log.events)).not.toContain(PASSWORD);
  });

  it('opens another’s mailbox for its delegate', async () => {
    await using opened = await openImap();
    const { accounts } = opened.world;
    await accounts.add({ address: 'shop@example.net', site: 'dublin' });
    await accounts.setDelegate('shop@example.net', 'anna@example.net', ['full']);
    const options = { authzid: 'shop@example.net' };
    expect(await authenticate(opened.client, imap, options)).toMatch(/^A1 OK /);
  });

  it('never lets a guest in, and shows no salt of his', async () => {
    await using opened = await openImap();
    const { accounts } = opened.world;
    const guest = { address: 'guest@example.net', kind: 'guest', site: 'dublin' } as const;
    await accounts.add({ ...guest, password: PASSWORD });
    const options = { authcid: guest.address };
    expect(await authenticate(opened.client, imap, options)).toMatch(REJECTED);
    expect(opened.world.log.events[0]).toMatchObject({ fields: { reason: 'blocked-kind' } });
  });

  it('leaves nothing open for a client that does not believe us', async () => {
    let hasEnded = false;
    await using opened = await openImap({
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`${tag} OK hello`);
        await peer.expectEnd();
        hasEnded = true;
      },
    });
    const { client, world } = opened;
    const scram = createScramClient({
      authzid: undefined,
      authcid: 'anna@example.net',
      password: Buffer.from(PASSWORD),
      nonce: 'c',
    });
    await client.sendLine(imap(scram.mechanism, Buffer.from(scram.start()).toString('base64')));
    const [, challenge = ''] = await client.expectLine(/^\+ (\S+)$/);
    const final = scram.step(Buffer.from(challenge, 'base64'));
    await client.sendLine(Buffer.from(final).toString('base64'));
    await client.expectLine(/^\+ \S+$/);
    await client.sendLine('*');
    await client.expectLine('A1 BAD Authentication was cancelled');
    await client.expectLine(/^\* BYE /);
    await expect.poll(() => hasEnded).toBe(true);
    await expect.poll(() => world.worker.conversationCount).toBe(0);
    const id = await world.directory.findAccountId('anna@example.net');
    expect(id && (await world.directory.countSessions(id))).toBe(0);
  });

  it('is offered as the setting says, from the next connection on', async () => {
    await using opened = await openImap();
    await opened.world.directory.setSetting('imap.mechanisms', ['SCRAM-SHA-256']);
    await expect
      .poll(async () => {
        await using next = await opened.world.connect('imaps');
        return await next.readLine();
      })
      .toMatch(/SASL-IR LOGINDISABLED AUTH=SCRAM-SHA-256\]/);
  });
});

describe('a SCRAM login over POP3', () => {
  it('is bound to its connection and reaches its home', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        await takePop3Login(peer);
        await peer.sendLine('+OK hello');
        await peer.expectLine('STAT');
        await peer.sendLine('+OK 0 0');
      },
    });
    await using client = await world.connect('pop3s');
    await client.readLine();
    const channelBinding = {
      type: 'tls-exporter',
      data: bindingOf(client, 'tls-exporter'),
    } as const;
    expect(await authenticate(client, pop3, { channelBinding })).toMatch(/^\+OK /);
    await client.sendLine('STAT');
    await client.expectLine('+OK 0 0');
  });

  it('is refused like a wrong password', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await using client = await world.connect('pop3s');
    await client.readLine();
    const options = { password: Buffer.from('wrong') };
    expect(await authenticate(client, pop3, options)).toMatch(/^-ERR \[AUTH\] /);
  });
});
