import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPasswordService, type PasswordService } from '../credentials/password-service.ts';
import { openEmbeddedDirectory } from '../embedded/embedded-directory.ts';
import { DELEGATE_COUNT_LIMIT } from '../delegates.ts';
import type { AccountId, AccountRecord } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { createSite } from '../testing/driver-contract.ts';
import type { AccountField, AccountFields } from './account-fields.ts';
import {
  createAccountService,
  type AccountOutcome,
  type AccountService,
  type NewAccount,
} from './account-service.ts';

const passwords: PasswordService = createPasswordService({
  argon2: { memoryKib: 64, passCount: 1, parallelism: 1 },
  scramIterationCount: 4_096,
});
let folder: TempFolder;
let driver: DirectoryDriver;
let accounts: AccountService;

beforeEach(async () => {
  folder = await createTempFolder('accounts');
  driver = await openEmbeddedDirectory({ file: folder.join('directory.db') });
  await driver.putSite(createSite('dublin', 1));
  accounts = createAccountService({ driver, passwords });
});
afterEach(async () => {
  await driver.close();
  await folder.remove();
});
afterAll(() => passwords.close());

const anna: NewAccount = { address: 'Anna@Example.org', site: 'dublin', password: 'correct horse' };

function expectAccount(outcome: AccountOutcome): AccountRecord {
  expect(outcome).toMatchObject({ ok: true });
  if (!outcome.ok) throw new Error('refused');
  return outcome.account;
}

function fieldsOf(outcome: AccountOutcome): AccountField[] {
  return outcome.ok ? [] : outcome.problems.map((problem) => problem.field);
}

async function verify(account: AccountRecord, password: string): Promise<string> {
  return passwords.verifyPassword(await driver.loadLogin(account.id), Buffer.from(password));
}

describe('add()', () => {
  test('stores a normalised account whose password works', async () => {
    const names = ['ANNA', 'EXAMPLE/Anna', 'anna@example.org', 'a.smith@corp.example'];
    const account = expectAccount(await accounts.add({ ...anna, names, displayName: ' Anna ' }));
    expect(account).toMatchObject({
      address: 'anna@example.org',
      names: ['anna@example.org', 'anna', 'example\\anna', 'a.smith@corp.example'],
      displayName: 'Anna',
      kind: 'user',
      isEnabled: true,
      protocols: { imap: true, pop3: true, submission: true },
      home: 'dublin',
      epoch: 1,
      version: 1,
    });
    expect(await driver.getAccount(account.id)).toStrictEqual(account);
    expect(await verify(account, 'correct horse')).toBe('match');
    expect(await verify(account, 'wrong horse')).toBe('mismatch');
  });

  test('takes kind, switches, limit, and no password', async () => {
    const request = {
      address: 'shop@example.org',
      site: 'dublin',
      kind: 'shared',
      isEnabled: false,
      protocols: { pop3: false },
      connectionLimit: 3,
      quotaBytes: 1_000_000,
      quotaMessages: 10,
    };
    const account = expectAccount(await accounts.add(request));
    expect(account).toMatchObject({
      kind: 'shared',
      isEnabled: false,
      protocols: { imap: true, pop3: false, submission: true },
      connectionLimit: 3,
      quotaBytes: 1_000_000,
      quotaMessages: 10,
      delegates: [],
    });
    expect(await driver.getCredentials(account.id)).toBeUndefined();
  });

  test('names a taken name and an unknown site, and stores nothing', async () => {
    expectAccount(await accounts.add({ ...anna, names: ['anna'] }));
    const taken = await accounts.add({ ...anna, address: 'x@example.org', names: ['Anna'] });
    expect(taken).toMatchObject({
      problems: [{ field: 'names', text: expect.stringContaining('anna') }],
    });
    expect(fieldsOf(await accounts.add({ ...anna, address: 'y@b.c', site: 'oslo' }))).toEqual([
      'site',
    ]);
    expect(await driver.listAccounts({ after: undefined, limit: 9 })).toHaveLength(1);
  });

  test.each<[AccountField, AccountFields & { password?: string }]>([
    ['address', { address: '' }],
    ['address', { address: 'anna' }],
    ['address', { address: 'EXAMPLE\\anna' }],
    ['address', { address: 'anna@example.org/shop' }],
    ['address', { address: 'anna@' }],
    ['address', { address: 'an na@example.org' }],
    ['address', { address: 'anna..b@example.org' }],
    ['address', { address: '.anna@example.org' }],
    ['address', { address: 'anna@example..org' }],
    ['address', { address: 'anna@-example.org' }],
    ['address', { address: 'anna@exa_mple.org' }],
    ['address', { address: 'anna\r\n@example.org' }],
    ['address', { address: `${'a'.repeat(60)}@${'b.'.repeat(100)}org` }],
    ['names', { names: ['ok', 'a/b/c'] }],
    ['names', { names: ['a\0b'] }],
    ['names', { names: [''] }],
    ['names', { names: Array.from({ length: 65 }, (_, i) => `n${i}`) }],
    ['kind', { kind: 'root' }],
    ['kind', { kind: 'toString' }],
    ['site', { site: 'Dublin' }],
    ['displayName', { displayName: 'x\ny' }],
    ['displayName', { displayName: 'x'.repeat(257) }],
    ['quotaBytes', { quotaBytes: 0 }],
    ['quotaBytes', { quotaBytes: 1.5 }],
    ['quotaBytes', { quotaBytes: 2 ** 60 }],
    ['quotaMessages', { quotaMessages: -1 }],
    ['quotaMessages', { quotaMessages: Number.NaN }],
    ['connectionLimit', { connectionLimit: 0 }],
    ['connectionLimit', { connectionLimit: 1.5 }],
    ['connectionLimit', { connectionLimit: Number.NaN }],
    ['password', { password: '' }],
    ['password', { password: 's3cret'.repeat(1_000) }],
  ])('refuses a bad %s: %j', async (field, fields) => {
    const outcome = await accounts.add({ ...anna, ...fields } as NewAccount);
    expect(new Set(fieldsOf(outcome))).toEqual(new Set([field]));
    const text = JSON.stringify(outcome);
    expect(text).not.toMatch(/s3cret|correct horse/);
    expect(text).not.toMatch(/\\u0000|\\r|\\n/);
    expect(outcome).toMatchObject({ problems: [{ remedy: expect.stringMatching(/\.$/) }] });
  });

  test('tells all problems at once', async () => {
    const outcome = await accounts.add({ address: 'x', site: 'X', kind: 'x', names: ['@'] });
    expect(fieldsOf(outcome)).toEqual(['address', 'names', 'kind', 'site']);
  });
});

