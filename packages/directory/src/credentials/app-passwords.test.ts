import { createScramClient, type ScramProof } from '@homeward/sasl';
import { createTempFolder, FakeClock } from '@homeward/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAccountService, type AccountService } from '../accounts/account-service.ts';
import {
  createAppPasswordService,
  type AppPasswordService,
} from '../accounts/app-password-service.ts';
import { openEmbeddedDirectory } from '../embedded/embedded-directory.ts';
import { createShardTable } from '../shard.ts';
import {
  DirectoryUnavailableError,
  type AccountId,
  type LoginRecord,
  type SiteName,
} from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { AppPasswordUses } from './app-password-uses.ts';
import { APP_PASSWORD_COUNT_LIMIT, findAppPassword } from './app-passwords.ts';
import { createPasswordService } from './password-service.ts';
import { createScramJudge } from './scram-judge.ts';

const stack = new AsyncDisposableStack();
let driver: DirectoryDriver;
let accounts: AccountService;
let appPasswords: AppPasswordService;
let id: AccountId;
let count = 0;

beforeAll(async () => {
  const folder = stack.use(await createTempFolder('app-passwords'));
  driver = await openEmbeddedDirectory({ file: folder.join('directory.db') });
  stack.defer(() => driver.close());
  await driver.putSite({
    name: 'dublin' as SiteName,
    serverName: 'dublin.example',
    workers: [{ host: '127.0.0.1', imapsPort: 1, pop3sPort: 2 }],
    shardTable: createShardTable(1, 1),
    version: 1,
  });
  const argon2 = { memoryKib: 64, passCount: 1, parallelism: 1 };
  const passwords = createPasswordService({ argon2, scramIterationCount: 4096 });
  stack.defer(() => passwords.close());
  accounts = createAccountService({ driver, passwords });
  appPasswords = createAppPasswordService({ driver });
});
afterAll(() => stack.disposeAsync());

beforeEach(async () => {
  count += 1;
  const address = `anna${count}@example.org`;
  const added = await accounts.add({ address, site: 'dublin', password: 'own password' });
  if (!added.ok) throw new Error('not added');
  id = added.account.id;
});

async function add(
  label = 'telephone',
  protocols: Parameters<AppPasswordService['add']>[1]['protocols'] = ['imap'],
): Promise<string> {
  const outcome = await appPasswords.add(id, { label, protocols });
  if (!outcome.ok) throw new Error(outcome.problem.text);
  return outcome.secret;
}

async function load(): Promise<LoginRecord> {
  const login = await driver.loadLogin(id);
  if (login === undefined) throw new Error('no account');
  return login;
}

/** By which secret a SCRAM client with this password gets in, if it does. */
async function bySCRAM(password: string, protocol: 'imap' | 'pop3' = 'imap'): Promise<unknown> {
  const login = await load();
  const judge = createScramJudge(driver);
  const parameters = await judge.findParameters(login, 'anna');
  if (typeof parameters === 'string') throw new Error(parameters);
  const client = createScramClient({
    authzid: undefined,
    authcid: 'anna',
    password: Buffer.from(password),
    nonce: 'n',
  });
  const challenge = `r=nx,s=${parameters.salt},i=${parameters.iterationCount}`;
  const text = Buffer.from(client.step(Buffer.from(challenge))).toString();
  const [withoutProof = '', clientProof = ''] = text.split(',p=');
  const proof: ScramProof = {
    authMessage: `n=anna,r=n,${challenge},${withoutProof}`,
    clientProof: Buffer.from(clientProof, 'base64'),
  };
  const verdict = judge.verify(login, proof, protocol);
  return verdict.outcome === 'match' ? (verdict.appPasswordId ?? 'own') : 'mismatch';
}

