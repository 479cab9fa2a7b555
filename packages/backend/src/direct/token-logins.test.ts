/** People's logins at a home itself by an issuer's tokens, over real sockets and real HTTPS. */
import {
  createSigningKey,
  type IssuerServer,
  openIssuerServer,
  signToken,
  type SigningKey,
} from '@homeward/token-issuers/testing';
import { oauthSchema } from '@homeward/token-issuers';
import { createTempFolder, createTestCertificate, type RawClient } from '@homeward/testkit';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askPop3 } from '../testing/pop3-client.ts';
import { askSmtp } from '../testing/smtp-client.ts';
import { openTestSite, type TestSite } from '../testing/test-site.ts';

const ISSUER = 'https://id.example';
const stack = new AsyncDisposableStack();
let server: IssuerServer;
let key: SigningKey;
let site: TestSite;
let address: string;

beforeAll(async () => {
  const folder = stack.use(await createTempFolder('issuer'));
  const certificate = await createTestCertificate(['localhost']);
  const caFile = folder.join('ca.pem');
  await writeFile(caFile, certificate.ca);
  server = stack.use(await openIssuerServer(certificate));
  key = await createSigningKey('k1');
  const issuer = { issuer: ISSUER, jwksUri: server.jwksUri, caFile, audiences: ['mail'] };
  const oauth = oauthSchema.parse({ issuers: [{ ...issuer, scopes: ['imap'] }] });
  site = stack.use(await openTestSite({ directLogin: true, changes: { oauth } }));
  ({ address } = await site.addAccount());
});
afterAll(() => stack.disposeAsync());
beforeEach(() => {
  server.answer = { kind: 'keys', keys: [key.jwk] };
  site.log.length = 0;
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const sign = (claims: object = {}): Promise<string> =>
  signToken(key, { iss: ISSUER, aud: 'mail', scope: 'imap', email: address, ...claims });
const oauthBearer = (token: string): string =>
  `OAUTHBEARER ${base64(`n,,\x01auth=Bearer ${token}\x01\x01`)}`;
const xoauth2 = (token: string, user = address): string =>
  `XOAUTH2 ${base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`)}`;

async function connect(name: 'imaps' | 'pop3s' | 'submissions'): Promise<RawClient> {
  const client = await site.connect(name);
  if (name === 'submissions') await askSmtp(client, 'EHLO client.example.test');
  return client;
}

describe('an issuer’s token', () => {
  it.each([
    ['OAUTHBEARER', oauthBearer],
    ['XOAUTH2', xoauth2],
  ])('opens its account’s mailbox by %s, over all protocols', async (_name, say) => {
    const token = await sign();
    await using imap = await connect('imaps');
    await imap.expectOk(`AUTHENTICATE ${say(token)}`);
    await using pop3 = await connect('pop3s');
    expect(await askPop3(pop3, `AUTH ${say(token)}`)).toMatch(/^\+OK /);
    await using submission = await connect('submissions');
    expect(await askSmtp(submission, `AUTH ${say(token)}`)).toMatch(/^235 /);
  });

  it('stands beside front ends’ tickets', async () => {
    const account = await site.addAccount();
    await using client = await site.openImap(account);
    await client.expectOk('NOOP');
  });

  it.each<[string, object, string]>([
    ['that is over', { exp: 1 }, 'expired, https://id.example'],
    ['for others', { aud: 'web' }, 'wrong-audience, https://id.example'],
    ['without its scope', { scope: 'web' }, 'scope-missing, https://id.example'],
    ['of an issuer of others', { iss: 'https://other.example' }, 'unknown-issuer, https://other'],
  ])('%s is refused, and told why as OAuth wants it', async (_name, claims, detail) => {
    await using client = await connect('imaps');
    await client.sendLine(`A1 AUTHENTICATE ${oauthBearer(await sign(claims))}`);
    const challenge = await client.readLine();
    await client.sendLine(base64('\x01'));
    expect(JSON.parse(Buffer.from(challenge.slice(2), 'base64').toString())).toEqual({
      status: 'invalid_token',
      scope: 'imap',
      'openid-configuration': `${ISSUER}/.well-known/openid-configuration`,
    });
    const answer = await client.readLine();
    const rejected = site.log.find(({ event }) => event === 'login.rejected');
    expect(rejected).toMatchObject({
      reason: 'token-refused',
      detail: expect.stringContaining(detail) as unknown,
    });
    expect(answer).toMatch(/^A1 NO \[AUTHENTICATIONFAILED\] /);
    expect(answer).toContain(`(ref ${String(rejected?.['conversationId'])})`);
  });

  it('of nobody here is refused in the same words, also over POP3 and submission', async () => {
    const token = await sign({ email: 'nobody@example.test' });
    await using pop3 = await connect('pop3s');
    expect(await askPop3(pop3, `AUTH ${oauthBearer(token)}`)).toMatch(/^\+ /);
    expect(await askPop3(pop3, base64('\x01'))).toMatch(/^-ERR \[AUTH\] /);
    await using submission = await connect('submissions');
    expect(await askSmtp(submission, `AUTH ${oauthBearer(token)}`)).toMatch(/^334 /);
    expect(await askSmtp(submission, base64('\x01'))).toMatch(/^535 5\.7\.8 /);
  });

  it('lets its person stay no longer than it lasts', async () => {
    await using client = await connect('imaps');
    const exp = Math.floor(Date.now() / 1_000) + 2;
    await client.expectOk(`AUTHENTICATE ${oauthBearer(await sign({ exp }))}`);
    expect(await client.readLine()).toMatch(/^\* BYE \[EXPIRED\] The token has expired/);
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000);
    await expect
      .poll(() => site.log.find(({ event }) => event === 'session.ended'), { timeout: 5_000 })
      .toMatchObject({ reason: 'token-expired' });
  });
});

it('is no bad token while its issuer’s keys cannot be read', async () => {
  server.answer = { kind: 'status', status: 503 };
  const { issuers } = site.config.oauth;
  const oauth = { issuers: issuers.map((one) => ({ ...one, issuer: 'https://new.example' })) };
  await using other = await openTestSite({ directLogin: true, changes: { oauth } });
  await using client = await other.connect('imaps');
  const token = await sign({ iss: 'https://new.example' });
  await client.sendLine(`A1 AUTHENTICATE ${oauthBearer(token)}`);
  expect(await client.readLine()).toMatch(/^A1 NO \[UNAVAILABLE\] /);
  const events = other.log.map(({ event }) => event);
  expect(events).toEqual(expect.arrayContaining(['issuer-keys.unavailable', 'login.failed']));
});

it('mechanisms follow the settings, without a restart', async () => {
  await using other = await openTestSite({ directLogin: true });
  const offered = async (): Promise<string> => {
    await using client = await other.connect('imaps');
    await client.sendLine('a CAPABILITY');
    return await client.readLine();
  };
  expect(await offered()).not.toContain('XOAUTH2');
  await other.directory.setSetting('oauth.issuers', site.config.oauth.issuers);
  await other.directory.setSetting('imap.mechanisms', ['PLAIN', 'XOAUTH2']);
  await expect.poll(offered, { timeout: 5_000 }).toContain('AUTH=XOAUTH2');
  expect(await offered()).not.toContain('SCRAM');
});