describe('find()', () => {
  test('finds by id and by every form of a name', async () => {
    const account = expectAccount(await accounts.add({ ...anna, names: ['EXAMPLE\\anna'] }));
    for (const which of [
      account.id,
      account.id.toLowerCase(),
      'ANNA@example.org',
      'example/ANNA',
    ]) {
      expect((await accounts.find(which))?.id).toBe(account.id);
    }
    for (const which of ['', 'bob', 'a/b/c', '01ARYZ6S410000000000000000', 'x\0']) {
      expect(await accounts.find(which)).toBeUndefined();
    }
  });
});

describe('change()', () => {
  test('changes what is given and keeps the rest', async () => {
    expectAccount(await accounts.add({ ...anna, names: ['anna'], displayName: 'Anna' }));
    const changed = expectAccount(
      await accounts.change('anna', {
        protocols: { pop3: false },
        connectionLimit: 5,
        quotaBytes: 5_000_000,
      }),
    );
    expect(changed).toMatchObject({
      names: ['anna@example.org', 'anna'],
      displayName: 'Anna',
      protocols: { imap: true, pop3: false },
      connectionLimit: 5,
      quotaBytes: 5_000_000,
      version: 2,
    });
    expect(await driver.getAccount(changed.id)).toStrictEqual(changed);
    expect(await verify(changed, 'correct horse')).toBe('match');
    const cleared = await accounts.change('anna', {
      displayName: null,
      connectionLimit: null,
      quotaBytes: null,
    });
    expect(expectAccount(cleared)).toMatchObject({
      displayName: undefined,
      connectionLimit: undefined,
      quotaBytes: undefined,
    });
  });

  test('replaces names and address', async () => {
    expectAccount(await accounts.add({ ...anna, names: ['anna', 'old'] }));
    const changed = expectAccount(
      await accounts.change('anna', { address: 'ann@example.org', names: ['new'] }),
    );
    expect(changed.names).toEqual(['ann@example.org', 'new']);
    expect(await accounts.find('anna@example.org')).toBeUndefined();
  });

  test('gives way to others and then succeeds: no change is lost', async () => {
    expectAccount(await accounts.add({ ...anna, names: ['anna'] }));
    const outcomes = await Promise.all([
      accounts.setEnabled('anna', false),
      accounts.change('anna', { displayName: 'Anna' }),
      accounts.change('anna', { connectionLimit: 7 }),
    ]);
    for (const outcome of outcomes) expectAccount(outcome);
    expect(await accounts.find('anna')).toMatchObject({
      isEnabled: false,
      displayName: 'Anna',
      connectionLimit: 7,
    });
  });

  test('refuses unknown accounts and bad fields', async () => {
    expect(fieldsOf(await accounts.change('bob', { isEnabled: false }))).toEqual(['account']);
    expectAccount(await accounts.add(anna));
    expect(fieldsOf(await accounts.change('anna@example.org', { address: 'x' }))).toEqual([
      'address',
    ]);
  });
});

