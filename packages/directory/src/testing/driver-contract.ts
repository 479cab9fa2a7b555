/**
 * What every driver must do, as tests that run on each of them against its real store. Timing
 * claims ("within a second") are checked by waiting for the fact, up to the limit.
 */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createAccountIdSource } from '../account-id.ts';
import {
  DirectoryUnavailableError,
  type AccountId,
  type AccountRecord,
  type AppPasswords,
  type CredentialSet,
  type Delegate,
  type DirectoryChange,
  type SessionClaim,
  type SiteName,
  type SiteRecord,
} from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { createShardTable, workerFor } from '../shard.ts';
import { createGroup, describeGroups } from './group-contract.ts';
import { describeOperations } from './operations-contract.ts';
import { describeThrottleStore } from './throttle-contract.ts';

/** One store, fresh for each test, and the ways to trouble it. */
export interface DriverContractHarness {
  /** Another process's view of the same store. */
  open(options?: { leaseLifeMs?: number; budgetMs?: number }): Promise<DirectoryDriver>;
  /** From now on writes (at least) cannot be done. */
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
  /** Closes what `open` gave and removes the store. */
  dispose(): Promise<void>;
}

const WITHIN_A_SECOND = { timeout: 1_000, interval: 10 };
const EVENTUALLY = { timeout: 10_000, interval: 20 };

const nextId = createAccountIdSource(Date.now, randomBytes);
const dublin = createSite('dublin', 2);
const oslo = createSite('oslo', 1);

export function describeDirectoryDriver(
  title: string,
  createHarness: () => Promise<DriverContractHarness>,
): void {
  describe(`${title} keeps the contract`, () => {
    let harness: DriverContractHarness;
    let driver: DirectoryDriver;

    beforeEach(async () => {
      harness = await createHarness();
      driver = await harness.open();
      await driver.putSite(dublin);
      // Messages of the set-up must not come in during the test.
      let lastArea = '';
      const end = driver.subscribe((change) => (lastArea = change.area));
      await driver.putSite(oslo);
      await driver.setSetting('set-up', undefined);
      await vi.waitFor(() => expect(lastArea).toBe('settings'), WITHIN_A_SECOND);
      end();
    });
    afterEach(() => harness.dispose());

    describeAccounts(() => driver);
    describeDelegates(() => ({ driver, harness }));
    describeTables(() => driver);
    describeGroups(createAccount, () => ({ driver, open: () => harness.open() }));
    describeChanges(() => ({ driver, harness }));
    describeSessions(() => ({ driver, harness }));
    describeAbsence(() => ({ driver, harness }));
    describeOperations(() => harness.open());
    describeThrottleStore('throttle', async () => ({
      one: driver.throttle,
      other: (await harness.open()).throttle,
    }));
  });
}

