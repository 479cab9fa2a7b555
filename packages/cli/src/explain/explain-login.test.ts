/** `homeward explain` against a real directory and a real site. */
import { createLoginThrottle, siteComponent } from '@homeward/directory';
import { findFreePort, type PeerScript, startScriptedServer } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';
import { openDeployment } from '../wiring.ts';
import type { Explanation } from './explanation-view.ts';

const THROTTLE_RULES = {
  addressFailures: 10,
  accountFailures: 5,
  maxHoldMs: 10_000,
  maxIntervalMs: 60_000,
  windowMs: 3_600_000,
  knownMs: 86_400_000,
};

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

const greet =
  (greeting: string): PeerScript =>
  async (peer) => {
    await peer.sendLine(greeting);
    await peer.hold();
  };

describe('homeward explain', () => {
  it('says who, where and what would happen, and asks the home', async () => {
    const found = await explain('ANNA');
    expect(found).toMatchObject({
      login: 'ANNA',
      source: { directory: 'embedded', ldap: null },
      client: { address: null, mechanism: 'PLAIN', tls: true },
      identity: { kind: 'own', name: 'anna' },
      account: { address: 'anna@example.org', kind: 'user', site: 'dublin', epoch: 1 },
      secret: { judgedBy: 'directory', setAt: expect.stringMatching(/^\d{4}-/) },
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
        { protocol: 'imap', ok: true, access: 'full', rules: { decision: 'allow', rule: null } },
        { protocol: 'pop3', ok: true, access: 'full' },
        { protocol: 'submission' },
      ],
      throttle: { accountFailures: 0, addressFailures: null, knownNetworks: [], isSlowed: false },
    });
    const text = await deployment.run('explain', 'anna');
    expect(text).toMatch(/^imap +gets in$/m);
    expect(text).toMatch(/^home by imap +answers, [\d.]+ ms$/m);
  });

  it.each([
    ['anna', undefined, undefined, undefined],
    ['nobody', 'unknown-user', 'unknown-user', 'unknown-user'],
    ['guest', 'blocked-kind', 'blocked-kind', 'blocked-kind'],
    ['bert', 'protocol-not-enabled', undefined, 'protocol-not-enabled'],
    [
      'anna@example.org/bert',
      ...['act-as-not-allowed', 'act-as-not-allowed', 'act-as-not-allowed'],
    ],
  ])('%s: IMAP %s, POP3 %s, submission %s', async (login, ...reasons) => {
    const { protocols } = await explain(login, '--no-check');
    expect(protocols.map((one) => (one.ok ? undefined : one.reason))).toEqual(reasons);
  });

  it('reads delegates’ names as a login does', async () => {
    const found = await explain('anna@example.org/shop', '--no-check');
    expect(found.mailbox?.address).toBe('shop@example.org');
    expect(found.protocols[0]).toMatchObject({ protocol: 'imap', ok: true, access: 'read' });
    expect(await explain('anna', '--act-as', 'shop', '--no-check')).toMatchObject({
      mailbox: { address: 'shop@example.org' },
    });
  });

  it('knows live settings: a protocol that is off, and the limit', async () => {
    await deployment.run('settings', 'set', 'pop3.enabled', 'false');
    await deployment.run('settings', 'set', 'connectionLimits.perUser', '3');
    const found = await explain('anna', '--no-check');
    expect(found.sessions).toMatchObject({ count: 0, limit: 3, limitSource: 'setting' });
    expect(found.protocols[1]).toMatchObject({ ok: false, reason: 'protocol-off', answer: null });
    await deployment.run('settings', 'unset', 'pop3.enabled');
    await deployment.run('settings', 'unset', 'connectionLimits.perUser');
  });

  it('asks the client access rules, where they need it by the address', async () => {
    await deployment.run(
      'rules',
      'add',
      'deny',
      'office',
      '--network',
      '203.0.113.0/24',
      '--account',
      'anna*',
    );
    const unknown = await explain('anna', '--no-check');
    expect(unknown.protocols[0]?.rules).toEqual({ decision: 'needs-address', rule: null });
    const inside = await explain('anna', '--no-check', '--address', '203.0.113.7');
    expect(inside.protocols).toMatchObject([
      { protocol: 'imap', ok: false, reason: 'access-rule', answer: 'bad-credentials' },
      { protocol: 'pop3', ok: false, reason: 'access-rule', why: 'rule 1, office' },
      { protocol: 'submission', ok: false, reason: 'access-rule' },
    ]);
    const text = await deployment.run('explain', 'anna', '--no-check', '--address', '203.0.113.7');
    expect(text).toMatch(/^imap +refused, access-rule: rule 1, office$/m);
    expect(text).toMatch(/^ +client hears: NO \[AUTHENTICATIONFAILED\] Authentication failed$/m);
    expect(text).toMatch(/^ +client hears: -ERR \[AUTH\] Authentication failed$/m);
    const outside = await explain('anna', '--no-check', '--address', '198.51.100.7');
    expect(outside.protocols[0]).toMatchObject({ ok: true, rules: { decision: 'allow' } });
    await deployment.run('rules', 'remove', 'office');
    const wrong = await deployment.homeward(['explain', 'anna', '--address', 'nowhere']);
    expect(wrong).toMatchObject({ code: 64, stderr: expect.stringContaining('no IP address') });
  });

  it('knows which mechanisms are offered', async () => {
    await deployment.run('settings', 'set', 'imap.mechanisms', '[SCRAM-SHA-256]');
    const { protocols } = await explain('anna', '--no-check', '--mechanism', 'PLAIN');
    expect(protocols).toMatchObject([
      { reason: 'mechanism-not-offered' },
      { ok: true },
      { ok: true },
    ]);
    const scram = await explain('anna', '--no-check', '--mechanism', 'SCRAM-SHA-256');
    expect(scram.protocols[0]).toMatchObject({ ok: true });
    await deployment.run('settings', 'unset', 'imap.mechanisms');
  });

  it('tells of wrong passwords, and whether they slow a login down', async () => {
    await using opened = await openDeployment(deployment.configFile, {});
    const account = await opened.accounts.find('bert');
    const throttle = createLoginThrottle(opened.driver.throttle);
    for (let count = 0; count < 7; count += 1) {
      const secret = Buffer.from(`guess ${count}`);
      const network = '203.0.113.9/32';
      const attempt = { accountId: account?.id, loginName: 'bert', network, secret };
      const judged = await throttle.judge(attempt, THROTTLE_RULES);
      await judged.noteFailure();
    }
    expect((await explain('bert', '--no-check')).throttle).toMatchObject({
      accountFailures: 7,
      addressFailures: null,
      isSlowed: true,
    });
    const there = await explain('bert', '--no-check', '--address', '203.0.113.9');
    expect(there.throttle.addressFailures).toBe(7);
    expect((await explain('anna', '--no-check')).throttle.isSlowed).toBe(false);

    const at = ['bert', '--no-check', '--address', '203.0.113.9'];
    const inItsTurn =
      /^pop3 +gets in, when it is its turn\n +held for 10 s at most, else refused, throttled$/m;
    expect(await deployment.run('explain', ...at)).toMatch(inItsTurn);
    for (const [name, value] of [
      ['throttle.allowNetworks', '[203.0.113.0/24]'],
      ['throttle.enabled', 'false'],
    ] as const) {
      await deployment.run('settings', 'set', name, value);
      expect(await deployment.run('explain', ...at)).toMatch(/^pop3 +gets in$/m);
      await deployment.run('settings', 'unset', name);
    }
  });

  it('counts the sessions from the client’s network where they have a limit', async () => {
    await using opened = await openDeployment(deployment.configFile, {});
    const { driver, accounts } = opened;
    const [anna, bert] = [await accounts.find('anna'), await accounts.find('bert')];
    if (anna === undefined || bert === undefined) throw new Error('somebody is gone');
    const lease = await driver.openLease('fe1-1-00000000');
    const addresses = ['2001:db8:1:2::7', '2001:db8:1:2:ffff::7', '2001:db8:1:3::7'];
    for (const [index, clientAddress] of addresses.entries()) {
      await lease.claim({
        conversationId: `N${index}`,
        accountId: bert.id,
        mailboxId: bert.id,
        protocol: 'imap',
        site: bert.home,
        clientAddress,
        startedAtMs: 0,
      });
    }
    const from = (address: string): Promise<Explanation> =>
      explain('anna', '--address', address, '--no-check');
    expect((await from('2001:db8:1:2::9')).sessions.fromNetwork).toBeNull();
    await deployment.run('settings', 'set', 'connectionLimits.perAddress', '2');
    const full = await from('2001:db8:1:2::9');
    expect(full.sessions.fromNetwork).toEqual({
      network: '2001:db8:1:2::/64',
      count: 2,
      limit: 2,
    });
    expect(full.protocols[0]).toMatchObject({
      reason: 'too-many-connections',
      why: '2001:db8:1:2::/64 has 2 of 2 sessions',
    });
    expect((await from('2001:db8:1:3::9')).protocols[0]).toMatchObject({ ok: true });
    const text = await deployment.run('explain', 'anna', '--address', '2001:db8:1:3::9');
    expect(text).toMatch(/^from 2001:db8:1:3::\/64 +1 of 2 sessions$/m);
    const exempt = '["2001:db8:1::/48"]';
    await deployment.run('settings', 'set', 'connectionLimits.exemptNetworks', exempt);
    expect((await from('2001:db8:1:2::9')).sessions.fromNetwork).toBeNull();
    const one = '["2001:db8:1:2::7/128"]';
    await deployment.run('settings', 'set', 'connectionLimits.exemptNetworks', one);
    expect((await from('2001:db8:1:2::9')).sessions.fromNetwork?.count).toBe(1);
    await deployment.run('settings', 'unset', 'connectionLimits.exemptNetworks');
    await deployment.run('settings', 'unset', 'connectionLimits.perAddress');
    await lease.close();
  });

  it('tells of live sessions, of parts at rest, and of app passwords', async () => {
    await using opened = await openDeployment(deployment.configFile, {});
    const { driver, accounts } = opened;
    const anna = await accounts.find('anna');
    if (anna === undefined) throw new Error('anna is gone');
    const lease = await driver.openLease('fe1-1-00000000');
    await lease.claim({
      conversationId: 'C1',
      accountId: anna.id,
      mailboxId: anna.id,
      protocol: 'imap',
      site: anna.home,
      clientAddress: '203.0.113.7',
      startedAtMs: 0,
    });
    const request = { requester: 'maintenance', who: 'root@host', sinceMs: 0, why: 'new disk' };
    await driver.operations.putComponentRequest({
      ...request,
      component: siteComponent(anna.home),
      state: 'draining',
    });
    await driver.operations.putComponentRequest({
      ...request,
      component: siteComponent('elsewhere' as typeof anna.home),
      state: 'inactive',
    });
    const found = await explain('anna', '--no-check');
    expect(found.sessions).toMatchObject({
      count: 1,
      live: [
        { conversation: 'C1', protocol: 'imap', clientAddress: '203.0.113.7', frontEnd: 'fe1' },
      ],
    });
    expect(found.components).toMatchObject([
      { component: 'site:dublin', state: 'draining', requester: 'maintenance', why: 'new disk' },
    ]);
    expect(found.protocols[0]).toMatchObject({
      reason: 'in-maintenance',
      why: 'site:dublin is draining by maintenance',
    });
    const text = await deployment.run('explain', 'anna', '--no-check');
    expect(text).toMatch(/^site:dublin +draining by maintenance \(root@host\): new disk$/m);
    await lease.close();
    await driver.operations.removeComponentRequest(siteComponent(anna.home), 'maintenance');

    await deployment.run(
      'account',
      'add',
      'carl@example.org',
      '--site',
      'dublin',
      '--without-password',
    );
    expect((await explain('carl@example.org', '--no-check')).protocols[0]).toMatchObject({
      reason: 'no-secret',
    });
    await deployment.run(
      ...['account', 'app-password', 'add', 'carl@example.org', '--label', 'phone'],
      ...['--protocols', 'imap'],
    );
    const carl = await explain('carl@example.org', '--no-check');
    expect(carl.secret).toMatchObject({ appPasswords: [{ label: 'phone', protocols: ['imap'] }] });
    expect(carl.protocols).toMatchObject([
      { ok: true },
      { reason: 'no-secret' },
      { reason: 'no-secret' },
    ]);
  });

  it('knows homes of other software, and asks each of their hosts', async () => {
    await using server = await startScriptedServer(greet('* OK [CAPABILITY IMAP4rev1] hi'));
    const [good, dead] = [`127.0.0.1:${server.port}`, `127.0.0.1:${await findFreePort()}`];
    const hosts = ['--imap', dead, '--imap', good, '--tls', 'none', '--allow-plaintext'];
    await deployment.run('site', 'add', 'old', ...hosts, '--login', 'pass-through');
    await deployment.run(
      ...['account', 'add', 'old@example.org', '--site', 'old', '--without-password'],
    );
    const { home, secret, protocols } = await explain('old@example.org');
    expect(secret.judgedBy).toBe('home');
    expect(home).toMatchObject({
      foreignLogin: 'pass-through',
      worker: null,
      shardTableVersion: null,
      hosts: { imap: [dead, good], pop3: [] },
      answers: {
        imap: {
          ok: true,
          hosts: [
            { host: dead, ok: false, reason: 'unreachable' },
            { host: good, ok: true, durationMs: expect.any(Number) },
          ],
        },
      },
    });
    expect(protocols).toMatchObject([
      { ok: true },
      { reason: 'no-secret', why: 'old judges the password, and does not serve pop3' },
      { reason: 'no-secret', answer: 'bad-credentials' },
    ]);
    const text = await deployment.run('explain', 'old@example.org');
    expect(text).toMatch(new RegExp(`home by imap +${dead} unreachable`));
    expect(text).toMatch(new RegExp(`home by imap +${good} answers, [0-9.]+ ms`));
    const at = ['--submission', dead, '--submission-tls', 'starttls'];
    await deployment.run('site', 'set', 'old', ...at);
    const later = await explain('old@example.org');
    expect(later.home?.hosts).toMatchObject({ submission: [dead] });
    expect(later.protocols[2]).toMatchObject({ ok: false, reason: 'site-unreachable' });
  });

  it('says of a home of other software that hangs, or says goodbye', async () => {
    await using silent = await startScriptedServer((peer) => peer.hold());
    await using full = await startScriptedServer(greet('* BYE too many'));
    const at = (port: number): string[] => ['--imap', `127.0.0.1:${port}`];
    await deployment.run('site', 'set', 'old', ...at(silent.port));
    expect((await explain('old@example.org')).protocols[0]).toMatchObject({
      ok: false,
      why: expect.stringContaining('nothing within 3000 ms'),
    });
    await deployment.run('site', 'set', 'old', ...at(full.port));
    expect((await explain('old@example.org')).protocols[0]).toMatchObject({ ok: false });
  });

  it('names what a home of other software needs of front ends’ files', async () => {
    const login = ['--login', 'master', '--master-user', 'homeward', '--master-secret', 'old-key'];
    await deployment.run('site', 'set', 'old', ...login, '--client-certificate', 'old-tls');
    expect((await explain('old@example.org', '--no-check')).home?.frontEndsNeed).toEqual([
      { setting: 'homes.secrets', name: 'old-key' },
      { setting: 'homes.clientCertificates', name: 'old-tls' },
    ]);
    const text = await deployment.run('explain', 'old@example.org', '--no-check');
    expect(text).toMatch(/front ends need +old-key in homes\.secrets .*site-secret-missing/);
    expect((await explain('anna')).home?.frontEndsNeed).toEqual([]);
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
