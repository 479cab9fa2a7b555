/** The operators' commands as processes, on one deployment. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createLoginThrottle, openDirectory, type AccountId } from '@homeward/directory';
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import {
  type CommandResult,
  createCommandRunner,
  runHomewardHere,
} from '../testing/run-homeward.ts';

const runner = createCommandRunner();

let temp: TempFolder;

const THROTTLE_RULES = {
  addressFailures: 10,
  accountFailures: 5,
  maxHoldMs: 10_000,
  maxIntervalMs: 60_000,
  windowMs: 3_600_000,
  knownMs: 86_400_000,
};

beforeAll(async () => {
  temp = await createTempFolder('operator');
  const args = ['--folder', temp.path, '--hostname', 'mail.example.org', '--site', 'dublin'];
  await runHomewardHere(['init', ...args]);
});
afterAll(() => temp.remove());

function homeward(args: readonly string[], input = ''): Promise<CommandResult> {
  return runner(args, { input, env: { HOMEWARD_CONFIG: temp.join('homeward.yaml') } });
}

async function json(args: readonly string[], input = ''): Promise<unknown> {
  const { code, stdout, stderr } = await homeward([...args, '--json'], input);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('homeward account', () => {
  it('adds, shows, changes and deletes', async () => {
    const added = await json(
      [
        'account',
        'add',
        'Anna@Example.org',
        '--site',
        'dublin',
        '--name',
        'anna',
        '--password-stdin',
      ],
      'a good password\n',
    );
    expect(added).toMatchObject({ address: 'anna@example.org', names: ['anna'], enabled: true });
    expect(await json(['account', 'show', 'ANNA'])).toMatchObject({
      site: 'dublin',
      worker: 0,
      passwordSetAt: expect.any(String),
      sessionCount: 0,
    });
    const changes = [
      '--disable',
      '--protocols',
      'imap',
      '--connection-limit',
      '3',
      '--kind',
      'shared',
    ];
    expect(
      await json(['account', 'set', 'anna', ...changes, '--display-name', 'Anna']),
    ).toMatchObject({
      enabled: false,
      protocols: ['imap'],
      connectionLimit: 3,
      kind: 'shared',
      displayName: 'Anna',
    });
    const back = ['--enable', '--connection-limit', 'none', '--no-names', '--display-name', ''];
    expect(await json(['account', 'set', 'anna', ...back])).toMatchObject({
      enabled: true,
      names: [],
      connectionLimit: null,
      displayName: null,
    });
    await json(['account', 'delete', 'anna@example.org', '--yes', '--leave-mail']);
    expect(await homeward(['account', 'show', 'anna@example.org'])).toMatchObject({
      code: EXIT_CODES.refused,
      stderr: expect.stringContaining('there is no account'),
    });
  });

  it('reads passwords from files, and can do without', async () => {
    await writeFile(temp.join('secret'), 'from a file\n');
    const add = (address: string, ...args: readonly string[]): Promise<CommandResult> =>
      homeward(['account', 'add', address, '--site', 'dublin', ...args]);
    expect(await add('b@example.org', '--password-file', temp.join('secret'))).toMatchObject({
      code: 0,
    });
    expect(await add('c@example.org', '--without-password')).toMatchObject({ code: 0 });
    expect(await json(['account', 'show', 'b@example.org'])).toMatchObject({
      passwordSetAt: expect.any(String),
    });
    expect(await json(['account', 'show', 'c@example.org'])).toMatchObject({ passwordSetAt: null });
    await json(['account', 'set', 'c@example.org', '--password-stdin'], 'now');
    expect(await json(['account', 'show', 'c@example.org'])).toMatchObject({
      passwordSetAt: expect.any(String),
    });
    const listed = (await json(['account', 'list', '--site', 'dublin'])) as { address: string }[];
    expect(listed.map(({ address }) => address)).toEqual(['b@example.org', 'c@example.org']);
    expect((await homeward(['account', 'list'])).stdout).toMatch(
      /^ADDRESS +SITE [^\n]*\nb@example\.org +dublin/,
    );
    expect(await json(['account', 'list', '--kind', 'guest'])).toEqual([]);
  });

  it('wants no password for a shared mailbox, and takes one', async () => {
    const add = ['account', 'add', 'info@example.org', '--site', 'dublin', '--kind', 'shared'];
    const added = await homeward(add);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toContain('homeward account delegate info@example.org');
    const show = ['account', 'show', 'info@example.org'];
    expect(await json(show)).toMatchObject({ kind: 'shared', passwordSetAt: null });
    await json(['account', 'delete', 'info@example.org', '--yes', '--leave-mail']);
    expect(await homeward([...add, '--password'])).toMatchObject({
      code: EXIT_CODES.usage,
      stderr: expect.stringContaining('no terminal'),
    });
    await json([...add, '--password-stdin'], 'one of its own\n');
    expect(await json(show)).toMatchObject({ passwordSetAt: expect.any(String) });
    await json(['account', 'delete', 'info@example.org', '--yes', '--leave-mail']);
  });

  test.each([
    [
      'no terminal to ask on',
      ['account', 'add', 'x@example.org', '--site', 'dublin'],
      EXIT_CODES.usage,
      /--password-stdin/,
    ],
    [
      'an unknown site',
      ['account', 'add', 'x@example.org', '--site', 'oslo', '--password-stdin'],
      EXIT_CODES.refused,
      /no site oslo.*see homeward site list/,
    ],
    [
      'no address',
      ['account', 'add', 'nobody', '--site', 'dublin', '--password-stdin'],
      EXIT_CODES.refused,
      /not an e-mail address/,
    ],
    [
      'a password file that is not there',
      ['account', 'add', 'x@example.org', '--site', 'dublin', '--password-file', '/nowhere/x'],
      EXIT_CODES.badData,
      /ENOENT/,
    ],
    [
      'an unknown protocol',
      ['account', 'set', 'x', '--protocols', 'imap,nntp'],
      EXIT_CODES.usage,
      /"nntp"/,
    ],
    [
      'a list for an unknown site',
      ['account', 'list', '--site', 'oslo'],
      EXIT_CODES.refused,
      /there is no site oslo; see homeward site list/,
    ],
    [
      'a password where LDAP has it',
      ['account', 'add', 'x@example.org', '--site', 'dublin', '--ldap', '--password-stdin'],
      EXIT_CODES.usage,
      /LDAP judges the password: leave out --ldap, or what says which it is/,
    ],
    ['nothing to change', ['account', 'set', 'x'], EXIT_CODES.usage, /nothing to change/],
    [
      'an unknown account to change',
      ['account', 'set', 'x', '--enable'],
      EXIT_CODES.refused,
      /no account x/,
    ],
    [
      'to delete without being asked',
      ['account', 'delete', 'd@example.org'],
      EXIT_CODES.refused,
      /no account/,
    ],
    [
      'to change and not change',
      ['account', 'set', 'x', '--enable', '--disable'],
      EXIT_CODES.usage,
      /cannot be used with/,
    ],
  ])('refuses %s', async (_claim, args, code, message) => {
    const result = await homeward(args, 'secret');
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe('');
  });

  it('refuses an empty password', async () => {
    const add = ['account', 'add', 'x@example.org', '--site', 'dublin', '--password-stdin'];
    const { code, stderr } = await homeward(add, '\n');
    expect(code).toBe(EXIT_CODES.refused);
    expect(stderr).toMatch(/the password is empty/);
  });

  it('does not delete where nobody can be asked', async () => {
    await homeward(['account', 'add', 'd@example.org', '--site', 'dublin', '--without-password']);
    const { code, stderr } = await homeward(
      ['account', 'delete', 'd@example.org'],
      'd@example.org\n',
    );
    expect(code).toBe(EXIT_CODES.usage);
    expect(stderr).toMatch(/--yes/);
  });
});

describe('homeward account set --save-sent-copy', () => {
  it('says it for one account, until the default counts again', async () => {
    const address = 'sender@example.org';
    await json(['account', 'add', address, '--site', 'dublin', '--without-password']);
    const set = ['account', 'set', address, '--save-sent-copy'];
    expect(await json([...set, 'off'])).toMatchObject({ saveSentCopy: false });
    expect(await json([...set, 'on'])).toMatchObject({ saveSentCopy: true });
    expect(await json([...set, 'default'])).toMatchObject({ saveSentCopy: null });
  });
});

describe('homeward site', () => {
  it('adds one and lists it with its share', async () => {
    const mail = '[2001:db8::1]:2003:2005,submissions=2008,LMTPS=2009';
    const workers = ['--worker', '10.0.0.1:1993:1995', '--worker', mail];
    await json(['site', 'add', 'cork', ...workers]);
    const sites = (await json(['site', 'list'])) as readonly { readonly name: string }[];
    expect(sites.find(({ name }) => name === 'cork')).toMatchObject({
      serverName: 'cork.sites.mail.example.org',
      workers: [
        { host: '10.0.0.1', imapsPort: 1993, submissionsPort: null, shardCount: 128 },
        { host: '2001:db8::1', pop3sPort: 2005, submissionsPort: 2008, lmtpsPort: 2009 },
      ],
    });
    expect(await homeward(['site', 'add', 'cork', ...workers])).toMatchObject({ code: 1 });
  });

  test.each([
    ['10.0.0.1'],
    ['10.0.0.1:0:1'],
    ['10.0.0.1:1:70000'],
    ['2001:db8::1:1:2'],
    ['10.0.0.1:1:2,lmtp=3'],
    ['10.0.0.1:1:2,lmtps=70000'],
    ['10.0.0.1:1:2,lmtps'],
  ])('refuses the worker %s', async (worker) => {
    const result = await homeward(['site', 'add', 'x', '--worker', worker]);
    expect(result).toMatchObject({ code: EXIT_CODES.usage });
  });
});

describe('homeward account app-password', () => {
  it('makes secrets that are shown once, lists and ends them', async () => {
    const add = ['account', 'add', 'nora@example.org', '--site', 'dublin', '--without-password'];
    await json(add);
    const asked = ['account', 'app-password', 'add', 'nora@example.org', '--label', 'telephone'];
    const made = (await json([...asked, '--protocols', 'imap'])) as { id: string; secret: string };
    expect(made).toMatchObject({ label: 'telephone', protocols: ['imap'], usedAt: null });
    expect(made.secret).toMatch(/^([0-9a-hjkmnp-tv-z]{5}-){4}[0-9a-hjkmnp-tv-z]{5}$/);
    const listed = await homeward(['account', 'app-password', 'list', 'nora@example.org']);
    expect(listed.stdout).toContain('telephone');
    expect(listed.stdout).toContain('never');
    expect(listed.stdout).not.toContain(made.secret.slice(0, 5));
    expect(await json(['account', 'show', 'nora@example.org'])).toMatchObject({
      appPasswordCount: 1,
      passwordLogin: true,
    });
    const again = await homeward(asked);
    expect(again.code).toBe(EXIT_CODES.refused);
    expect(again.stderr).toContain('there is one called "telephone"');
    await json(['account', 'set', 'nora@example.org', '--password-login', 'off']);
    expect(await json(['account', 'show', 'nora@example.org'])).toMatchObject({
      passwordLogin: false,
    });
    const revoke = ['account', 'app-password', 'revoke', 'nora@example.org'];
    expect(await json([...revoke, made.id])).toMatchObject({ label: 'telephone' });
    expect((await homeward([...revoke, made.id])).stderr).toContain('has no app password');
    expect(await json(['account', 'app-password', 'list', 'nora@example.org'])).toEqual([]);
  });
});

describe('homeward settings', () => {
  it('overrides and lets go', async () => {
    const find = async (name: string): Promise<unknown> =>
      ((await json(['settings', 'list'])) as { name: string }[]).find((one) => one.name === name);
    await json(['settings', 'set', 'connectionLimits.perUser', '5']);
    expect(await find('connectionLimits.perUser')).toMatchObject({ override: 5, default: 16 });
    await json(['settings', 'set', 'pop3.messageRetrievalSortOrder', 'descending']);
    expect(await find('pop3.messageRetrievalSortOrder')).toMatchObject({
      override: 'descending',
      default: 'ascending',
    });
    await json(['settings', 'set', 'throttle.allowNetworks', '[10.0.0.0/8, "2001:db8::/32"]']);
    expect(await find('throttle.allowNetworks')).toMatchObject({
      override: ['10.0.0.0/8', '2001:db8::/32'],
    });
    await json(['settings', 'set', 'imap.banner', '42']);
    const lists = ['SCRAM-SHA-256,PLAIN', '["SCRAM-SHA-256", "PLAIN"]'];
    for (const list of lists) {
      await json(['settings', 'set', 'imap.mechanisms', list]);
      expect(await find('imap.mechanisms')).toMatchObject({ override: ['SCRAM-SHA-256', 'PLAIN'] });
    }
    expect(await find('imap.banner')).toMatchObject({ override: '42' });
    await json(['settings', 'unset', 'connectionLimits.perUser']);
    expect(await find('connectionLimits.perUser')).toMatchObject({ override: null });
  });

  test.each([
    ['connectionLimits.perUser', 'many', /Write integer/],
    ['imap.enabled', '1', /Write true or false/],
    ['pop3.messageRetrievalSortOrder', 'newest', /Write one of ascending, descending/],
    ['MaxConnectionsPerUser', '5', /Did you mean connectionLimits\.perUser/],
    ['imap.listeners', '[]', /no live setting/],
    ['imap.enabld', 'true', /Did you mean imap\.enabled\?/],
    [
      'throttle.allowNetworks',
      '[10.0.0.1/8]',
      /allowNetworks\[0\]: has bits set behind its prefix/,
    ],
    ['oauth.issuers', '[{"issuer": "https://a.example"', /oauth\.issuers: is not valid JSON/],
    ['oauth.issuers', '[{"audience": ["mail"]}]', /issuers\[0\]\.audience: .* mean audiences\?/],
    ['ldap.servers', 'dc1', /ldap\.servers\[0\]: /],
    ['imap.mechanisms', '["PLIAN"]', /imap\.mechanisms\[0\]: .* Write one of SCRAM/],
  ])('refuses %s %s', async (name, value, message) => {
    const { code, stderr } = await homeward(['settings', 'set', name, value]);
    expect(code).toBe(EXIT_CODES.refused);
    expect(stderr).toMatch(message);
  });
});

test('homeward settings list shows a part, shortly, and what can be set by itself alone', async () => {
  await homeward(['settings', 'set', 'imap.maxCommandBytes', '9000']);
  const { stdout } = await homeward(['settings', 'list', 'imap']);
  expect(stdout).toMatch(/^imap\.mechanisms .*…$/m);
  expect(stdout.match(/^\w+\./gm)).toEqual(stdout.match(/^imap\./gm));
  expect((await homeward(['settings', 'list', 'connectionL'])).stdout).toContain('unlimited');
  const rows = (await json(['settings', 'list'])) as { name: string }[];
  expect(rows.filter(({ name }) => /\[\]|ldap\.attributes\./.test(name))).toEqual([]);
  expect(await json(['settings', 'list', 'imap.maxC', '--changed'])).toMatchObject([
    { name: 'imap.maxCommandBytes', override: 9000 },
  ]);
  expect(await json(['settings', 'list', 'imap.loginT', '--changed'])).toEqual([]);
  expect((await homeward(['settings', 'list', 'imp'])).stderr).toMatch(/begins with imp;/);
});

test('homeward settings set tells of every problem on a line of its own', async () => {
  const value = '[10.0.0.1/8, 0.0.0.0/0]';
  const { stderr } = await homeward(['settings', 'set', 'throttle.denyNetworks', value]);
  expect(stderr).toMatch(/^(homeward: throttle\.denyNetworks\[[01]\]: .+\n){2}$/);
});

describe('homeward session count', () => {
  it('says that a front end does not run, rather than only that it is empty', async () => {
    expect(await homeward(['session', 'count', '--front-end', 'fe9'])).toMatchObject({
      code: EXIT_CODES.done,
      stdout: '0\n',
      stderr: expect.stringContaining('No front end fe9 runs now'),
    });
  });
});

describe('homeward rules', () => {
  const test1 = ['rules', 'test', '--protocol', 'pop3', '--address', '198.51.100.7'];

  it('adds, orders, tests and removes', async () => {
    expect((await homeward(['rules', 'list'])).stdout).toMatch(/^No rules/);
    const abroad = ['--protocol', 'POP3', '--except-network', '203.0.113.0/24'];
    expect(await json(['rules', 'add', 'deny', 'no pop abroad', ...abroad])).toEqual([
      {
        name: 'no pop abroad',
        action: 'deny',
        when: { protocols: ['pop3'] },
        unless: { networks: ['203.0.113.0/24'] },
      },
    ]);
    const who = ['--account', '*@example.org', '--account', 'boss'];
    await json(['rules', 'add', 'allow', 'ours', ...who]);
    expect(await json(test1)).toEqual({
      decision: 'deny',
      place: 1,
      rule: 'no pop abroad',
      told: 'policy',
    });
    const moved = (await json(['rules', 'move', 'OURS', '1'])) as { name: string }[];
    expect(moved.map(({ name }) => name)).toEqual(['ours', 'no pop abroad']);
    expect((await homeward(test1)).stdout).toMatch(/^Undecided: it depends on the account/);
    expect(await json([...test1, '--account', 'carl@example.org'])).toMatchObject({
      decision: 'allow',
      rule: 'ours',
    });
    expect((await homeward([...test1, '--account', 'stranger'])).stdout).toBe(
      'Denied: rule 2, no pop abroad (pop3; not from 203.0.113.0/24).\n' +
        'Told as a wrong password is, whatever the password.\n',
    );
    expect(await json(['rules', 'test', '--protocol', 'imap', '--address', '::1'])).toMatchObject({
      decision: 'undecided',
    });
    await json(['rules', 'remove', '2']);
    expect(await json(['rules', 'remove', 'ours'])).toEqual([]);
    expect(await json([...test1, '--account', 'stranger'])).toEqual({
      decision: 'allow',
      place: null,
      rule: null,
      told: null,
    });
  });

  test.each([
    [['add', 'forbid', 'x'], /write allow or deny/, EXIT_CODES.usage],
    [
      ['add', 'deny', 'x', '--network', '10.0.0.1/8'],
      /networks\[0\]: has bits .* mean 10\.0\.0\.0\/8\?/,
      EXIT_CODES.refused,
    ],
    [['add', 'deny', 'x', '--mechanism', 'APOP'], /--mechanism .* one of LOGIN,/, EXIT_CODES.usage],
    [
      ['add', 'deny', 'x', '--protocol', 'pop'],
      /--protocol .* one of imap, pop3/,
      EXIT_CODES.usage,
    ],
    [['add', 'deny', 'x', '--site', 'dubln'], /has no site dubln/, EXIT_CODES.refused],
    [['add', 'deny', 'x', '--except-site', 'oso'], /has no site oso/, EXIT_CODES.refused],
    [['add', 'deny', 'x', '--at', '9'], /write 1 to 1/, EXIT_CODES.usage],
    [['remove', 'nothing'], /there is no rule nothing/, EXIT_CODES.refused],
    [['test', '--protocol', 'imap', '--address', '10.0.0.0/8'], /no IP/, EXIT_CODES.usage],
  ])('refuses %j', async (args, message, code) => {
    const result = await homeward(['rules', ...args]);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });
});

describe('homeward throttle', () => {
  it('shows wrong passwords by account and address, and forgets them', async () => {
    const who = ['thea@example.org', '--site', 'dublin', '--without-password'];
    const { id } = (await json(['account', 'add', ...who])) as { id: AccountId };
    await using stack = new AsyncDisposableStack();
    const driver = await openDirectory({ file: temp.join('directory.db') });
    stack.defer(() => driver.close());
    const throttle = createLoginThrottle(driver.throttle);
    const attempt = async (network: string, secret: string) =>
      throttle.judge(
        { accountId: id, loginName: 'thea', network, secret: Buffer.from(secret) },
        THROTTLE_RULES,
      );
    await (await attempt('198.51.100.7/32', 'right')).noteSuccess();
    for (const guess of ['a', 'b']) await (await attempt('192.0.2.1/32', guess)).noteFailure();
    await (await attempt('2001:db8::/64', 'c')).noteFailure();

    const shown = await json(['throttle', 'show', '--account', 'thea@example.org']);
    expect(shown).toMatchObject({
      entries: [{ kind: 'account', account: 'thea@example.org', failureCount: 3 }],
      knownNetworks: ['198.51.100.7/32'],
    });
    expect(await json(['throttle', 'show', '--address', '2001:db8::77'])).toMatchObject({
      entries: [{ kind: 'address', network: '2001:db8::/64', failureCount: 1, accountCount: 1 }],
    });
    const { stdout } = await homeward(['throttle', 'show']);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^address +192\.0\.2\.1\/32 +1 of them +2 /m);
    expect(await json(['throttle', 'clear', '--address', '192.0.2.0/24'])).toEqual({
      clearedCount: 1,
    });
    expect(await json(['throttle', 'show', '--address', '192.0.2.1'])).toMatchObject({
      entries: [],
    });
    expect(await json(['throttle', 'clear', '--all'])).toEqual({ clearedCount: 2 });
    expect(await json(['throttle', 'show', '--account', 'thea@example.org'])).toMatchObject({
      entries: [],
      knownNetworks: ['198.51.100.7/32'],
    });
  });

  test.each([
    [['clear'], /name an account or an address/, EXIT_CODES.usage],
    [['clear', '--all', '--address', '192.0.2.1'], /name an account/, EXIT_CODES.usage],
    [['show', '--address', 'everywhere'], /is no address/, EXIT_CODES.usage],
    [['show', '--account', 'nobody'], /there is no account/, EXIT_CODES.refused],
  ])('refuses %j', async (args, message, code) => {
    const result = await homeward(['throttle', ...args]);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });
});

describe('homeward config', () => {
  it('check finds nothing wrong with what init made', async () => {
    const { code, stdout, stderr } = await homeward(['config', 'check']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /homeward\.yaml \(operator\): right[^]*backend-dublin\.yaml \(backend\): right/,
    );
  });

  it('check knows a front end’s key without its name', async () => {
    const nameless = temp.join('frontend-nameless.yaml');
    const whole = await readFile(temp.join('frontend.yaml'), 'utf8');
    await writeFile(nameless, whole.replace(/^  keyId: .*\n/m, ''));
    const { code, stderr } = await homeward(['config', 'check', nameless]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await rm(nameless);
  });

  it('check names what is wrong, against the directory too', async () => {
    const wrong = temp.join('backend-bad.yaml');
    const tls =
      'tls:\n  certificates:\n    - certFile: tls/site-dublin.crt\n      keyFile: tls/frontend.key\n';
    const workers = 'workers:\n  - { imaps: { port: 1 }, pop3s: { port: 2 } }\n';
    const directory = `directory: { driver: embedded, path: ${temp.join('directory.db')} }\n`;
    await writeFile(wrong, `site: dublin\nvolumeFolder: mail\n${workers}${tls}${directory}`);
    const found = await homeward(['config', 'check', wrong]);
    expect(found.code).toBe(EXIT_CODES.refused);
    expect(found.stderr).toMatch(/key-mismatch/);
    expect(found.stderr).toMatch(/workers\[0\]: ports 1, 2 here, 1993, 1995 in the directory/);
    expect(found.stderr).toMatch(/workers\[0\].lmtps: port none here, 1999 in the directory/);
    const offline = await homeward(['config', 'check', '--offline', '--json', wrong]);
    expect(offline.code).toBe(EXIT_CODES.refused);
    expect(JSON.parse(offline.stdout)).toMatchObject({ ok: false, files: [{ kind: 'backend' }] });
    expect(offline.stderr).not.toContain('in the directory');
    await rm(wrong);
  });

  it('describe tells Exchange’s names, and finds keys by them', async () => {
    const all = await homeward(['config', 'describe', 'frontend']);
    const isWide = (line: string): boolean => line.length > 80 && line.trim().includes(' ');
    expect(all.stdout.split('\n').filter(isWide)).toEqual([]);
    const { stdout } = await homeward(['config', 'describe', 'frontend', 'MaxConnectionsPerUser']);
    expect(stdout).toMatch(/^connectionLimits\.perUser\n/);
    expect(await homeward(['config', 'describe', 'backend', 'zzz'])).toMatchObject({ code: 1 });
    expect(await json(['config', 'describe', 'operator'])).toContainEqual(
      expect.objectContaining({
        key: 'ticket.keyFile',
        environmentName: 'HOMEWARD_TICKET_KEY_FILE',
      }),
    );
  });
});
