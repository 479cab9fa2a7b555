/** Accounts and passwords from a real slapd: what is right, what is refused, and every fault. */
import { createAccountService, createPasswordService } from '@homeward/directory';
import {
  createTempFolder,
  createTestCertificate,
  startSlapd,
  type TestSlapd,
} from '@homeward/testkit';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { REST_MS } from './client/ldap-server.ts';
import { openLdapWorld, person, settingsFor } from './testing/ldap-world.ts';

const GUID = Buffer.from('00ff10a4b2c3d4e5f60718293a4b5c6d', 'hex');
/** S-1-5-21-1-2-3-500: the built-in administrator of a domain. */
const ADMINISTRATOR_SID = Buffer.from(
  '010500000000000515000000010000000200000003000000f4010000',
  'hex',
);

const ENTRIES = [
  person('anna', 'mail: anna@example.org\nmail: a.larsson@example.org\ndisplayName: Anna Larsson'),
  person('bo', 'mail: bo@example.org\nhomewardSite: oslo\nhomewardEnabled: TRUE'),
  person('carl', 'mail: carl@example.org\nhomewardEnabled: FALSE'),
  person('zoë', 'mail: zoe@example.org'),
  person('o*(x)', 'mail: star@example.org'),
  person('nomail'),
  person('twin1', 'mail: twin@example.org'),
  person('twin2', 'mail: twin@example.org'),
  person('pia', 'mail: pia@example.org\nhomewardProtocol: imap'),
  person(
    'dora',
    `mail: dora@example.org
sAMAccountName: dora
sAMAccountType: 805306368
userPrincipalName: dora.k@corp.example.org
userAccountControl: 512
proxyAddresses: SMTP:dora@example.org
proxyAddresses: smtp:dora.klein@example.org
proxyAddresses: X400:c=se;o=example
objectGUID:: ${GUID.toString('base64')}`,
  ),
  person(
    'root',
    `mail: root@example.org
sAMAccountName: Administrator
sAMAccountType: 805306368
userAccountControl: 512
objectGUID:: ${Buffer.alloc(16, 7).toString('base64')}
objectSid:: ${ADMINISTRATOR_SID.toString('base64')}`,
  ),
];

let slapd: TestSlapd;
beforeAll(async () => {
  slapd = await startSlapd({ entries: ENTRIES });
});
afterAll(() => slapd.stop());

const ATTRIBUTES = {
  site: 'homewardSite',
  enabled: 'homewardEnabled',
  protocols: 'homewardProtocol',
};

