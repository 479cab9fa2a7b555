/** Sessions that are ended by way of the control port: where they end, and who may ask. */
import { readFile, writeFile } from 'node:fs/promises';
import { createCertificateAuthority, issueCertificate, type PemPair } from '@homeward/net/pki';
import {
  askControlPort,
  SESSION_END_PATH,
  systemClock,
  type ControlAnswer,
} from '@homeward/service';
import { createTempFolder, type RawClient, type TempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPop3 } from '../testing/pop3-client.ts';
import { openTestSite, type TestSite } from '../testing/test-site.ts';

const VALID = {
  notBefore: new Date(Date.now() - 86_400_000),
  notAfter: new Date(Date.now() + 86_400_000),
};

let folder: TempFolder;
let authority: PemPair;
let frontEnd: PemPair;
let site: TestSite;

beforeAll(async () => {
  folder = await createTempFolder();
  authority = await createCertificateAuthority({ name: 'control', ...VALID });
  await writeFile(folder.join('ca.crt'), authority.cert);
  frontEnd = await issue('frontend:fe1');
  site = await openTestSite({ controlCaFile: folder.join('ca.crt') });
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await folder?.remove();
});

function issue(commonName: string): Promise<PemPair> {
  return issueCertificate(authority, { use: 'client', commonName, names: [], ...VALID });
}

async function ask(pair: PemPair, path: string, body: unknown): Promise<ControlAnswer> {
  const { ca, servername } = site.clientTls;
  return askControlPort(
    { host: '127.0.0.1', port: site.controlPort, serverName: servername ?? '' },
    { ca: String(ca), cert: pair.cert, key: pair.key },
    { path, body: JSON.stringify(body), connectLimitMs: 5_000, answerBytes: 65_536 },
    systemClock,
  );
}

async function end(conversationIds: readonly string[], reason = 'draining'): Promise<unknown> {
  const answer = await ask(frontEnd, SESSION_END_PATH, { reason, conversationIds });
  if (!answer.ok) throw new Error(answer.detail);
  return JSON.parse(answer.text);
}

async function openImap(conversationId: string): Promise<RawClient> {
  const account = await site.addAccount();
  const client = await site.connect('imaps');
  const ticket = site.sign(account, client, { sid: conversationId });
  expect(await site.authenticate(client, ticket)).toMatch(/^t OK/);
  return client;
}

describe('POST /v1/sessions/end', () => {
  it('ends a session in IDLE at once, with the reason and the conversation in BYE', async () => {
    const client = await openImap('idle-1');
    await client.expectOk('SELECT INBOX');
    await client.sendLine('i IDLE');
    await client.expectLine(/^\+/);
    expect(await end(['idle-1', 'nobody'])).toEqual({ askedIds: ['idle-1'] });
    await client.expectLine(
      /^\* BYE \[UNAVAILABLE\] The server is being maintained.* \(ref idle-1\)\r?$/,
    );
    await client.close();
    expect(site.log).toContainEqual(
      expect.objectContaining({
        event: 'sessions.end-asked',
        caller: 'frontend:fe1',
        reason: 'draining',
        askedCount: 1,
        unknownCount: 1,
      }),
    );
  });

  it('lets an APPEND that is under way come to its end, and the message stays', async () => {
    const client = await openImap('append-1');
    await client.sendLine('a APPEND INBOX {20}');
    await client.expectLine(/^\+/);
    await client.send('Subject: half\r\n');
    expect(await end(['append-1'], 'kicked')).toEqual({ askedIds: ['append-1'] });
    await client.send('\r\nabc\r\n');
    await client.expectLine(/^a OK \[APPENDUID /);
    await client.expectLine(/^\* BYE An administrator has ended this session/);
    await client.close();
  });

  it('ends a POP3 session without an UPDATE that nobody asked for', async () => {
    const account = await site.addAccount();
    const imap = await site.openImap(account);
    await imap.sendLine('a APPEND INBOX {5+}\r\nabc\r\n');
    await imap.expectLine(/^a OK/);
    const pop3 = await openPop3(site, account, { sid: 'pop3-1' });
    await pop3.sendLine('DELE 1');
    await pop3.expectLine(/^\+OK/);
    expect(await end(['pop3-1'], 'kicked')).toEqual({ askedIds: ['pop3-1'] });
    await pop3.expectLine(/^-ERR \[SYS\/TEMP\] .*nothing was deleted.* \(ref pop3-1\)\r?$/);
    await pop3.close();
    await imap.sendLine('b STATUS INBOX (MESSAGES)');
    await imap.expectLine(/MESSAGES 1/);
    await imap.close();
  });

  it('lets operators and front ends ask, and each for its own alone', async () => {
    const order = { reason: 'kicked', conversationIds: ['x'] };
    const status = async (name: string, path: string, body: unknown): Promise<number> => {
      const answer = await ask(await issue(name), path, body);
      return answer.ok ? answer.status : 0;
    };
    expect(await status('operator', SESSION_END_PATH, order)).toBe(200);
    expect(await status('frontend:fe2', SESSION_END_PATH, order)).toBe(200);
    expect(await status('frontend', SESSION_END_PATH, order)).toBe(403);
    expect(await status('frontend:fe2', '/v1/care', { kind: 'list-deleted' })).toBe(403);
    const list = { kind: 'list', filter: {}, limit: 1 };
    expect(await status('operator', '/v1/queue', list)).toBe(200);
    expect(await status('frontend:fe2', '/v1/queue', list)).toBe(403);
    expect(await status('site:dublin', '/v1/queue', list)).toBe(403);
  });

  it.each([
    ['no reason', { conversationIds: ['x'] }],
    ['an unknown reason', { reason: 'whim', conversationIds: ['x'] }],
    ['nobody', { reason: 'kicked', conversationIds: [] }],
    ['too many', { reason: 'kicked', conversationIds: Array.from({ length: 1_001 }, () => 'x') }],
  ])('refuses %s', async (_, order) => {
    const answer = await ask(frontEnd, SESSION_END_PATH, order);
    expect(answer).toMatchObject({ ok: true, status: 400 });
  });
});

describe('askControlPort()', () => {
  it('says why nobody answered', async () => {
    const cert = await readFile(folder.join('ca.crt'), 'utf8');
    const answer = await askControlPort(
      { host: '127.0.0.1', port: 1, serverName: 'x' },
      { ca: cert, cert: frontEnd.cert, key: frontEnd.key },
      { path: '/', body: '', connectLimitMs: 1_000, answerBytes: 10 },
      systemClock,
    );
    expect(answer).toMatchObject({ ok: false, detail: expect.stringContaining('ECONNREFUSED') });
  });
});
