/** `homeward explain` against a real directory and a real site. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';
import type { Explanation } from './explanation-view.ts';

let deployment: TestDeployment;
beforeAll(async () => {
  deployment = await startTestDeployment();
  await add('anna@example.org', 'anna');
  await add('shop@example.org', 'shop', ['--kind', 'shared']);
  await add('guest@example.org', 'guest', ['--kind', 'guest']);
  await add('bert@example.org', 'bert', ['--protocols', 'pop3']);
  await deployment.run('account', 'delegate', 'shop', 'anna', '--rights', 'read');
}, 60_000);
afterAll(() => deployment?.[Symbol.asyncDispose]());

async function add(address: string, name: string, more: readonly string[] = []): Promise<void> {
  const options = ['--site', 'dublin', '--name', name, '--password-stdin', ...more];
  const { code, stderr } = await deployment.homeward(['account', 'add', address, ...options], {
    input: 'correct horse battery',
  });
  if (code !== 0) throw new Error(stderr);
}

function explain(login: string, ...more: readonly string[]): Promise<Explanation> {
  return deployment.json<Explanation>('explain', login, ...more);
}

describe('homeward explain', () => {
  it('says who, where and what would happen, and asks the home', async () => {
    const found = await explain('ANNA');
    expect(found).toMatchObject({
      login: 'ANNA',
      source: { directory: 'embedded' },
      identity: { kind: 'own', name: 'anna' },
      account: { address: 'anna@example.org', kind: 'user', site: 'dublin', epoch: 1 },
      passwordSetAt: expect.stringMatching(/^\d{4}-/),
      mailbox: null,
      home: {
        site: 'dublin',
        epoch: 1,
        shardTableVersion: 1,
        worker: 0,
        answers: { imap: { ok: true }, pop3: { ok: true } },
      },
      sessions: { count: 0, limit: 16, limitSource: 'default' },
      protocols: [
        { protocol: 'imap', ok: true, access: 'full' },
        { protocol: 'pop3', ok: true, access: 'full' },
      ],
    });
    const text = await deployment.run('explain', 'anna');
    expect(text).toMatch(/^imap +gets in$/m);
    expect(text).toMatch(/^home by imap +answers, [\d.]+ ms$/m);
  });

  it.each([
    ['nobody', 'unknown-user', 'unknown-user'],
    ['guest', 'blocked-kind', 'blocked-kind'],
    ['bert', 'protocol-not-enabled', undefined],
    ['anna@example.org/bert', 'act-as-not-allowed', 'act-as-not-allowed'],
  ])('%s: IMAP %s, POP3 %s', async (login, imap, pop3) => {
    const { protocols } = await explain(login, '--no-check');
    expect(protocols.map((one) => (one.ok ? undefined : one.reason))).toEqual([imap, pop3]);
  });

  it('reads delegates’ names as a login does', async () => {
    const found = await explain('anna@example.org/shop', '--no-check');
    expect(found.mailbox?.address).toBe('shop@example.org');
    expect(found.protocols[0]).toEqual({ protocol: 'imap', ok: true, access: 'read' });
    expect(await explain('anna', '--act-as', 'shop', '--no-check')).toMatchObject({
      mailbox: { address: 'shop@example.org' },
    });
  });

  it('knows live settings: a protocol that is off, and the limit', async () => {
    await deployment.run('settings', 'set', 'pop3.enabled', 'false');
    await deployment.run('settings', 'set', 'connectionLimits.perUser', '3');
    const found = await explain('anna', '--no-check');
    expect(found.sessions).toEqual({ count: 0, limit: 3, limitSource: 'setting' });
    expect(found.protocols[1]).toMatchObject({ ok: false, reason: 'protocol-off', answer: null });
    await deployment.run('settings', 'unset', 'pop3.enabled');
    await deployment.run('settings', 'unset', 'connectionLimits.perUser');
  });

  it('says when the home does not answer', { timeout: 60_000 }, async () => {
    await deployment.stopSite();
    const { home, protocols } = await explain('anna');
    expect(home?.answers.imap).toMatchObject({
      ok: false,
      detail: expect.stringContaining('REFUSED'),
    });
    expect(protocols[0]).toMatchObject({
      ok: false,
      reason: 'site-unreachable',
      answer: 'unavailable',
    });
    await deployment.startSite();
  });
});
