/** Groups and their names, as every driver must keep them, against its real store. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAccountIdSource } from '../account-id.ts';
import type { AccountId, AccountRecord, GroupId, GroupRecord } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';

const nextId = createAccountIdSource(Date.now, randomBytes);

/**
 * @param createAccount Makes a record for `<local>@example.org`.
 * @param get A driver, and how to open another process's view of the same store.
 */
export function describeGroups(
  createAccount: (local: string, overrides?: Partial<AccountRecord>) => AccountRecord,
  get: () => { readonly driver: DirectoryDriver; readonly open: () => Promise<DirectoryDriver> },
): void {
  test('addGroup() stores the record as it is, for every instance', async () => {
    const { driver, open } = get();
    const group = createGroup('all', {
      names: ['all@example.org', 'ålle@example.org'],
      displayName: 'All Ø',
      members: [
        { kind: 'account', id: nextId() },
        { kind: 'group', id: createGroup('x').id },
        { kind: 'address', address: 'guest@example.net' },
      ],
      senders: { kind: 'named', named: [{ kind: 'account', id: nextId() }] },
    });
    expect(await driver.addGroup(group)).toEqual({ ok: true });
    const other = await open();
    expect(await other.getGroup(group.id)).toStrictEqual(group);
    const plain = createGroup('plain', { senders: { kind: 'members' } });
    await driver.addGroup(plain);
    expect(await other.getGroup(plain.id)).toStrictEqual(plain);
  });

  test('findHolder() tells accounts from groups; a group is no account', async () => {
    const { driver } = get();
    const anna = createAccount('anna', { names: ['anna@example.org', 'anna'] });
    const all = createGroup('all', { names: ['all@example.org', 'everybody@example.org'] });
    await driver.addAccount(anna, undefined);
    await driver.addGroup(all);
    for (const name of anna.names) {
      expect(await driver.findHolder(name)).toEqual({ kind: 'account', id: anna.id });
    }
    for (const name of all.names) {
      expect(await driver.findHolder(name)).toEqual({ kind: 'group', id: all.id });
      expect(await driver.findAccountId(name)).toBeUndefined();
    }
    expect(await driver.findHolder('nobody@example.org')).toBeUndefined();
    expect(await driver.getGroup(anna.id as string as GroupId)).toBeUndefined();
    expect(await driver.getAccount(all.id as string as AccountId)).toBeUndefined();
  });

  test('a name belongs to one account or one group', async () => {
    const { driver } = get();
    const anna = createAccount('anna', { names: ['anna@example.org', 'office@example.org'] });
    await driver.addAccount(anna, undefined);
    const all = createGroup('all');
    await driver.addGroup(all);
    const taken = { ok: false, reason: 'name-taken' };
    const rival = createGroup('rival', { names: ['rival@example.org', 'office@example.org'] });
    expect(await driver.addGroup(rival)).toMatchObject({
      ...taken,
      detail: expect.stringContaining('office@example.org'),
    });
    expect(await driver.getGroup(rival.id)).toBeUndefined();
    expect(await driver.findHolder('rival@example.org')).toBeUndefined();
    const greedy = { ...all, names: [...all.names, 'anna@example.org'] };
    expect(await driver.replaceGroup(greedy, 1)).toMatchObject(taken);
    expect(await driver.getGroup(all.id)).toStrictEqual(all);
    expect(await driver.addAccount(createAccount('all'), undefined)).toMatchObject(taken);
    const greedyAnna = { ...anna, names: [...anna.names, 'all@example.org'] };
    expect(await driver.replaceAccount(greedyAnna, 1)).toMatchObject(taken);
    await driver.deleteGroup(all.id);
    expect(await driver.replaceAccount(greedyAnna, 1)).toEqual({ ok: true });
  });

  test('of ten groups and accounts that want one name exactly one gets it', async () => {
    const { driver } = get();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => {
        const names = [`rival${i}@example.org`, 'prize@example.org'];
        return i % 2 === 0
          ? driver.addGroup(createGroup(`rival${i}`, { names }))
          : driver.addAccount(createAccount(`rival${i}`, { names }), undefined);
      }),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  });

  test('replaceGroup() raises the version, frees old names and takes new ones', async () => {
    const { driver } = get();
    const all = createGroup('all', { names: ['all@example.org', 'everybody@example.org'] });
    await driver.addGroup(all);
    const renamed = {
      ...all,
      address: 'team@example.org',
      names: ['team@example.org', 'all@example.org'],
    };
    expect(await driver.replaceGroup(renamed, 1)).toEqual({ ok: true });
    expect(await driver.getGroup(all.id)).toStrictEqual({ ...renamed, version: 2 });
    expect(await driver.findHolder('everybody@example.org')).toBeUndefined();
    expect(await driver.findHolder('team@example.org')).toEqual({ kind: 'group', id: all.id });
    expect(await driver.replaceGroup(all, 1)).toMatchObject({ reason: 'conflict' });
    const page = await driver.listGroups({ after: undefined, limit: 10 });
    expect(page.map(({ address }) => address)).toEqual(['team@example.org']);
  });

  test('of ten writers that replace one version of a group exactly one succeeds', async () => {
    const { driver } = get();
    const all = createGroup('all');
    await driver.addGroup(all);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        driver.replaceGroup({ ...all, names: [all.address, `n${i}@example.org`] }, 1),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect((await driver.getGroup(all.id))?.version).toBe(2);
  });

  test('deleteGroup() frees its names; what is not there is refused, not a fault', async () => {
    const { driver } = get();
    const all = createGroup('all');
    await driver.addGroup(all);
    expect(await driver.addGroup(createGroup('again', { id: all.id }))).toMatchObject({
      reason: 'exists',
    });
    expect(await driver.deleteGroup(all.id)).toEqual({ ok: true });
    expect(await driver.getGroup(all.id)).toBeUndefined();
    expect(await driver.findHolder('all@example.org')).toBeUndefined();
    expect(await driver.listGroups({ after: undefined, limit: 10 })).toEqual([]);
    expect(await driver.deleteGroup(all.id)).toMatchObject({ reason: 'nonexistent' });
    expect(await driver.replaceGroup(all, 1)).toMatchObject({ reason: 'nonexistent' });
    expect(await driver.addGroup(createGroup('all'))).toEqual({ ok: true });
  });

  test('listGroups() pages in the order of the addresses, each group once', async () => {
    const { driver } = get();
    const locals = ['zoe', 'all', 'all2', 'all-b', 'émile', 'b'];
    for (const local of locals) await driver.addGroup(createGroup(local));
    await driver.addAccount(createAccount('anna'), undefined);
    const seen: string[] = [];
    for (;;) {
      const page = await driver.listGroups({ after: seen.at(-1), limit: 4 });
      if (page.length === 0) break;
      seen.push(...page.map(({ address }) => address));
    }
    const expected = locals.map((local) => `${local}@example.org`);
    expect(seen).toEqual(
      expected.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
  });
}

/** A group without members, to which accounts may send, version 1. */
export function createGroup(local: string, overrides: Partial<GroupRecord> = {}): GroupRecord {
  const address = `${local}@example.org`;
  return {
    id: nextId() as string as GroupId,
    address,
    names: [address],
    displayName: undefined,
    members: [],
    senders: { kind: 'accounts' },
    version: 1,
    createdAtMs: 1_700_000_000_000,
    ...overrides,
  };
}