describe('a login with LDAP', () => {
  test('makes an account at the first one, with every name of the entry', async () => {
    await using world = await openLdapWorld(settingsFor(slapd));

    expect(await world.login('anna', 'password-anna')).toBe('match anna@example.org');

    const id = await world.store.findAccountId('a.larsson@example.org');
    expect(await world.store.getAccount(id!)).toMatchObject({
      address: 'anna@example.org',
      names: ['anna@example.org', 'anna', 'a.larsson@example.org'],
      displayName: 'Anna Larsson',
      kind: 'user',
      home: 'dublin',
      isEnabled: true,
      ldap: { state: 'present' },
      version: 1,
    });
    expect(world.events).toEqual([
      { name: 'ldap.account-added', account: 'anna@example.org', site: 'dublin' },
    ]);
  });

  test('makes none for a wrong password, and none by a look', async () => {
    await using world = await openLdapWorld(settingsFor(slapd));

    expect(await world.login('anna', 'password-bo')).toBe('mismatch');
    expect(await world.login('nobody', 'x')).toBe('unknown');

    expect(await world.store.listAccounts({ after: undefined, limit: 10 })).toEqual([]);
  });

  test('makes one account when two front ends meet the same person at once', async () => {
    await using world = await openLdapWorld(settingsFor(slapd));

    const names = ['anna', 'anna@example.org', 'a.larsson@example.org'];
    const outcomes = await Promise.all(names.map((name) => world.login(name, 'password-anna')));

    expect(new Set(outcomes)).toEqual(new Set(['match anna@example.org']));
    expect(await world.store.listAccounts({ after: undefined, limit: 10 })).toHaveLength(1);
  });

  test('takes home site, switch and protocols from the entry', async () => {
    await using world = await openLdapWorld(settingsFor(slapd, { attributes: ATTRIBUTES }));

    expect(await world.login('bo', 'password-bo')).toBe('match bo@example.org');
    expect(await world.login('carl', 'password-carl')).toBe('match carl@example.org');
    expect(await world.login('pia', 'password-pia')).toBe('match pia@example.org');

    const accounts = await world.store.listAccounts({ after: undefined, limit: 10 });
    expect(accounts).toMatchObject([
      { address: 'bo@example.org', home: 'oslo', ldap: { state: 'present' } },
      { address: 'carl@example.org', home: 'dublin', ldap: { state: 'disabled' } },
      { address: 'pia@example.org', protocols: { imap: true, pop3: false, submission: false } },
    ]);
  });

  test('never tries an empty password, or octets that are no text', async () => {
    await using world = await openLdapWorld(settingsFor(slapd));
    const lookup = await world.accounts.lookUp('anna');
    if (lookup.kind !== 'found') throw new Error('not found');
    const before = slapd.output.length;

    for (const secret of [Buffer.alloc(0), Buffer.from([0xff, 0xfe]), Buffer.alloc(1_025, 97)]) {
      const outcome = await world.accounts.authenticate(lookup.record, secret);
      expect(outcome.kind).toBe('mismatch');
    }
    expect(slapd.output.slice(before)).not.toContain('uid=anna');
  });

  test.each([
    ['*', 'unknown'],
    ['an*', 'unknown'],
    ['anna)(uid=*', 'unknown'],
    ['anna)(|(uid=bo)', 'unknown'],
    [String.raw`o*(x)`, 'match star@example.org'],
    ['zoë', 'match zoe@example.org'],
    ['twin@example.org', 'unknown'],
    ['nomail', 'unknown'],
  ])('takes %j as one value: %s', async (name, outcome) => {
    await using world = await openLdapWorld(settingsFor(slapd));

    expect(await world.login(name, `password-${name}`)).toBe(outcome);
  });

  test('refuses somebody for whom there is no home site, after the right password alone', async () => {
    await using world = await openLdapWorld(settingsFor(slapd, { site: '' }));

    expect(await world.login('anna', 'wrong')).toBe('mismatch');
    expect(await world.login('anna', 'password-anna')).toBe('refused');
    expect(world.events).toMatchObject([{ reason: expect.stringContaining('set ldap.site') }]);
  });

  test('refuses who has the address of another account, and does without a taken alias', async () => {
    await using world = await openLdapWorld(settingsFor(slapd));
    await using passwords = await openAccounts(world.store);
    await passwords.accounts.add({ address: 'other@example.org', site: 'dublin', names: ['anna'] });
    await passwords.accounts.add({ address: 'bo@example.org', site: 'dublin' });

    expect(await world.login('a.larsson@example.org', 'password-anna')).toBe(
      'match anna@example.org',
    );
    const id = await world.store.findAccountId('anna@example.org');
    expect((await world.store.getAccount(id!))?.names).not.toContain('anna');
    expect(await world.login('bo', 'password-bo')).toBe('refused');
  });

  test('remembers a right password, so that it goes on while LDAP is away', async () => {
    await using own = await startSlapd({ entries: ENTRIES });
    await using world = await openLdapWorld(settingsFor(own));
    expect(await world.login('anna', 'password-anna')).toBe('match anna@example.org');

    await own.kill();

    expect(await world.login('anna', 'password-anna')).toBe('match anna@example.org');
    expect(await world.login('anna', 'wrong')).toBe('unavailable');
    expect(await world.login('bo', 'password-bo')).toBe('unavailable');
  });
});

