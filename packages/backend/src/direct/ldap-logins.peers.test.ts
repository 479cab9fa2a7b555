/** People whom a real LDAP server knows, at a home itself, over real sockets and TLS. */
import { createAppPasswordService } from '@homeward/directory';
import { ldapSchema, type LdapSettings } from '@homeward/ldap';
import { throttleSchema } from '@homeward/login-guards';
import { startSlapd, type TestSlapd } from '@homeward/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askPop3 } from '../testing/pop3-client.ts';
import { askSmtp } from '../testing/smtp-client.ts';
import { openTestSite, type TestSite } from '../testing/test-site.ts';

const ENTRIES = ['bo', 'carla', 'dan', 'eva'].map(
  (uid) => `dn: uid=${uid},ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
mail: ${uid}@example.org
userPassword: password of ${uid}`,
);

const stack = new AsyncDisposableStack();
let slapd: TestSlapd;
let ldap: LdapSettings;
beforeAll(async () => {
  slapd = stack.use(await startSlapd({ entries: ENTRIES }));
  ldap = ldapSchema.parse({
    servers: [slapd.url],
    caFile: slapd.caFile,
    bindDn: slapd.serviceDn,
    bindPasswordFile: slapd.servicePasswordFile,
    base: slapd.base,
    site: 'dublin',
    operationLimitMs: 1_500,
    entrySeconds: 0,
  });
});
afterAll(() => stack.disposeAsync());

function openSite(changes: Partial<LdapSettings> = {}): Promise<TestSite> {
  const throttle = throttleSchema.parse({ enabled: false });
  return openTestSite({ directLogin: true, changes: { ldap: { ...ldap, ...changes }, throttle } });
}

it('lets somebody in by any protocol, by an account that is there from his first login on', async () => {
  await using site = await openSite();
  await using imap = await site.connect('imaps');
  await imap.expectOk('LOGIN bo "password of bo"');
  const id = await site.directory.findAccountId('bo@example.org');
  expect(id && (await site.directory.getAccount(id))).toMatchObject({
    home: 'dublin',
    ldap: { state: 'present' },
  });
  expect(site.log).toContainEqual(
    expect.objectContaining({ event: 'ldap.account-added', account: 'bo@example.org' }),
  );
  await using pop3 = await site.connect('pop3s');
  await askPop3(pop3, 'USER bo@example.org');
  expect(await askPop3(pop3, 'PASS password of bo')).toMatch(/^\+OK/);
  await using submission = await site.connect('submissions');
  await askSmtp(submission, 'EHLO client.example.test');
  const plain = Buffer.from('\0bo\0password of bo').toString('base64');
  expect(await askSmtp(submission, `AUTH PLAIN ${plain}`)).toMatch(/^235 /);
  // The second and third login were remembered: LDAP was asked for the first one alone.
  const text = await site.metrics.format();
  expect(text).toMatch(/ldap_duration_seconds_count\{[^}]*operation="bind"[^}]*\} 1\n/);
});

it('tells nobody whether it was the name or the password', async () => {
  await using site = await openSite();
  await using client = await site.connect('imaps');
  const answer = async (login: string): Promise<string> => {
    await client.sendLine(`a LOGIN ${login}`);
    return (await client.readLine()).replace(/\(ref .*/, '');
  };
  const wrong = await answer('carla "password of bo"');
  expect(wrong).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/);
  expect(await answer('nobody "password of bo"')).toBe(wrong);
  expect(await site.directory.findAccountId('carla@example.org')).toBeUndefined();
});

it('calls a frozen LDAP unavailable in time, forgets nobody, and goes on when it is back', async () => {
  await using site = await openSite({ rememberSeconds: 300 });
  await using known = await site.connect('imaps');
  await known.expectOk('LOGIN carla "password of carla"');
  await using client = await site.connect('imaps');
  await slapd.freeze();
  try {
    const startedAtMs = performance.now();
    await client.sendLine('a LOGIN dan "password of dan"');
    expect(await client.readLine()).toMatch(/^a NO \[UNAVAILABLE\]/);
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
    // Right within minutes, and the account is in the directory.
    await using again = await site.connect('imaps');
    await again.expectOk('LOGIN carla "password of carla"');
    await known.expectOk('NOOP');
  } finally {
    slapd.thaw();
  }
  await client.expectOk('LOGIN dan "password of dan"');
  expect(site.log).toContainEqual(
    expect.objectContaining({
      event: 'login.failed',
      reason: expect.stringMatching(/^(?:ldap-unavailable|directory-away)$/) as unknown,
    }),
  );
});

it('lets nobody in by an app password whose entry is gone, and ends what he had opened', async () => {
  await using site = await openSite();
  await using open = await site.connect('imaps');
  await open.expectOk('LOGIN eva "password of eva"');
  const id = await site.directory.findAccountId('eva@example.org');
  const service = createAppPasswordService({ driver: site.directory });
  const made = id && (await service.add(id, { label: 'telephone', protocols: ['imap'] }));
  if (!made?.ok) throw new Error('no app password');
  const logIn = async (): Promise<string> => {
    await using client = await site.connect('imaps');
    await client.sendLine(`a LOGIN eva "${made.secret}"`);
    return await client.readLine();
  };
  await expect.poll(logIn).toMatch(/^(?:\* CAPABILITY|a OK)/);
  await slapd.modify(`dn: uid=eva,ou=people,${slapd.base}\nchangetype: delete\n`);

  expect(await logIn()).toMatch(/^a NO/);

  const stateOf = async (): Promise<unknown> => (await site.directory.getAccount(id!))?.ldap?.state;
  await expect.poll(stateOf, { timeout: 10_000 }).toBe('absent');
  expect(await open.readLine()).toMatch(/^\* BYE/);
});

it('is switched on by settings, without a restart', async () => {
  await using site = await openTestSite({ directLogin: true });
  for (const [name, value] of Object.entries(ldap)) {
    await site.directory.setSetting(`ldap.${name}`, value);
  }
  await expect
    .poll(
      async () => {
        await using client = await site.connect('imaps');
        await client.sendLine('a LOGIN dan "password of dan"');
        return await client.readLine();
      },
      { timeout: 5_000 },
    )
    .toMatch(/^(?:\* CAPABILITY|a OK)/);
});