function describeAccounts(get: () => DirectoryDriver): void {
  test('addAccount() stores record and secrets as they are', async () => {
    const driver = get();
    const account = createAccount('anna', {
      displayName: 'Anna Ø',
      connectionLimit: 3,
      quotaBytes: 2 ** 40,
      quotaMessages: 1,
      delegates: [{ accountId: nextId(), rights: ['read', 'send-as'] }],
      ldap: { entryId: 'a1b2', loginName: undefined, state: 'disabled' },
    });
    const secrets = createSecrets('one');
    expect(await driver.addAccount(account, secrets)).toEqual({ ok: true });
    expect(await driver.getAccount(account.id)).toStrictEqual(account);
    expect(await driver.getCredentials(account.id)).toStrictEqual(secrets);
    expect(await driver.loadLogin(account.id)).toStrictEqual({ account, credentials: secrets });
  });

  test('addAccount() without secrets leaves none', async () => {
    const driver = get();
    const account = await addAccount(driver, 'anna');
    expect(await driver.getCredentials(account.id)).toBeUndefined();
    expect((await driver.loadLogin(account.id))?.credentials).toBeUndefined();
  });

  test('findAccountId() finds an account by each of its names and by no other', async () => {
    const driver = get();
    const names = ['anna', 'example\\anna', 'anna@corp.example', 'ännä', 'a{b}c:d*?'];
    const account = await addAccount(driver, 'anna', { names: ['anna@example.org', ...names] });
    for (const name of account.names) expect(await driver.findAccountId(name)).toBe(account.id);
    for (const name of ['', 'ann', 'anna@example.orgx', 'toString', 'A{B}C:D*?']) {
      expect(await driver.findAccountId(name)).toBeUndefined();
    }
  });

  test('unknown ids are absent, not faults', async () => {
    const driver = get();
    const id = nextId();
    expect(await driver.getAccount(id)).toBeUndefined();
    expect(await driver.getCredentials(id)).toBeUndefined();
    expect(await driver.loadLogin(id)).toBeUndefined();
    expect(await driver.setCredentials(id, undefined)).toMatchObject({ reason: 'nonexistent' });
    expect(await driver.deleteAccount(id)).toMatchObject({ reason: 'nonexistent' });
    const ghost = createAccount('ghost');
    expect(await driver.replaceAccount(ghost, 1)).toMatchObject({ reason: 'nonexistent' });
  });

  test('addAccount() refuses a taken name and leaves nothing behind', async () => {
    const driver = get();
    await addAccount(driver, 'anna', { names: ['anna@example.org', 'shop'] });
    const second = createAccount('bob', { names: ['bob@example.org', 'bob', 'shop'] });
    const outcome = await driver.addAccount(second, createSecrets('x'));
    expect(outcome).toMatchObject({ ok: false, reason: 'name-taken' });
    expect(outcome).toMatchObject({ detail: expect.stringContaining('shop') });
    expect(await driver.getAccount(second.id)).toBeUndefined();
    expect(await driver.findAccountId('bob')).toBeUndefined();
    expect(await driver.listAccounts({ after: undefined, limit: 10 })).toHaveLength(1);
  });

  test('addAccount() refuses a known id and an unknown site', async () => {
    const driver = get();
    const anna = await addAccount(driver, 'anna');
    expect(
      await driver.addAccount({ ...createAccount('eve'), id: anna.id }, undefined),
    ).toMatchObject({ reason: 'exists' });
    const stray = createAccount('stray', { home: 'nowhere' as SiteName });
    expect(await driver.addAccount(stray, undefined)).toMatchObject({ reason: 'unknown-site' });
    expect(await driver.replaceAccount({ ...anna, home: stray.home }, 1)).toMatchObject({
      reason: 'unknown-site',
    });
  });

  test('of ten writers that want one name exactly one gets it', async () => {
    const driver = get();
    const rivals = Array.from({ length: 10 }, (_, i) =>
      createAccount(`rival${i}`, { names: [`rival${i}@example.org`, 'prize'] }),
    );
    const outcomes = await Promise.all(rivals.map((one) => driver.addAccount(one, undefined)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    const winner = rivals[outcomes.findIndex((outcome) => outcome.ok)];
    expect(await driver.findAccountId('prize')).toBe(winner?.id);
    expect(await driver.listAccounts({ after: undefined, limit: 100 })).toHaveLength(1);
  });

  test('replaceAccount() raises the version, frees old names and takes new ones', async () => {
    const driver = get();
    const anna = await addAccount(driver, 'anna', { names: ['anna@example.org', 'anna'] });
    const renamed = { ...anna, names: ['anna@example.org', 'ann'], isEnabled: false };
    expect(await driver.replaceAccount(renamed, 1)).toEqual({ ok: true });
    expect(await driver.getAccount(anna.id)).toStrictEqual({ ...renamed, version: 2 });
    expect(await driver.findAccountId('anna')).toBeUndefined();
    expect(await driver.findAccountId('ann')).toBe(anna.id);
    await addAccount(driver, 'other', { names: ['other@example.org', 'anna'] });
  });

  test('replaceAccount() keeps the secrets', async () => {
    const driver = get();
    const anna = createAccount('anna');
    await driver.addAccount(anna, createSecrets('kept'));
    await driver.replaceAccount({ ...anna, displayName: 'Anna' }, 1);
    expect(await driver.getCredentials(anna.id)).toEqual(createSecrets('kept'));
  });

  test('replaceAccount() refuses an old version and a taken name, changing nothing', async () => {
    const driver = get();
    const anna = await addAccount(driver, 'anna');
    await addAccount(driver, 'bob', { names: ['bob@example.org', 'bob'] });
    expect(await driver.replaceAccount({ ...anna, isEnabled: false }, 7)).toMatchObject({
      reason: 'conflict',
    });
    const greedy = { ...anna, names: [...anna.names, 'bob'] };
    expect(await driver.replaceAccount(greedy, 1)).toMatchObject({ reason: 'name-taken' });
    expect(await driver.getAccount(anna.id)).toStrictEqual(anna);
  });

  test('of ten writers that replace one version exactly one succeeds', async () => {
    const driver = get();
    const anna = await addAccount(driver, 'anna');
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        driver.replaceAccount({ ...anna, names: [anna.address, `n${i}`] }, 1),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    const held = await Promise.all(
      Array.from({ length: 10 }, (_, i) => driver.findAccountId(`n${i}`)),
    );
    expect(held.filter((id) => id !== undefined)).toHaveLength(1);
    expect((await driver.getAccount(anna.id))?.version).toBe(2);
  });

  test('setCredentials() sets, replaces and removes, and raises the version each time', async () => {
    const driver = get();
    const anna = await addAccount(driver, 'anna');
    for (const secrets of [createSecrets('one'), createSecrets('two'), undefined]) {
      expect(await driver.setCredentials(anna.id, secrets)).toEqual({ ok: true });
      expect(await driver.getCredentials(anna.id)).toEqual(secrets);
    }
    expect(await driver.getAccount(anna.id)).toStrictEqual({ ...anna, version: 4 });
  });

  test('setCredentials() by many at once all succeed', async () => {
    const driver = get();
    const anna = await addAccount(driver, 'anna');
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map((n) => driver.setCredentials(anna.id, createSecrets(String(n)))),
    );
    expect(outcomes).toEqual([{ ok: true }, { ok: true }, { ok: true }, { ok: true }]);
    expect((await driver.getAccount(anna.id))?.version).toBe(5);
  });

  test('deleteAccount() frees all names, the secrets and the site', async () => {
    const driver = get();
    const anna = createAccount('anna', { names: ['anna@example.org', 'anna'] });
    await driver.addAccount(anna, createSecrets('gone'));
    expect(await driver.deleteAccount(anna.id)).toEqual({ ok: true });
    expect(await driver.loadLogin(anna.id)).toBeUndefined();
    expect(await driver.getCredentials(anna.id)).toBeUndefined();
    for (const name of anna.names) expect(await driver.findAccountId(name)).toBeUndefined();
    expect(await driver.listAccounts({ after: undefined, limit: 10 })).toEqual([]);
    expect(await driver.deleteSite(anna.home)).toEqual({ ok: true });
    expect(await driver.deleteAccount(anna.id)).toMatchObject({ reason: 'nonexistent' });
  });

  test('listAccounts() pages in the order of the addresses, each account once', async () => {
    const driver = get();
    const locals = ['zoe', 'anna', 'anna2', 'anna-b', 'émile', 'b', 'Ω', 'anna.x', 'm', 'aa'];
    for (const local of locals) await addAccount(driver, local);
    const seen: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await driver.listAccounts({ after, limit: 3 });
      expect(page.length).toBeLessThanOrEqual(3);
      if (page.length === 0) break;
      seen.push(...page.map((account) => account.address));
      after = page.at(-1)?.address;
    }
    const expected = locals.map((local) => `${local}@example.org`);
    expect(seen).toEqual(
      expected.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
  });

  test('listAccounts() follows a changed address', async () => {
    const driver = get();
    const anna = await addAccount(driver, 'anna');
    await addAccount(driver, 'bob');
    const renamed = { ...anna, address: 'zoe@example.org', names: ['zoe@example.org'] };
    await driver.replaceAccount(renamed, 1);
    const page = await driver.listAccounts({ after: undefined, limit: 10 });
    expect(page.map((one) => one.address)).toEqual(['bob@example.org', 'zoe@example.org']);
  });
}

function describeDelegates(get: () => Context): void {
  const full = (accountId: AccountId): Delegate => ({ accountId, rights: ['full'] });

  test('listSharers() follows every change of delegates, on every instance', async () => {
    const { driver, harness } = get();
    const other = await harness.open();
    const [anna, berta, clara] = [nextId(), nextId(), nextId()];
    const sharersOf = (): Promise<(readonly AccountId[])[]> =>
      Promise.all([anna, berta, clara].map((id) => other.listSharers(id)));
    const shop = await addAccount(driver, 'shop', { delegates: [full(anna), full(berta)] });
    const desk = await addAccount(driver, 'desk', { delegates: [full(berta)] });
    const both = [shop.id, desk.id].toSorted();
    expect(await sharersOf()).toEqual([[shop.id], both, []]);
    const moved = { ...shop, delegates: [full(berta), full(clara)] };
    expect(await driver.replaceAccount(moved, 1)).toEqual({ ok: true });
    expect(await sharersOf()).toEqual([[], both, [shop.id]]);
    await driver.deleteAccount(shop.id);
    expect(await sharersOf()).toEqual([[], [desk.id], []]);
    await driver.replaceAccount({ ...desk, delegates: [] }, 1);
    expect(await sharersOf()).toEqual([[], [], []]);
  });

  test('a refused write changes nobody’s sharers', async () => {
    const { driver } = get();
    const anna = nextId();
    const shop = await addAccount(driver, 'shop', { names: ['shop@example.org', 'shop'] });
    const delegates = [full(anna)];
    const rival = createAccount('rival', { names: ['rival@example.org', 'shop'], delegates });
    expect(await driver.addAccount(rival, undefined)).toMatchObject({ reason: 'name-taken' });
    expect(await driver.replaceAccount({ ...shop, delegates }, 9)).toMatchObject({
      reason: 'conflict',
    });
    expect(await driver.listSharers(anna)).toEqual([]);
  });

  test('other rights for the same delegate leave the sharers as they are', async () => {
    const { driver } = get();
    const anna = nextId();
    const shop = await addAccount(driver, 'shop', { delegates: [full(anna)] });
    const heard: DirectoryChange[] = [];
    driver.subscribe((change) => heard.push(change));
    const delegates = [{ accountId: anna, rights: ['read'] as const }];
    await driver.replaceAccount({ ...shop, delegates }, 1);
    expect(await driver.listSharers(anna)).toEqual([shop.id]);
    expect((await driver.getAccount(shop.id))?.delegates).toEqual(delegates);
    await vi.waitFor(() => expect(heard.at(-1)).toEqual(changeOf(shop)), WITHIN_A_SECOND);
  });

  test('a change tells whose sharers are others now', async () => {
    const { driver } = get();
    const [anna, berta] = [nextId(), nextId()];
    const shop = createAccount('shop', { delegates: [full(anna)] });
    const heard: DirectoryChange[] = [];
    driver.subscribe((change) => heard.push(withoutEpoch(change)));
    await driver.addAccount(shop, undefined);
    await driver.replaceAccount({ ...shop, delegates: [full(berta)] }, 1);
    await driver.deleteAccount(shop.id);
    const expected = [[anna], [anna, berta], [berta]].map((ids) => changeOf(shop, ids));
    const told = (): unknown => heard.filter((one) => one.area === 'account');
    await vi.waitFor(() => expect(told()).toEqual(expected), WITHIN_A_SECOND);
  });
}

/** Which drivers tell that may be set back. */
function withoutEpoch(change: DirectoryChange): DirectoryChange {
  return change.area === 'account' ? { ...change, epoch: undefined } : change;
}

function describeTables(get: () => DirectoryDriver): void {
  test('sites are stored with their shard tables, listed by name and replaced', async () => {
    const driver = get();
    expect(await driver.getSite(dublin.name)).toStrictEqual(dublin);
    expect(await driver.listSites()).toStrictEqual([dublin, oslo]);
    const grown = { ...createSite('dublin', 3), version: 2 };
    await driver.putSite(grown);
    expect(await driver.getSite(dublin.name)).toStrictEqual(grown);
    expect(await driver.getSite('nowhere' as SiteName)).toBeUndefined();
    const owner = workerFor(grown, nextId());
    expect(grown.workers[owner?.workerIndex ?? -1]).toEqual(owner?.address);
  });

  test('putSite() keeps all that is said of a site of other software', async () => {
    const driver = get();
    const door = { hosts: [{ host: 'old.example.org', port: 143 }], tls: 'starttls' } as const;
    const old: SiteRecord = {
      name: 'old' as SiteName,
      serverName: '',
      workers: [],
      shardTable: { version: 1, workerOfShard: [] },
      foreign: {
        imap: door,
        pop3: { ...door, tls: 'none' },
        trust: { ca: 'PEM', pins: [`${'A'.repeat(43)}=`], clientCertificate: 'own' },
        login: { kind: 'master', user: 'm', secret: 'old', form: 'joined', separator: '%' },
        loginName: '{local}',
        clientIdentity: 'proxy-v2',
      },
      version: 1,
    };
    await driver.putSite(old);
    expect(await driver.getSite(old.name)).toStrictEqual(old);
    const guest = createAccount('guest', { home: old.name, homeLogin: 'g.uest' });
    expect(await driver.addAccount(guest, undefined)).toEqual({ ok: true });
    expect(await driver.getAccount(guest.id)).toStrictEqual(guest);
  });

  test('putSite() refuses a shard table that names a worker that is not there', async () => {
    const driver = get();
    const broken = { ...oslo, shardTable: createShardTable(2, 1) };
    await expect(driver.putSite(broken)).rejects.toThrow(RangeError);
    expect(await driver.getSite(oslo.name)).toStrictEqual(oslo);
  });

  test('deleteSite() refuses a site where accounts live, also after they moved there', async () => {
    const driver = get();
    const anna = await addAccount(driver, 'anna');
    expect(await driver.deleteSite(dublin.name)).toMatchObject({ reason: 'in-use' });
    await driver.replaceAccount({ ...anna, home: oslo.name, epoch: 2 }, 1);
    expect(await driver.deleteSite(oslo.name)).toMatchObject({ reason: 'in-use' });
    expect(await driver.deleteSite(dublin.name)).toEqual({ ok: true });
    expect(await driver.deleteSite(dublin.name)).toMatchObject({ reason: 'nonexistent' });
    expect(await driver.listSites()).toStrictEqual([oslo]);
  });

  test('front-end keys are stored, revoked and listed by id', async () => {
    const driver = get();
    const key = {
      keyId: 'k2',
      publicKey: 'MCowBQYDK2VwAyEA',
      label: 'fe-1',
      createdAtMs: 1,
      revokedAtMs: undefined,
    };
    await driver.putFrontEndKey(key);
    await driver.putFrontEndKey({ ...key, keyId: 'k1' });
    await driver.putFrontEndKey({ ...key, revokedAtMs: 5 });
    expect(await driver.listFrontEndKeys()).toStrictEqual([
      { ...key, keyId: 'k1' },
      { ...key, revokedAtMs: 5 },
    ]);
  });

  test('app passwords are replaced as a whole, raise the version, and are told of', async () => {
    const driver = get();
    const account = await addAccount(driver, 'anna');
    const made = appPasswordsOf('one', 'two');
    const heard: DirectoryChange[] = [];
    onTestFinished(driver.subscribe((change) => heard.push(change)));
    expect(await driver.setAppPasswords(account.id, made, account.version)).toEqual({ ok: true });
    const login = await driver.loadLogin(account.id);
    expect(login?.appPasswords).toStrictEqual(made);
    expect(login?.account.version).toBe(account.version + 1);
    await vi.waitFor(
      () => expect(heard).toContainEqual(expect.objectContaining({ id: account.id })),
      WITHIN_A_SECOND,
    );
    expect(await driver.setAppPasswords(account.id, undefined, account.version)).toMatchObject({
      ok: false,
      reason: 'conflict',
    });
    await driver.setAppPasswords(account.id, undefined, account.version + 1);
    expect(await driver.loadLogin(account.id)).not.toHaveProperty('appPasswords');
    const nobody = '01JD0000000000000000000ZZZ' as AccountId;
    expect(await driver.setAppPasswords(nobody, made, 1)).toMatchObject({ reason: 'nonexistent' });
  });

  test('uses of app passwords change no version, and go with them and with the account', async () => {
    const driver = get();
    const account = await addAccount(driver, 'anna');
    await driver.setAppPasswords(account.id, appPasswordsOf('one', 'two'), account.version);
    await driver.noteAppPasswordUse(account.id, 'one', 1_000);
    await driver.noteAppPasswordUse(account.id, 'two', 1_500);
    await driver.noteAppPasswordUse(account.id, 'one', 2_000);
    const uses = (): Promise<unknown> =>
      driver.listAppPasswordUses(account.id).then((all) => Object.fromEntries(all));
    expect(await uses()).toEqual({ one: 2_000, two: 1_500 });
    expect((await driver.getAccount(account.id))?.version).toBe(account.version + 1);
    await driver.setAppPasswords(account.id, appPasswordsOf('two'), account.version + 1);
    expect(await uses()).toEqual({ two: 1_500 });
    await driver.deleteAccount(account.id);
    await driver.noteAppPasswordUse(account.id, 'two', 3_000);
    expect(await uses()).toEqual({});
    expect(await driver.getAccount(account.id)).toBe(undefined);
  });

  test('a shared secret is made once, whoever asks first', async () => {
    const driver = get();
    const [here, there] = await Promise.all([
      driver.getSharedSecret('scram-salts'),
      driver.getSharedSecret('scram-salts'),
    ]);
    expect(here).toHaveLength(32);
    expect(there).toEqual(here);
    expect(await driver.getSharedSecret('scram-salts')).toEqual(here);
  });

  test('settings keep any JSON value, unknown names too, until they are removed', async () => {
    const driver = get();
    const values = { 'a.b': 1, c: 'text', d: [1, { e: null }], f: false, __proto__x: {}, g: null };
    for (const [name, value] of Object.entries(values)) await driver.setSetting(name, value);
    expect(await driver.getSettings()).toEqual(values);
    await driver.setSetting('c', undefined);
    expect(await driver.getSettings()).not.toHaveProperty('c');
  });
}

interface Context {
  readonly driver: DirectoryDriver;
  readonly harness: DriverContractHarness;
}

function describeChanges(get: () => Context): void {
  test('every kind of change reaches another instance within a second', async () => {
    const { driver, harness } = get();
    const other = await harness.open();
    const heard: DirectoryChange[] = [];
    other.subscribe((change) => heard.push(withoutEpoch(change)));
    const anna = createAccount('anna', { names: ['anna@example.org', 'anna'] });
    const renamed = { ...anna, names: ['anna@example.org', 'ann'] };
    const bothNames = { ...anna, names: [...anna.names, 'ann'] };
    const all = createGroup('all');
    const renamedAll = { ...all, names: [all.address, 'everybody@example.org'] };
    const bothAll = expect.arrayContaining([...renamedAll.names]) as unknown as string[];
    const key = { keyId: 'k', publicKey: '', label: '', createdAtMs: 1, revokedAtMs: undefined };
    const steps: [DirectoryChange, () => Promise<unknown>][] = [
      [changeOf(anna), () => driver.addAccount(anna, undefined)],
      [changeOf(anna), () => driver.setCredentials(anna.id, createSecrets('x'))],
      [changeOf(bothNames), () => driver.replaceAccount(renamed, 2)],
      [changeOf(renamed), () => driver.deleteAccount(anna.id)],
      [{ area: 'group', id: all.id, names: all.names }, () => driver.addGroup(all)],
      [{ area: 'group', id: all.id, names: bothAll }, () => driver.replaceGroup(renamedAll, 1)],
      [{ area: 'group', id: all.id, names: renamedAll.names }, () => driver.deleteGroup(all.id)],
      [{ area: 'site', name: oslo.name }, () => driver.putSite(oslo)],
      [{ area: 'front-end-keys' }, () => driver.putFrontEndKey(key)],
      [{ area: 'settings' }, () => driver.setSetting('a', 1)],
    ];
    for (const [change, act] of steps) {
      heard.length = 0;
      await act();
      await vi.waitFor(() => expect(heard).toEqual([change]), WITHIN_A_SECOND);
    }
  });

  test('listeners hear of their own changes, in order, until they end', async () => {
    const { driver } = get();
    const heard: string[] = [];
    const end = driver.subscribe((change) => heard.push(change.area));
    await driver.setSetting('a', 1);
    await driver.putSite(oslo);
    await vi.waitFor(() => expect(heard).toEqual(['settings', 'site']), WITHIN_A_SECOND);
    end();
    end();
    await driver.setSetting('a', 2);
    const later: string[] = [];
    driver.subscribe((change) => later.push(change.area));
    await driver.setSetting('a', 3);
    await vi.waitFor(() => expect(later).toContain('settings'), WITHIN_A_SECOND);
    expect(heard).toEqual(['settings', 'site']);
  });

  test('a refused write announces nothing', async () => {
    const { driver } = get();
    const heard: DirectoryChange[] = [];
    driver.subscribe((change) => heard.push(change));
    const anna = await addAccount(driver, 'anna');
    await vi.waitFor(() => expect(heard.at(-1)).toHaveProperty('id', anna.id), WITHIN_A_SECOND);
    heard.length = 0;
    await driver.addAccount(anna, undefined);
    await driver.replaceAccount(anna, 9);
    await driver.deleteSite('nowhere' as SiteName);
    await driver.setSetting('last', 1);
    await vi.waitFor(() => expect(heard.at(-1)).toEqual({ area: 'settings' }), WITHIN_A_SECOND);
    expect(heard.filter((change) => change.area !== 'settings')).toEqual([]);
  });

  test('inSyncAtMs() goes on by itself', async () => {
    const { driver } = get();
    const before = driver.inSyncAtMs() ?? 0;
    await vi.waitFor(
      () => expect(driver.inSyncAtMs()).toBeGreaterThan(before + 100),
      WITHIN_A_SECOND,
    );
  });
}

function describeSessions(get: () => Context): void {
  const id = nextId();

  test('claim() counts the sessions of the account under all leases', async () => {
    const { driver, harness } = get();
    const first = await driver.openLease('fe-1');
    const second = await (await harness.open()).openLease('fe-2');
    expect(await first.claim(createClaim(id, 'c1'))).toBe(1);
    expect(await second.claim(createClaim(id, 'c2'))).toBe(2);
    expect(await first.claim(createClaim(id, 'c1'))).toBe(2);
    expect(await first.claim(createClaim(nextId(), 'c3'))).toBe(1);
    expect(await driver.countSessions(id)).toBe(2);
    await second.release(createClaim(id, 'c2'));
    await second.release(createClaim(id, 'c2'));
    expect(await driver.countSessions(id)).toBe(1);
  });

  test.each([
    ['of IPv4', ['192.0.2.7', '192.0.2.7', '192.0.2.7'], '192.0.2.8'],
    [
      'of IPv6, a /64 being one',
      ['2001:db8::7', '2001:db8::8', '2001:db8::7:0:0:1'],
      '2001:db8:0:1::7',
    ],
    ['of IPv4 in IPv6', ['::ffff:192.0.2.7', '192.0.2.7', '::ffff:192.0.2.7'], '::ffff:192.0.2.9'],
  ])('an address lease counts sessions under all leases by address, %s', async (_, own, other) => {
    const { driver, harness } = get();
    const otherDriver = await harness.open();
    const [first, second] = [await driver.openLease('fe-1'), await otherDriver.openLease('fe-2')];
    const here = await driver.openAddressLease('fe-1');
    const there = await otherDriver.openAddressLease('fe-2');
    const from = (conversationId: string, clientAddress: string): SessionClaim => ({
      ...createClaim(nextId(), conversationId),
      clientAddress,
    });
    const [one, two, three] = [0, 1, 2].map((i) => from(`c${i}`, own[i] ?? '')) as [
      SessionClaim,
      SessionClaim,
      SessionClaim,
    ];
    await first.claim(one);
    expect(await here.claim(one)).toBe(1);
    await second.claim(two);
    expect(await there.claim(two)).toBe(2);
    const elsewhere = from('elsewhere', other);
    await first.claim(elsewhere);
    expect(await here.claim(elsewhere)).toBe(1);
    await first.release(one);
    await here.release(one);
    await first.claim(three);
    await vi.waitFor(async () => expect(await here.claim(three)).toBe(2), WITHIN_A_SECOND);
    // Whoever dies takes his sessions with him, and they are no account's.
    await second.close();
    await there.close();
    await vi.waitFor(async () => expect(await here.claim(three)).toBe(1), WITHIN_A_SECOND);
    for (const name of [...own, '2001:db8::/64']) {
      expect(await driver.countSessions(name as AccountId)).toBe(0);
    }
  });

  test('an address lease does not count who has no limit there', async () => {
    const { driver } = get();
    const lease = await driver.openLease('fe-1');
    const addresses = await driver.openAddressLease('fe-1');
    for (const clientAddress of ['192.0.2.7', '2001:db8::7']) {
      const exempt = {
        ...createClaim(id, `exempt ${clientAddress}`),
        clientAddress,
        isCountedByAddress: false,
      } as const;
      await lease.claim(exempt);
      const counted = { ...createClaim(id, `counted ${clientAddress}`), clientAddress };
      await lease.claim(counted);
      expect(await addresses.claim(counted)).toBe(1);
      await lease.release(exempt);
      expect(await addresses.claim(counted)).toBe(1);
    }
  });

  test('close() of a lease ends all its sessions', async () => {
    const { driver } = get();
    const lease = await driver.openLease('fe-1');
    for (let i = 0; i < 5; i += 1) await lease.claim(createClaim(id, `c${i}`));
    expect(await driver.countSessions(id)).toBe(5);
    await lease.close();
    await lease.close();
    expect(await driver.countSessions(id)).toBe(0);
    expect(await lease.claim(createClaim(id, 'late'))).toBe(1);
    expect(await driver.countSessions(id)).toBe(0);
  });

  test('claims at once are each counted', async () => {
    const { driver } = get();
    const lease = await driver.openLease('fe-1');
    const counts = await Promise.all(
      Array.from({ length: 20 }, (_, i) => lease.claim(createClaim(id, `c${i}`))),
    );
    expect(Math.max(...counts)).toBe(20);
    expect(await driver.countSessions(id)).toBe(20);
  });

  test('sessions outlive many renewals of their lease', async () => {
    const { harness } = get();
    const short = await harness.open({ leaseLifeMs: 150 });
    const lease = await short.openLease('fe-1');
    await lease.claim(createClaim(id, 'c1'));
    const startedAtMs = performance.now();
    await vi.waitFor(
      async () => {
        expect(await short.countSessions(id)).toBe(1);
        expect(performance.now() - startedAtMs).toBeGreaterThan(500);
      },
      { timeout: 2_000, interval: 30 },
    );
  });
}

function describeAbsence(get: () => Context): void {
  test('while the store is away calls reject in time; it heals by itself', async () => {
    const { harness } = get();
    const driver = await harness.open({ budgetMs: 300 });
    await driver.setSetting('before', true);
    await harness.takeAway();
    const startedAtMs = performance.now();
    const write = driver.setSetting('meanwhile', true);
    await expect(write).rejects.toThrow(DirectoryUnavailableError);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    await harness.bringBack();
    await vi.waitFor(() => driver.setSetting('after', true), EVENTUALLY);
    expect(await driver.getSettings()).toMatchObject({ before: true, after: true });
  });

  test('while the store is away a lease counts its own; the store learns of them later', async () => {
    const { harness } = get();
    const id = nextId();
    const driver = await harness.open({ budgetMs: 400, leaseLifeMs: 1_200 });
    const lease = await driver.openLease('fe-1');
    await lease.claim(createClaim(id, 'before'));
    await lease.claim(createClaim(id, 'ends-meanwhile'));
    await harness.takeAway();
    await lease.release(createClaim(id, 'ends-meanwhile'));
    expect(await lease.claim(createClaim(id, 'm1'))).toBe(2);
    expect(await lease.claim(createClaim(id, 'm2'))).toBe(3);
    await harness.bringBack();
    await vi.waitFor(async () => expect(await driver.countSessions(id)).toBe(3), EVENTUALLY);
  });

  test('after close() calls reject as unavailable', async () => {
    const { driver } = get();
    await driver.close();
    await expect(driver.getSettings()).rejects.toThrow(DirectoryUnavailableError);
    await expect(driver.findAccountId('anna')).rejects.toThrow(DirectoryUnavailableError);
  });
}

/** The change that tells of an account, by all of these names at least. */
export function changeOf(
  account: AccountRecord,
  grantees: readonly AccountId[] = [],
): DirectoryChange {
  const names = expect.arrayContaining([...account.names]) as unknown as string[];
  return { area: 'account', id: account.id, names, grantees };
}

async function addAccount(
  driver: DirectoryDriver,
  local: string,
  overrides: Partial<AccountRecord> = {},
): Promise<AccountRecord> {
  const account = createAccount(local, overrides);
  expect(await driver.addAccount(account, undefined)).toEqual({ ok: true });
  return account;
}

/** A plain user at dublin, version 1. */
export function createAccount(
  local: string,
  overrides: Partial<AccountRecord> = {},
): AccountRecord {
  const address = `${local}@example.org`;
  return {
    id: nextId(),
    address,
    names: [address],
    displayName: undefined,
    kind: 'user',
    isEnabled: true,
    protocols: { imap: true, pop3: true, submission: false },
    home: dublin.name,
    epoch: 1,
    connectionLimit: undefined,
    quotaBytes: undefined,
    quotaMessages: undefined,
    delegates: [],
    version: 1,
    createdAtMs: 1_700_000_000_000,
    ...overrides,
  };
}

/** A record as a store of schema version 1 has it. */
export function asVersion1(account: AccountRecord): string {
  const { version: _keptBeside, delegates: _unknown, ...record } = account;
  return JSON.stringify(record);
}

/** Looks like a credential set; nothing verifies against it. */
export function createSecrets(mark: string): CredentialSet {
  return {
    argon2id: `$argon2id$v=19$m=8,t=1,p=1$${mark}`,
    scramSha256: { salt: 'c2FsdA==', iterationCount: 4096, storedKey: mark, serverKey: mark },
    setAtMs: 1,
  };
}

export function createSite(name: string, workerCount: number): SiteRecord {
  return {
    name: name as SiteName,
    serverName: `${name}.example.org`,
    workers: Array.from({ length: workerCount }, (_, i) => ({
      host: '127.0.0.1',
      imapsPort: 10_000 + i,
      pop3sPort: 11_000 + i,
      submissionsPort: 12_000 + i,
      submissionPort: 13_000 + i,
      lmtpsPort: 14_000 + i,
    })),
    shardTable: createShardTable(workerCount, 1),
    version: 1,
  };
}

export function createClaim(accountId: AccountId, conversationId: string): SessionClaim {
  return {
    conversationId,
    accountId,
    mailboxId: accountId,
    protocol: 'imap',
    site: dublin.name,
    clientAddress: '192.0.2.1',
    startedAtMs: 1,
  };
}

/** As `makeAppPassword` makes them, with ids that are known. */
function appPasswordsOf(...ids: readonly string[]): AppPasswords {
  return {
    scram: { salt: 'c2FsdA==', iterationCount: 4096 },
    all: ids.map((id) => ({
      id,
      label: id,
      protocols: ['imap', 'submission'],
      createdAtMs: 5,
      sha256: 'c2hh',
      storedKey: 'c3Q=',
      serverKey: 'c2U=',
    })),
  };
}
