/** Every way to log in, at a whole deployment: front end, home, and the home itself. */
import { createScramClient } from '@homeward/sasl';
import {
  connectRaw,
  createTempFolder,
  createTestCertificate,
  type RawClient,
} from '@homeward/testkit';
import {
  createSigningKey,
  openIssuerServer,
  signToken,
  type IssuerServer,
  type SigningKey,
} from '@homeward/token-issuers/testing';
import { ImapFlow } from 'imapflow';
import { writeFile } from 'node:fs/promises';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoLogin, DemoUser } from './demo/env-file.ts';
import { waitUntil } from './poll.ts';

const stack = new AsyncDisposableStack();
let demo: Demo;
let server: IssuerServer;
let key: SigningKey;

beforeAll(async () => {
  demo = await startDemo({ accountCount: 8, sites: ['dublin'], directLogin: true });
  stack.defer(() => demo.stop());
  const certificate = await createTestCertificate(['localhost']);
  server = stack.use(await openIssuerServer(certificate));
  key = await createSigningKey('k1');
  server.answer = { kind: 'keys', keys: [key.jwk] };
  const folder = stack.use(await createTempFolder('issuer'));
  const caFile = folder.join('issuer-ca.pem');
  await writeFile(caFile, certificate.ca);
  const issuer = { issuer: 'https://id.example', jwksUri: server.jwksUri, caFile };
  const settings = JSON.stringify([{ ...issuer, audiences: ['mail'], scopes: ['imap'] }]);
  await demo.expectCommand(['settings', 'set', 'oauth.issuers', settings]);
});
afterAll(() => stack.disposeAsync());

/** By SCRAM bound to its TLS connection. */
async function logInByScram(client: RawClient, { name, password }: DemoLogin): Promise<string> {
  const socket = client.octets.socket as TLSSocket;
  const data = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  const scram = createScramClient({
    authzid: undefined,
    authcid: name,
    password: Buffer.from(password),
    nonce: 'client-nonce',
    channelBinding: { type: 'tls-exporter', data },
  });
  const first = Buffer.from(scram.start()).toString('base64');
  await client.sendLine(`S1 AUTHENTICATE SCRAM-SHA-256-PLUS ${first}`);
  for (;;) {
    const line = await client.readLine();
    const challenge = /^\+ (?<octets>\S*)$/.exec(line)?.groups?.['octets'];
    if (challenge === undefined) return line;
    const answer = scram.step(Buffer.from(challenge, 'base64'));
    await client.sendLine(answer === 'cancel' ? '*' : Buffer.from(answer).toString('base64'));
  }
}

/** Past the greeting: of the front end, or of the home itself. */
async function connect(
  user: DemoUser,
  where: 'front end' | 'home' = 'front end',
): Promise<RawClient> {
  if (where === 'front end') return demo.connect('imaps');
  const { host } = demo.facts;
  const client = await connectRaw({ host, port: user.backEnd.imaps, tls: demo.tls });
  await client.readLine();
  return client;
}

describe('SCRAM-SHA-256-PLUS', () => {
  it.each(['front end', 'home'] as const)('opens a mailbox at the %s', async (where) => {
    const user = demo.takeUser();
    await using client = await connect(user, where);
    expect(await logInByScram(client, user)).toMatch(/^S1 OK \[CAPABILITY IMAP4rev1 /);
    await client.expectOk('SELECT INBOX');
    await using other = await connect(user, where);
    const wrong = { ...user, password: 'wrong' };
    expect(await logInByScram(other, wrong)).toMatch(/^S1 NO \[AUTHENTICATIONFAILED\]/);
  });
});

describe('an access token', () => {
  it('opens a mailbox for a client of today, and for no longer than it lasts', async () => {
    const { name } = demo.takeUser();
    const claims = { iss: 'https://id.example', aud: 'mail', scope: 'imap', email: name };
    const exp = Math.floor(Date.now() / 1000) + 8;
    const client = new ImapFlow({
      host: demo.facts.host,
      port: demo.facts.ports.imaps,
      secure: true,
      servername: demo.facts.serverName,
      tls: { ca: demo.tls.ca },
      auth: { user: name, accessToken: await signToken(key, { ...claims, exp }) },
      logger: false,
    });
    client.on('error', () => undefined);
    await waitUntil('XOAUTH2', async () => {
      await using probe = await demo.connectUngreeted('imaps');
      return (await probe.readLine()).includes('AUTH=XOAUTH2') || undefined;
    });
    const closed = new Promise((resolve) => {
      client.on('close', resolve);
    });
    await client.connect();
    expect(await client.status('INBOX', { messages: true })).toMatchObject({ messages: 0 });
    await closed;
    expect(Date.now() - exp * 1000).toBeLessThan(2_000);
  });
});

describe('an app password', () => {
  it('opens a mailbox until it is revoked', async () => {
    const taken = demo.takeUser();
    const { name } = taken;
    const add = ['account', 'app-password', 'add', name, '--label', 'telephone', '--json'];
    const { output } = await demo.expectCommand(add);
    const { secret } = JSON.parse(output) as { secret: string };
    const user = { ...taken, password: secret };
    await using client = await connect(user);
    await client.expectOk(`LOGIN ${name} ${secret}`);
    await using bound = await connect(user);
    expect(await logInByScram(bound, user)).toMatch(/^S1 OK /);
    await using home = await connect(user, 'home');
    await home.expectOk(`LOGIN ${name} ${secret}`);
    await demo.expectCommand(['account', 'app-password', 'revoke', name, 'telephone']);
    for (const one of [client, bound, home]) await one.expectLine(/^\* BYE \[EXPIRED\]/);
    await using late = await connect(user);
    expect(await late.command(`LOGIN ${name} ${secret}`)).toMatchObject({ status: 'NO' });
  });
});
