import { createTempFolder } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbeddedDirectory } from '../embedded/embedded-directory.ts';
import type { AccountRecord, GroupRecord } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { createAccount, createSite } from '../testing/driver-contract.ts';
import { createGroupService, type GroupOutcome, type GroupService } from './group-service.ts';

let driver: DirectoryDriver;
let groups: GroupService;
let anna: AccountRecord;
let closers: (() => Promise<void>)[];

beforeEach(async () => {
  const folder = await createTempFolder('directory');
  driver = await openEmbeddedDirectory({ file: folder.join('directory.db') });
  groups = createGroupService({ driver });
  await driver.putSite(createSite('dublin', 1));
  anna = createAccount('anna', { names: ['anna@example.org', 'anna'] });
  await driver.addAccount(anna, undefined);
  closers = [() => driver.close(), () => folder.remove()];
});

afterEach(async () => {
  for (const close of closers) await close();
});

async function done(outcome: Promise<GroupOutcome>): Promise<GroupRecord> {
  const result = await outcome;
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.group;
}

async function problemsOf(outcome: Promise<GroupOutcome>): Promise<readonly string[]> {
  const result = await outcome;
  return result.ok ? [] : result.problems.map(({ field, text }) => `${field}: ${text}`);
}

describe('the group service', () => {
  test('adds groups, with members by name, id and address', async () => {
    const inner = await done(groups.add({ address: 'inner@example.org' }));
    const all = await done(
      groups.add({
        address: ' All@Example.org ',
        aliases: ['Everybody@example.org', 'all@example.org'],
        displayName: ' All of us ',
        members: ['ANNA', 'anna@example.org', inner.id, 'inner@example.org', 'Guest@example.net'],
      }),
    );
    expect(all).toMatchObject({
      address: 'all@example.org',
      names: ['all@example.org', 'everybody@example.org'],
      displayName: 'All of us',
      members: [
        { kind: 'account', id: anna.id },
        { kind: 'group', id: inner.id },
        { kind: 'address', address: 'Guest@example.net' },
      ],
      senders: { kind: 'accounts' },
      version: 1,
    });
    for (const which of ['ALL@example.org', 'everybody@example.org', all.id]) {
      expect(await groups.find(which)).toEqual(all);
    }
    expect(await groups.find('anna@example.org')).toBeUndefined();
    expect(await groups.find(anna.id)).toBeUndefined();
  });

  test('changes what is named, and keeps the rest', async () => {
    const all = await done(
      groups.add({
        address: 'all@example.org',
        aliases: ['every@example.org'],
        displayName: 'All',
        senders: 'anybody',
        members: ['anna'],
      }),
    );
    const same = await done(groups.change('all@example.org', {}));
    expect(same).toEqual({ ...all, version: 2 });
    const changed = await done(
      groups.change(all.id, { address: 'team@example.org', displayName: null, senders: 'members' }),
    );
    expect(changed).toMatchObject({
      address: 'team@example.org',
      names: ['team@example.org', 'every@example.org'],
      displayName: undefined,
      senders: { kind: 'members' },
      members: all.members,
    });
    expect(await groups.find('all@example.org')).toBeUndefined();
    const named = await done(groups.change(all.id, { named: ['anna', 'boss@example.net'] }));
    expect(named.senders).toEqual({
      kind: 'named',
      named: [
        { kind: 'account', id: anna.id },
        { kind: 'address', address: 'boss@example.net' },
      ],
    });
    expect((await done(groups.change(all.id, { aliases: [] }))).senders).toEqual(named.senders);
    expect(await groups.find('every@example.org')).toBeUndefined();
  });

  test('adds and removes members, those that are gone too', async () => {
    const all = await done(groups.add({ address: 'all@example.org', members: ['anna'] }));
    const more = await done(groups.addMembers(all.id, ['anna', 'a@example.net', 'b@example.net']));
    expect(more.members).toHaveLength(3);
    const fewer = await done(groups.removeMembers(all.id, ['A@EXAMPLE.net']));
    expect(fewer.members).toEqual([
      { kind: 'account', id: anna.id },
      { kind: 'address', address: 'b@example.net' },
    ]);
    await driver.deleteAccount(anna.id);
    const left = await done(groups.removeMembers(all.id, [anna.id]));
    expect(left.members).toEqual([{ kind: 'address', address: 'b@example.net' }]);
    expect(await problemsOf(groups.removeMembers(all.id, ['b@example.net', 'zoe']))).toEqual([
      'members: zoe is no member of all@example.org',
    ]);
    expect(await done(groups.find(all.id).then((group) => ({ ok: true, group: group! })))).toEqual(
      left,
    );
  });

  test('members added at once are all there', async () => {
    const all = await done(groups.add({ address: 'all@example.org' }));
    await Promise.all(
      [1, 2, 3, 4].map((n) => done(groups.addMembers(all.id, [`n${n}@example.net`]))),
    );
    expect((await groups.find(all.id))?.members).toHaveLength(4);
  });

  test('refuses what cannot be, and names it', async () => {
    const all = await done(groups.add({ address: 'all@example.org' }));
    const refused: [Promise<GroupOutcome>, string][] = [
      [groups.add({ address: 'all' }), 'address: "all" is not an e-mail address'],
      [groups.add({ address: 'anna@example.org' }), 'names: the name anna@example.org is taken'],
      [
        groups.add({ address: 'x@example.org', aliases: ['DOMAIN\\x'] }),
        'address: "DOMAIN\\x" is not an e-mail address',
      ],
      [groups.add({ address: 'x@example.org', members: ['zoe'] }), 'members: "zoe" is nobody here'],
      [
        groups.add({ address: 'x@example.org', members: ['a b@example.net'] }),
        'members: "a b@example.net" is nobody here',
      ],
      [groups.add({ address: 'x@example.org', senders: 'some' }), 'senders: "some" does not say'],
      [groups.add({ address: 'x@example.org', senders: 'named' }), 'senders: 0 senders are named'],
      [
        groups.change(all.id, { senders: 'anybody', named: ['anna'] }),
        'senders: who may send is "anybody"',
      ],
      [groups.addMembers(all.id, ['all@example.org']), 'members: a group is no member of itself'],
      [
        groups.addMembers(
          all.id,
          Array.from({ length: 2_001 }, (_, n) => `n${n}@example.net`),
        ),
        'members: there are 2001 members',
      ],
      [groups.change('anna', { displayName: 'x' }), 'group: there is no group anna'],
      [groups.delete('zoe@example.org'), 'group: there is no group zoe@example.org'],
    ];
    for (const [outcome, text] of refused) {
      const [problem, ...others] = await problemsOf(outcome);
      expect(problem?.slice(0, text.length)).toBe(text);
      expect(others).toEqual([]);
    }
    expect(await groups.find(all.id)).toEqual(all);
  });

  test('delete() frees the addresses', async () => {
    await done(groups.add({ address: 'all@example.org' }));
    expect((await done(groups.delete('ALL@example.org'))).address).toBe('all@example.org');
    await done(groups.add({ address: 'all@example.org' }));
  });
});