describe('a changed entry', () => {
  test('changes its account at the next login: names, and a rename', async () => {
    await using own = await startSlapd({ entries: ENTRIES });
    const settings = settingsFor(own, { rememberSeconds: 0, entrySeconds: 3_600 });
    await using world = await openLdapWorld(settings);
    await world.login('anna', 'password-anna');
    const id = await world.store.findAccountId('anna');

    await own.modify(`dn: uid=anna,ou=people,${own.base}
changetype: modrdn
newrdn: uid=anna.svensson
deleteoldrdn: 1

dn: uid=anna.svensson,ou=people,${own.base}
changetype: modify
replace: mail
mail: anna.svensson@example.org
`);
    // The copy of the entry has the old DN: the right password must not count as wrong.
    expect(await world.login('anna', 'password-anna')).toBe('match anna.svensson@example.org');
    expect(await world.store.findAccountId('anna.svensson')).toBe(id);
    expect(await world.store.findAccountId('anna')).toBeUndefined();
    expect(await world.login('anna.svensson', 'password-anna')).toMatch(/^match/);
  });

  test('leads to the same account by a name that the directory has not heard of', async () => {
    await using own = await startSlapd({ entries: ENTRIES });
    await using world = await openLdapWorld(settingsFor(own, { absenceSeconds: 0 }));
    await world.login('anna', 'password-anna');
    await own.modify(`dn: uid=anna,ou=people,${own.base}
changetype: modify
add: mail
mail: new.alias@example.org
`);

    expect(await world.login('new.alias@example.org', 'password-anna')).toBe(
      'match anna@example.org',
    );

    expect(await world.store.listAccounts({ after: undefined, limit: 10 })).toHaveLength(1);
  });

  test('that was switched off is not switched on again by a copy of before', async () => {
    await using own = await startSlapd({ entries: ENTRIES });
    const settings = { attributes: ATTRIBUTES, rememberSeconds: 0, entrySeconds: 3_600 };
    await using world = await openLdapWorld(settingsFor(own, settings));
    expect(await world.login('bo', 'password-bo')).toMatch(/^match/);
    const { store } = world;
    const id = await store.findAccountId('bo');
    await own.modify(`dn: uid=bo,ou=people,${own.base}
changetype: modify
replace: homewardEnabled
homewardEnabled: FALSE
`);
    // As `homeward ldap sync` does it, elsewhere.
    const account = (await store.getAccount(id!))!;
    const ldap = { ...account.ldap!, state: 'disabled' } as const;
    await store.replaceAccount({ ...account, ldap, version: account.version + 1 }, account.version);

    await world.login('bo', 'password-bo');

    expect((await store.getAccount(id!))?.ldap?.state).toBe('disabled');
  });

  test('that is gone lets nobody in, and leaves the account as it was', async () => {
    await using own = await startSlapd({ entries: ENTRIES });
    await using world = await openLdapWorld(
      settingsFor(own, { rememberSeconds: 0, entrySeconds: 0 }),
    );
    await world.login('anna', 'password-anna');
    await own.modify(`dn: uid=anna,ou=people,${own.base}\nchangetype: delete\n`);

    expect(await world.login('anna', 'password-anna')).toBe('mismatch');

    const id = await world.store.findAccountId('anna');
    expect((await world.store.getAccount(id!))?.ldap).toMatchObject({ state: 'present' });
  });
});

describe('an account that an operator made', () => {
  test('has its password judged by LDAP, by template, without a search', async () => {
    const dnTemplate = `uid={user},ou=people,${slapd.base}`;
    const settings = settingsFor(slapd, { dnTemplate, bindDn: '', makeAccounts: false });
    await using world = await openLdapWorld(settings);
    await using passwords = await openAccounts(world.store);
    const { accounts } = passwords;
    await accounts.add({ address: 'anna@home.test', site: 'dublin', ldapLogin: 'anna' });
    await accounts.add({ address: 'evil@home.test', site: 'dublin', ldapLogin: 'bo,ou=people' });

    expect(await world.login('anna@home.test', 'password-anna')).toBe('match anna@home.test');
    expect(await world.login('anna@home.test', 'password-bo')).toBe('mismatch');
    expect(await world.login('evil@home.test', 'password-bo')).toBe('mismatch');
    expect(await world.login('bo', 'password-bo')).toBe('unknown');
  });

  test('is found under the names that LDAP has, and stays as it is', async () => {
    await using world = await openLdapWorld(settingsFor(slapd));
    await using passwords = await openAccounts(world.store);
    await passwords.accounts.add({ address: 'anna@example.org', site: 'oslo', ldapLogin: '' });

    expect(await world.login('anna', 'password-anna')).toBe('match anna@example.org');

    const [account] = await world.store.listAccounts({ after: undefined, limit: 10 });
    expect(account).toMatchObject({ home: 'oslo', names: ['anna@example.org'], version: 1 });
  });
});