describe('findAppPassword()', () => {
  const find = async (typed: string, protocol: 'imap' | 'pop3' = 'imap'): Promise<unknown> =>
    findAppPassword(await load(), Buffer.from(typed), protocol)?.label;

  test('knows each of them, however people write it', async () => {
    const [one, two] = [await add('one'), await add('two')];
    expect(await find(one)).toBe('one');
    expect(await find(two)).toBe('two');
    for (const way of [two.toUpperCase(), two.replaceAll('-', ''), two.replaceAll('-', ' ')]) {
      expect(await find(way)).toBe('two');
    }
  });

  test('knows no other, and none for a protocol that it was not made for', async () => {
    const secret = await add();
    const near = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');
    for (const wrong of ['', near, secret.slice(0, -1), `${secret}0`, 'own password', '\xff\xfe']) {
      expect(await find(wrong)).toBe(undefined);
    }
    expect(await find(secret, 'pop3')).toBe(undefined);
  });

  test.each(['guest', 'anonymous', 'administrator'] as const)(
    'knows none of an account that became %s',
    async (kind) => {
      const secret = await add();
      await accounts.change(id, { kind });
      expect(await find(secret)).toBe(undefined);
      expect(await bySCRAM(secret)).toBe('mismatch');
    },
  );

  test('knows none of another account', async () => {
    const secret = await add();
    const { appPasswords: stolen } = await load();
    const other = await accounts.add({ address: `eve${count}@example.org`, site: 'dublin' });
    if (!other.ok) throw new Error('not added');
    await driver.setAppPasswords(other.account.id, stolen, 1);
    const login = await driver.loadLogin(other.account.id);
    expect(findAppPassword(login, Buffer.from(secret), 'imap')).toBe(undefined);
  });
});

describe('SCRAM', () => {
  test('takes app passwords beside the account’s own', async () => {
    const [one, two] = [await add('one'), await add('two', ['pop3'])];
    const all = (await load()).appPasswords?.all ?? [];
    expect(await bySCRAM('own password')).toBe('own');
    expect(await bySCRAM(one)).toBe(all[0]?.id);
    expect(await bySCRAM(two, 'pop3')).toBe(all[1]?.id);
    expect(await bySCRAM(two)).toBe('mismatch');
    expect(await bySCRAM('wrong')).toBe('mismatch');
  });

  test('goes on to take them when the account’s own password changes', async () => {
    const secret = await add();
    await accounts.setPassword(id, 'another password');
    expect(await bySCRAM(secret)).not.toBe('mismatch');
    expect(await bySCRAM('another password')).toBe('own');
    expect(await bySCRAM('own password')).toBe('mismatch');
    await accounts.setPassword(id, undefined);
    expect(await bySCRAM(secret)).not.toBe('mismatch');
  });

  test('takes them alone where the account’s own password lets nobody in', async () => {
    const secret = await add();
    await accounts.change(id, { isPasswordLoginOff: true });
    expect(await bySCRAM('own password')).toBe('mismatch');
    expect(await bySCRAM(secret)).not.toBe('mismatch');
    await accounts.change(id, { isPasswordLoginOff: false });
    expect(await bySCRAM('own password')).toBe('own');
    expect((await load()).account).not.toHaveProperty('isPasswordLoginOff');
  });
});