describe('setDelegate()', () => {
  const shopMailbox: NewAccount = { address: 'shop@example.org', site: 'dublin', kind: 'shared' };

  async function addShopAndAnna(): Promise<{ shop: AccountRecord; person: AccountRecord }> {
    const shop = expectAccount(await accounts.add({ ...shopMailbox, names: ['shop'] }));
    const person = expectAccount(await accounts.add({ ...anna, names: ['anna'] }));
    return { shop, person };
  }

  test('gives, replaces and ends rights, each once and in order', async () => {
    const { shop, person } = await addShopAndAnna();
    const steps: [string[], AccountRecord['delegates']][] = [
      [['send-as', 'full', 'full'], [{ accountId: person.id, rights: ['full', 'send-as'] }]],
      [['read'], [{ accountId: person.id, rights: ['read'] }]],
      [[], []],
    ];
    for (const [rights, delegates] of steps) {
      const changed = expectAccount(await accounts.setDelegate('shop', 'ANNA', rights));
      expect(changed).toMatchObject({ id: shop.id, delegates });
      expect(await driver.getAccount(shop.id)).toStrictEqual(changed);
    }
  });

  test('keeps delegates in the order of their ids, whoever came first', async () => {
    const { person } = await addShopAndAnna();
    const berta = expectAccount(await accounts.add({ ...anna, address: 'b@example.org' }));
    await accounts.setDelegate('shop', berta.id, ['read']);
    const changed = expectAccount(await accounts.setDelegate('shop', person.id, ['read']));
    const ids = [person.id, berta.id].toSorted();
    expect(changed.delegates.map((one) => one.accountId)).toEqual(ids);
  });

  test('ends the delegation of an account that is gone', async () => {
    const { person } = await addShopAndAnna();
    await accounts.setDelegate('shop', 'anna', ['full']);
    await accounts.delete('anna');
    expect(expectAccount(await accounts.setDelegate('shop', person.id, []))).toMatchObject({
      delegates: [],
    });
  });

  test.each<[string, string, string, string[], AccountField]>([
    ['an unknown mailbox', 'nobody', 'anna', ['full'], 'account'],
    ['an unknown delegate', 'shop', 'nobody', ['full'], 'account'],
    ['an unknown delegate to end', 'shop', 'nobody', [], 'account'],
    ['an id that is nobody’s', 'shop', '01JD0000000000000000000000', ['full'], 'account'],
    ['a right that there is not', 'shop', 'anna', ['full', 'write'], 'delegates'],
    ['oneself', 'shop', 'shop', ['full'], 'delegates'],
    ['a guest as delegate', 'shop', 'guest', ['full'], 'delegates'],
    ['the mailbox of an administrator', 'root', 'anna', ['full'], 'delegates'],
  ])('refuses %s, and changes nothing', async (_what, which, delegate, rights, field) => {
    const { shop } = await addShopAndAnna();
    for (const [kind, name] of [
      ['guest', 'guest'],
      ['administrator', 'root'],
    ]) {
      const address = `${name}@example.org`;
      expectAccount(await accounts.add({ ...shopMailbox, address, kind, names: [name ?? ''] }));
    }
    expect(fieldsOf(await accounts.setDelegate(which, delegate, rights))).toEqual([field]);
    expect((await driver.getAccount(shop.id))?.version).toBe(1);
  });

  test('refuses more delegates than a record takes', async () => {
    const { shop, person } = await addShopAndAnna();
    const crowd = Array.from({ length: DELEGATE_COUNT_LIMIT }, (_, i) => ({
      accountId: `01JD${String(i).padStart(22, '0')}` as AccountId,
      rights: ['read'] as const,
    }));
    await driver.replaceAccount({ ...shop, delegates: crowd }, 1);
    expect(fieldsOf(await accounts.setDelegate('shop', person.id, ['full']))).toEqual([
      'delegates',
    ]);
    const [first] = crowd;
    expectAccount(await accounts.setDelegate('shop', first?.accountId ?? '', []));
    expectAccount(await accounts.setDelegate('shop', person.id, ['full']));
  });
});

describe('setPassword() and delete()', () => {
  test('setPassword() replaces the password, or removes it', async () => {
    const account = expectAccount(await accounts.add(anna));
    expectAccount(await accounts.setPassword(account.id, 'new one'));
    expect(await verify(account, 'new one')).toBe('match');
    expect(await verify(account, 'correct horse')).toBe('mismatch');
    expectAccount(await accounts.setPassword(account.id, undefined));
    expect(await verify(account, 'new one')).toBe('mismatch');
    expect(fieldsOf(await accounts.setPassword(account.id, ''))).toEqual(['password']);
    expect(fieldsOf(await accounts.setPassword('bob', 'x'))).toEqual(['account']);
  });

  test('delete() removes the account once', async () => {
    expectAccount(await accounts.add(anna));
    expectAccount(await accounts.delete('anna@example.org'));
    expect(fieldsOf(await accounts.delete('anna@example.org'))).toEqual(['account']);
  });
});