describe('Active Directory', () => {
  test('is found by sAMAccountName, DOMAIN\\user, UPN and proxy address', async () => {
    const settings = settingsFor(slapd, { kind: 'activeDirectory', domain: 'CORP' });
    await using world = await openLdapWorld(settings);
    for (const name of [
      'dora',
      'corp\\dora',
      'dora.k@corp.example.org',
      'dora.klein@example.org',
    ]) {
      expect(await world.login(name, 'password-dora')).toBe('match dora@example.org');
    }
    expect(await world.login('other\\dora', 'password-dora')).toBe('unknown');
    const accounts = await world.store.listAccounts({ after: undefined, limit: 10 });
    expect(accounts).toMatchObject([{ ldap: { entryId: GUID.toString('hex'), state: 'present' } }]);
    expect(accounts[0]?.names).toEqual(expect.arrayContaining(['corp\\dora', 'dora']));
  });

  test('disables by userAccountControl, and blocks the built-in administrator', async () => {
    await using own = await startSlapd({ entries: ENTRIES });
    const settings = settingsFor(own, { kind: 'activeDirectory', entrySeconds: 0 });
    await using world = await openLdapWorld({ ...settings, rememberSeconds: 0 });
    await world.login('dora', 'password-dora');
    await own.modify(`dn: uid=dora,ou=people,${own.base}
changetype: modify
replace: userAccountControl
userAccountControl: 514
`);

    await world.login('dora', 'password-dora');
    await world.login('administrator', 'password-root');

    expect(await world.store.listAccounts({ after: undefined, limit: 10 })).toMatchObject([
      { address: 'dora@example.org', ldap: { state: 'disabled' } },
      { address: 'root@example.org', kind: 'administrator' },
    ]);
  });
});

describe('a fault of LDAP', () => {
  test('is no wrong password when the server is not trusted', async () => {
    const untrusted = settingsFor(slapd, { caFile: '', servers: [slapd.secureUrl] });
    await using world = await openLdapWorld(untrusted);
    expect(await world.login('anna', 'password-anna')).toBe('unavailable');
    await using other = await openLdapWorld({ ...untrusted, servers: [slapd.url] });
    expect(await other.login('anna', 'password-anna')).toBe('unavailable');
  });

  test('is none over ldaps with the right authority', async () => {
    await using world = await openLdapWorld(settingsFor(slapd, { servers: [slapd.secureUrl] }));
    expect(await world.login('anna', 'password-anna')).toBe('match anna@example.org');
  });

  test('is told when the service account is not let in', async () => {
    await using folder = await createTempFolder('ldap');
    const bindPasswordFile = folder.join('password');
    await writeFile(bindPasswordFile, 'wrong');
    await using world = await openLdapWorld(settingsFor(slapd, { bindPasswordFile }));

    expect(await world.login('anna', 'password-anna')).toBe('unavailable');
    expect(await world.login('anna', 'password-anna')).toBe('unavailable');

    expect(world.events).toMatchObject([
      { name: 'ldap.server-lost', reason: expect.stringContaining('does not let ldap.bindDn in') },
    ]);
    expect(JSON.stringify(world.events)).not.toContain('wrong');
  });

  test('is told when base or settings are wrong', async () => {
    await using world = await openLdapWorld(settingsFor(slapd, { base: 'dc=nowhere' }));
    expect(await world.login('anna', 'password-anna')).toBe('unavailable');
    await using other = await openLdapWorld(settingsFor(slapd, { base: '' }));
    expect(await other.login('anna', 'password-anna')).toBe('unavailable');
    expect(other.events).toMatchObject([{ name: 'ldap.misconfigured' }]);
  });

  test('frozen or dead, the next server answers, and it costs the time once', async () => {
    const certificate = await createTestCertificate();
    await using frozen = await startSlapd({ entries: ENTRIES, certificate });
    await using second = await startSlapd({ entries: ENTRIES, certificate });
    // Of the two only objectGUID is the same: replicas would share entryUUID as well.
    const settings = settingsFor(second, {
      kind: 'activeDirectory',
      servers: ['ldap://127.0.0.1:1', frozen.url, second.url],
      rememberSeconds: 0,
      entrySeconds: 0,
    });
    await using world = await openLdapWorld(settings);
    expect(await world.login('dora', 'password-dora')).toBe('match dora@example.org');
    expect(second.output).not.toContain('SRCH');
    await frozen.freeze();

    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect(await world.login('dora', 'password-dora')).toBe('match dora@example.org');
    }

    const startedAtMs = performance.now();
    expect(await world.login('dora', 'password-dora')).toBe('match dora@example.org');
    expect(performance.now() - startedAtMs).toBeLessThan(settings.operationLimitMs);
    expect(world.events).toContainEqual(
      expect.objectContaining({ name: 'ldap.server-lost', server: frozen.url }),
    );
    frozen.thaw();
  });

  test('heals by itself, within the rest of the breaker', async () => {
    await using own = await startSlapd({ entries: ENTRIES });
    await using world = await openLdapWorld(settingsFor(own, { rememberSeconds: 0 }));
    await own.kill();
    expect(await world.login('anna', 'password-anna')).toBe('unavailable');
    expect(await world.login('anna', 'password-anna')).toBe('unavailable');
    await own.restart();

    const startedAtMs = performance.now();
    await vi.waitFor(
      async () => expect(await world.login('anna', 'password-anna')).toMatch(/^match/),
      { timeout: REST_MS + 2_000, interval: 200 },
    );

    expect(performance.now() - startedAtMs).toBeLessThan(REST_MS + 2_000);
    expect(world.events.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ldap.server-lost', 'ldap.server-back', 'ldap.account-added']),
    );
  });

  test('a referral is not followed', async () => {
    await using own = await startSlapd({
      entries: [
        ...ENTRIES,
        `dn: ou=elsewhere,dc=example,dc=org
objectClass: referral
objectClass: extensibleObject
ou: elsewhere
ref: ldap://127.0.0.1:1/ou=elsewhere,dc=example,dc=org`,
      ],
    });
    await using world = await openLdapWorld(settingsFor(own));
    expect(await world.login('anna', 'password-anna')).toBe('match anna@example.org');
    const base = `ou=elsewhere,${own.base}`;
    await using other = await openLdapWorld(settingsFor(own, { base }));
    expect(await other.login('anna', 'password-anna')).toBe('unavailable');
  });
});

