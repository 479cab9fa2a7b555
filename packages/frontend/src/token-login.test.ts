/** Logins by an issuer's tokens, over real sockets; the issuer's keys come over real HTTPS. */
import {
  createSigningKey,
  openIssuerServer,
  signToken,
  type IssuerServer,
  type SigningKey,
} from '@homeward/token-issuers/testing';
import { createTempFolder, createTestCertificate, type DialoguePeer } from '@homeward/testkit';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  takeImapLogin,
  takePop3Login,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

const ISSUER = 'https://id.example';
const GOOD = { iss: ISSUER, aud: 'mail', scp: 'imap', email: 'anna@example.net' };

const stack = new AsyncDisposableStack();
let certificates: WorldCertificates;
let server: IssuerServer;
let key: SigningKey;
let config: { readonly oauth: unknown };

beforeAll(async () => {
  const folder = stack.use(await createTempFolder('issuer'));
  certificates = await createWorldCertificates();
  const certificate = await createTestCertificate(['localhost']);
  const caFile = folder.join('ca.pem');
  await writeFile(caFile, certificate.ca);
  server = stack.use(await openIssuerServer(certificate));
  key = await createSigningKey('k1');
  const issuer = { issuer: ISSUER, jwksUri: server.jwksUri, caFile, audiences: ['mail'] };
  config = { oauth: { issuers: [{ ...issuer, scopes: ['imap'] }] } };
});
afterAll(() => stack.disposeAsync());
beforeEach(() => {
  server.answer = { kind: 'keys', keys: [key.jwk] };
});

type Home = NonNullable<Parameters<typeof openFrontEndWorld>[0]['home']>;

const imapHome: Home = async (peer) => {
  const { tag } = await takeImapLogin(peer);
  await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1 X-HOME] hello`);
  await peer.hold();
};

function open(home: Home = imapHome): Promise<FrontEndWorld> {
  return openFrontEndWorld({ certificates, home, config });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const oauthBearer = (token: string, user?: string): string =>
  `OAUTHBEARER ${base64(`n,${user === undefined ? '' : `a=${user}`},\x01auth=Bearer ${token}\x01\x01`)}`;
const xoauth2 = (token: string, user = 'anna@example.net'): string =>
  `XOAUTH2 ${base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`)}`;

/** @returns The decoded error document that comes before a refusal, and the refusal. */
async function refused(client: DialoguePeer, command: string): Promise<readonly [unknown, string]> {
  await client.sendLine(command);
  const [, challenge = ''] = await client.expectLine(/^\+ (\S+)$/);
  await client.sendLine('AQ==');
  return [JSON.parse(Buffer.from(challenge, 'base64').toString()), await client.readLine()];
}

describe('an issuer’s token', () => {
  it.each([
    ['OAUTHBEARER', oauthBearer],
    ['OAUTHBEARER with a name', (token: string) => oauthBearer(token, 'anna@example.net')],
    ['XOAUTH2', xoauth2],
  ])('opens its account’s mailbox by %s', async (_claim, say) => {
    await using world = await open();
    await using client = await world.connect('imaps');
    await client.expectLine(/AUTH=OAUTHBEARER AUTH=XOAUTH2\]/);
    await client.sendLine(`A1 AUTHENTICATE ${say(await signToken(key, GOOD))}`);
    await client.expectLine(/^A1 OK \[CAPABILITY IMAP4rev1 X-HOME\]/);
  });

  it('opens it over POP3, too', async () => {
    await using world = await open(async (peer) => {
      await takePop3Login(peer);
      await peer.sendLine('+OK hello');
      await peer.hold();
    });
    await using client = await world.connect('pop3s');
    await client.readLine();
    await client.sendLine(`AUTH ${oauthBearer(await signToken(key, GOOD))}`);
    await client.expectLine(/^\+OK /);
  });

  it('opens another’s mailbox for its delegate', async () => {
    await using world = await open();
    await world.accounts.add({ address: 'shop@example.net', site: 'dublin' });
    await world.accounts.setDelegate('shop@example.net', 'anna@example.net', ['full']);
    await using client = await world.connect('imaps');
    await client.readLine();
    const user = 'anna@example.net/shop@example.net';
    await client.sendLine(`A1 AUTHENTICATE ${xoauth2(await signToken(key, GOOD), user)}`);
    await client.expectLine(/^A1 OK /);
  });

  it.each<
    [claim: string, claims: object, user: string | undefined, reason: string, detail: RegExp]
  >([
    ['that is over', { exp: 1 }, undefined, 'token-refused', /^expired, https:/],
    ['for others', { aud: 'web' }, undefined, 'token-refused', /^wrong-audience/],
    ['of another person', {}, 'bob@example.net', 'token-refused', /^another-account/],
    ['of nobody here', { email: 'x@example.net' }, undefined, 'unknown-user', /./],
  ])('%s is refused, and told why as OAuth wants it', async (_c, claims, user, reason, detail) => {
    await using world = await open();
    await world.accounts.add({ address: 'bob@example.net', site: 'dublin' });
    await using client = await world.connect('imaps');
    await client.readLine();
    const token = await signToken(key, { ...GOOD, ...claims });
    const [document, answer] = await refused(client, `A1 AUTHENTICATE ${oauthBearer(token, user)}`);
    expect(document).toEqual({
      status: 'invalid_token',
      scope: 'imap',
      'openid-configuration': `${ISSUER}/.well-known/openid-configuration`,
    });
    expect(answer).toMatch(/^A1 NO \[AUTHENTICATIONFAILED\] /);
    const rejected = world.log.events.find(({ event }) => event === 'login.rejected');
    expect(rejected).toMatchObject({
      fields: { reason, detail: expect.stringMatching(detail) as unknown },
    });
    expect(JSON.stringify(world.log.events)).not.toContain(token.slice(0, 40));
  });

  it('is no bad token while its issuer’s keys cannot be read', async () => {
    server.answer = { kind: 'status', status: 503 };
    await using world = await open();
    await using client = await world.connect('imaps');
    await client.readLine();
    await client.sendLine(`A1 AUTHENTICATE ${oauthBearer(await signToken(key, GOOD))}`);
    await client.expectLine(/^A1 NO \[UNAVAILABLE\] /);
    expect(world.log.events.map(({ event }) => event)).toEqual([
      'issuer-keys.unavailable',
      'login.failed',
    ]);
  });

  it('lets its person stay no longer than it lasts', async () => {
    await using world = await open();
    await using client = await world.connect('imaps');
    await client.readLine();
    const exp = Math.floor(Date.now() / 1000) + 3;
    await client.sendLine(`A1 AUTHENTICATE ${oauthBearer(await signToken(key, { ...GOOD, exp }))}`);
    await client.expectLine(/^A1 OK /);
    await client.expectLine(/^\* BYE \[EXPIRED\] The token has expired/);
    await client.expectEnd();
    const lateMs = Date.now() - exp * 1000;
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(2_000);
    await expect
      .poll(() => world.log.events.find(({ event }) => event === 'conversation.ended'))
      .toMatchObject({ fields: { endedBy: 'token-expired' } });
  });

  it('is of no use where no issuer is believed any more', async () => {
    await using world = await open();
    await world.directory.setSetting('oauth.issuers', []);
    await expect
      .poll(async () => {
        await using client = await world.connect('imaps');
        return await client.readLine();
      })
      .not.toContain('AUTH=OAUTHBEARER');
  });
});