describe('AppPasswordService', () => {
  test('lists them with their last use, and nothing of their secrets', async () => {
    const secret = await add('telephone', ['imap', 'pop3']);
    const [facts] = (await appPasswords.list(id)) ?? [];
    expect(facts).toMatchObject({ label: 'telephone', protocols: ['imap', 'pop3'] });
    expect(facts?.usedAtMs).toBe(undefined);
    expect(JSON.stringify(facts)).not.toContain(secret.slice(0, 5));
    await driver.noteAppPasswordUse(id, facts?.id ?? '', 42);
    expect((await appPasswords.list(id))?.[0]?.usedAtMs).toBe(42);
    expect(await appPasswords.list('01JD0000000000000000000ZZZ' as AccountId)).toBe(undefined);
  });

  test('revokes one by id or label, and no other', async () => {
    const [one, two] = [await add('one'), await add('two')];
    expect(await appPasswords.revoke(id, 'one')).toMatchObject({ ok: true });
    expect(findAppPassword(await load(), Buffer.from(one), 'imap')).toBe(undefined);
    expect(findAppPassword(await load(), Buffer.from(two), 'imap')?.label).toBe('two');
    expect(await appPasswords.revoke(id, 'one')).toMatchObject({ ok: false });
    expect(await appPasswords.revoke(id, 'two')).toMatchObject({ ok: true });
    expect(await load()).not.toHaveProperty('appPasswords');
  });

  test('makes several at once, one after the other', async () => {
    const labels = ['a', 'b', 'c', 'd'];
    await Promise.all(labels.map((label) => add(label)));
    const all = (await load()).appPasswords?.all ?? [];
    expect(all.map(({ label }) => label).toSorted()).toEqual(labels);
    expect(new Set(all.map((one) => one.id)).size).toBe(4);
  });

  test.each([
    ['', ['imap']],
    ['  ', ['imap']],
    ['a\nb', ['imap']],
    ['x'.repeat(101), ['imap']],
    ['telephone', []],
  ] as const)('refuses the label %j for %j', async (label, protocols) => {
    expect(await appPasswords.add(id, { label, protocols })).toMatchObject({ ok: false });
  });

  test('has an end to their number, and none for a kind that never gets in', async () => {
    await add();
    const { account, appPasswords: made } = await load();
    const [one] = made?.all ?? [];
    if (made === undefined || one === undefined) throw new Error('none was made');
    const all = Array.from({ length: APP_PASSWORD_COUNT_LIMIT }, (_, index) => ({
      ...one,
      id: `id${index}`,
      label: `label${index}`,
    }));
    await driver.setAppPasswords(id, { ...made, all }, account.version);
    const over = await appPasswords.add(id, { label: 'more', protocols: ['imap'] });
    expect(over).toMatchObject({ problem: { text: expect.stringContaining('has 50 already') } });
    const guest = await accounts.add({
      address: `guest${count}@example.org`,
      kind: 'guest',
      site: 'dublin',
    });
    if (!guest.ok) throw new Error('not added');
    const refused = await appPasswords.add(guest.account.id, { label: 'x', protocols: ['imap'] });
    expect(refused).toMatchObject({ problem: { text: expect.stringContaining('never gets in') } });
  });
});

describe('AppPasswordUses', () => {
  test('notes a use once an hour', async () => {
    const clock = new FakeClock();
    const noted: string[] = [];
    const uses = new AppPasswordUses({
      driver: {
        noteAppPasswordUse: async (account, which) => void noted.push(`${account}/${which}`),
      },
      clock,
      onFault: () => undefined,
    });
    uses.note(id, 'one');
    uses.note(id, 'one');
    uses.note(id, 'two');
    expect(noted).toEqual([`${id}/one`, `${id}/two`]);
    clock.advance(3_600_000);
    uses.note(id, 'one');
    expect(noted).toHaveLength(3);
  });

  test('holds up nobody while the directory is away, and notes the next use', async () => {
    let failure: Error | undefined = new DirectoryUnavailableError('away');
    let attempts = 0;
    const faults: unknown[] = [];
    const uses = new AppPasswordUses({
      driver: {
        noteAppPasswordUse() {
          attempts += 1;
          return failure === undefined ? Promise.resolve() : Promise.reject(failure);
        },
      },
      clock: new FakeClock(),
      onFault: (error) => faults.push(error),
    });
    uses.note(id, 'one');
    await Promise.resolve().then(() => undefined);
    failure = new Error('a bug');
    uses.note(id, 'one');
    await Promise.resolve().then(() => undefined);
    expect(attempts).toBe(2);
    expect(faults).toEqual([failure]);
  });
});