test('other settings apply at once', async () => {
  const settings = settingsFor(slapd);
  await using world = await openLdapWorld({ ...settings, servers: [] });
  expect(await world.login('anna', 'password-anna')).toBe('unknown');

  world.accounts.configure(settings);

  expect(await world.login('anna', 'password-anna')).toBe('match anna@example.org');
});

async function openAccounts(
  driver: Parameters<typeof createAccountService>[0]['driver'],
): Promise<{ readonly accounts: ReturnType<typeof createAccountService> } & AsyncDisposable> {
  const passwords = createPasswordService();
  const accounts = createAccountService({ driver, passwords });
  return { accounts, [Symbol.asyncDispose]: () => passwords.close() };
}

describe('visitAll()', () => {
  const crowd = Array.from({ length: 620 }, (_, index) =>
    person(`p${index}`, `mail: p${index}@example.org`),
  );

  test('reads all entries, page by page, that some login name could find', async () => {
    const config = `limits dn.exact="cn=service,dc=example,dc=org" size=unlimited`;
    await using large = await startSlapd({ entries: [...crowd, person('nomail')], config });
    await using world = await openLdapWorld(settingsFor(large));
    const pages: number[] = [];
    const ids = new Set<string>();
    const outcome = await world.accounts.directory.visitAll((entries) => {
      pages.push(entries.length);
      for (const { id } of entries) ids.add(id);
      return Promise.resolve();
    });
    expect(outcome).toEqual({ kind: 'done' });
    expect(pages).toEqual([500, 121]);
    expect(ids.size).toBe(621);
    const other = settingsFor(large, { filter: '(&(mail={login})(uid={user}))' });
    world.accounts.configure(other);
    let count = 0;
    await world.accounts.directory.visitAll((entries) => {
      count += entries.length;
      return Promise.resolve();
    });
    expect(count).toBe(620);
  });

  test('a server that gives some of them alone has failed', async () => {
    await using large = await startSlapd({ entries: crowd, config: 'sizelimit 100' });
    await using world = await openLdapWorld(settingsFor(large));
    const outcome = await world.accounts.directory.visitAll(() => Promise.resolve());
    expect(outcome).toEqual({
      kind: 'unavailable',
      detail: expect.stringContaining('LDAP result 4'),
    });
  });
});
