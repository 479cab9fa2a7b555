import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  DirectoryUnavailableError,
  type AccountId,
  type AccountRecord,
  type DirectoryChange,
  type FrontEndKey,
  type GroupId,
  type GroupRecord,
  type LoginRecord,
  type NameHolder,
  type SiteName,
  type SiteRecord,
} from '../ports.ts';
import { createAccount, createSecrets, createSite } from '../testing/driver-contract.ts';
import { createGroup } from '../testing/group-contract.ts';
import {
  createDirectoryView,
  type DirectorySource,
  type DirectoryView,
  type DirectoryViewOptions,
} from './directory-view.ts';

const HOUR_MS = 60 * 60_000;

/** A directory whose every answer waits until the test lets it go. */
class ScriptedSource implements DirectorySource {
  readonly logins = new Map<AccountId, LoginRecord>();
  readonly groups = new Map<GroupId, GroupRecord>();
  readonly sites = new Map<SiteName, SiteRecord>();
  keys: FrontEndKey[] = [];
  settings: Record<string, unknown> = {};
  isAway = false;
  syncedAtMs: number | undefined = 0;
  callCount = 0;
  #held: (() => void)[] | undefined;
  readonly #listeners = new Set<(change: DirectoryChange) => void>();

  add(account: AccountRecord, mark = 'one'): LoginRecord {
    const record = { account, credentials: createSecrets(mark) };
    this.logins.set(account.id, record);
    return record;
  }

  hold(): void {
    this.#held = [];
  }

  letGo(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const release of held) release();
  }

  tell(change: DirectoryChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  findAccountId(name: string): Promise<AccountId | undefined> {
    const holder = [...this.logins.values()].find(({ account }) => account.names.includes(name));
    return this.#answer(holder?.account.id);
  }

  loadLogin(id: AccountId): Promise<LoginRecord | undefined> {
    return this.#answer(this.logins.get(id));
  }

  getAccount(id: AccountId): Promise<AccountRecord | undefined> {
    return this.#answer(this.logins.get(id)?.account);
  }

  listSharers(grantee: AccountId): Promise<readonly AccountId[]> {
    const accounts = [...this.logins.values()].map(({ account }) => account);
    const sharers = accounts.filter(({ delegates }) =>
      delegates.some(({ accountId }) => accountId === grantee),
    );
    return this.#answer(sharers.map(({ id }) => id));
  }

  findHolder(name: string): Promise<NameHolder | undefined> {
    const group = [...this.groups.values()].find(({ names }) => names.includes(name));
    if (group !== undefined) return this.#answer({ kind: 'group', id: group.id });
    const holder = [...this.logins.values()].find(({ account }) => account.names.includes(name));
    return this.#answer(holder && { kind: 'account', id: holder.account.id });
  }

  getGroup(id: GroupId): Promise<GroupRecord | undefined> {
    return this.#answer(this.groups.get(id));
  }

  getSite(name: SiteName): Promise<SiteRecord | undefined> {
    return this.#answer(this.sites.get(name));
  }

  listFrontEndKeys(): Promise<readonly FrontEndKey[]> {
    return this.#answer(this.keys);
  }

  getSettings(): Promise<Readonly<Record<string, unknown>>> {
    return this.#answer(this.settings);
  }

  subscribe(listener: (change: DirectoryChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  inSyncAtMs(): number | undefined {
    return this.syncedAtMs;
  }

  /** The answer is of the moment of the question, as with a real store. */
  async #answer<Value>(value: Value): Promise<Value> {
    this.callCount += 1;
    if (this.isAway) throw new DirectoryUnavailableError('away');
    if (this.#held !== undefined) {
      await new Promise<void>((resolve) => this.#held?.push(resolve));
    }
    return value;
  }
}

let clock: FakeClock;
let source: ScriptedSource;
let view: DirectoryView;
const anna = createAccount('anna', { names: ['anna@example.org', 'anna'] });

function open(options: DirectoryViewOptions = {}): DirectoryView {
  return createDirectoryView(source, { clock, ...options });
}

/** Lets time pass with the directory there, or away. */
function pass(ms: number): void {
  clock.advance(ms);
  if (!source.isAway) source.syncedAtMs = clock.elapsedMs();
}

/** The account as another process has just changed it. */
function change(overrides: Partial<AccountRecord>, mark = 'two'): LoginRecord {
  const record = source.add({ ...anna, ...overrides, version: 2 }, mark);
  const names = [...anna.names, ...record.account.names];
  source.tell({ area: 'account', id: anna.id, names, grantees: [] });
  return record;
}

/** Goes away, and comes back as drivers do: "everything" first, then in sync. */
function comeBack(): void {
  source.isAway = false;
  source.tell({ area: 'everything' });
  source.syncedAtMs = clock.elapsedMs();
}

beforeEach(() => {
  clock = new FakeClock();
  source = new ScriptedSource();
  view = open();
});

describe('findHolder() and findGroup()', () => {
  const all = createGroup('all', { members: [{ kind: 'account', id: anna.id }] });

  test('read once, until a change concerns them', async () => {
    source.add(anna);
    source.groups.set(all.id, all);
    const look = async (): Promise<unknown[]> => [
      await view.findHolder('all@example.org'),
      await view.findHolder('anna@example.org'),
      await view.findGroup(all.id),
    ];
    const found = [
      { kind: 'found', holder: { kind: 'group', id: all.id } },
      { kind: 'found', holder: { kind: 'account', id: anna.id } },
      { kind: 'found', group: all },
    ];
    expect(await look()).toEqual(found);
    const { callCount } = source;
    expect(await look()).toEqual(found);
    expect(source.callCount).toBe(callCount);
    source.groups.delete(all.id);
    source.tell({ area: 'group', id: all.id, names: all.names });
    const gone = { kind: 'unknown' };
    expect(await look()).toEqual([gone, found[1], gone]);
    // An absence that is remembered ends with the change that fills it.
    source.add({ ...anna, names: [...anna.names, ...all.names] });
    source.tell({ area: 'account', id: anna.id, names: all.names, grantees: [] });
    expect(await view.findHolder('all@example.org')).toEqual(found[1]);
  });

  test('tell what cannot be read, and serve copies meanwhile', async () => {
    source.groups.set(all.id, all);
    await view.findGroup(all.id);
    source.isAway = true;
    pass(HOUR_MS / 2);
    expect(await view.findGroup(all.id)).toEqual({ kind: 'found', group: all });
    expect(await view.findHolder('all@example.org')).toEqual({ kind: 'unavailable' });
  });

  test('doubt all copies when anything may have changed', async () => {
    source.groups.set(all.id, all);
    await view.findGroup(all.id);
    await view.findHolder(all.address);
    source.groups.clear();
    comeBack();
    expect(await view.findGroup(all.id)).toEqual({ kind: 'unknown' });
    expect(await view.findHolder(all.address)).toEqual({ kind: 'unknown' });
  });
});

describe('findAccount() and listSharers()', () => {
  const berta = createAccount('berta');

  test('read once, until a change concerns them', async () => {
    source.add(anna);
    source.add(berta);
    expect(await view.findAccount(anna.id)).toEqual({ kind: 'found', account: anna });
    expect(await view.listSharers(berta.id)).toEqual([]);
    const delegates = [{ accountId: berta.id, rights: ['full'] as const }];
    const { account } = source.add({ ...anna, delegates });
    const { callCount } = source;
    expect(await view.findAccount(anna.id)).toEqual({ kind: 'found', account: anna });
    expect(source.callCount).toBe(callCount);
    source.tell({ area: 'account', id: anna.id, names: [], grantees: [berta.id] });
    expect(await view.findAccount(anna.id)).toEqual({ kind: 'found', account });
    expect(await view.listSharers(berta.id)).toEqual([anna.id]);
  });

  test('tell what is not there from what cannot be read, and serve copies meanwhile', async () => {
    source.add(anna);
    await view.findAccount(anna.id);
    await view.listSharers(anna.id);
    expect(await view.findAccount(berta.id)).toEqual({ kind: 'unknown' });
    source.isAway = true;
    pass(60_000);
    expect(await view.findAccount(anna.id)).toMatchObject({ kind: 'found' });
    expect(await view.listSharers(anna.id)).toEqual([]);
    expect(await view.listSharers(berta.id)).toBeUndefined();
    pass(HOUR_MS);
    expect(await view.findAccount(anna.id)).toEqual({ kind: 'unavailable' });
  });
});

describe('rereadLogin() and rereadSite()', () => {
  /** As another process has changed it, and nobody has been told yet. */
  function changeUnheard(epoch: number): LoginRecord {
    return source.add({ ...anna, epoch, version: 2 });
  }

  test('read past a copy that is still believed to be right, and renew it', async () => {
    source.add(anna);
    await view.lookUpLogin('anna');
    pass(1_000);
    const record = changeUnheard(2);
    expect(await view.rereadLogin('anna', anna)).toEqual({ kind: 'found', record });
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
    const site = { ...createSite('dublin', 1), version: 9 };
    source.sites.set(site.name, createSite('dublin', 1));
    const before = await view.getSite(site.name);
    if (before.kind !== 'found') throw new Error(before.kind);
    source.sites.set(site.name, site);
    expect(await view.rereadSite(site.name, before.site)).toEqual({ kind: 'found', site });
  });

  test('never take the very copy that is doubted, however new it is', async () => {
    source.add(anna);
    await view.lookUpLogin('anna');
    const record = changeUnheard(2);
    expect(await view.rereadLogin('anna', anna)).toEqual({ kind: 'found', record });
  });

  test('take what was read a moment ago: many who doubt cost few readings', async () => {
    source.add(anna);
    await view.lookUpLogin('anna');
    changeUnheard(2);
    source.callCount = 0;
    await Promise.all(Array.from({ length: 50 }, () => view.rereadLogin('anna', anna)));
    for (let i = 0; i < 10; i += 1) await view.rereadLogin('anna', anna);
    expect(source.callCount).toBe(2);
    pass(101);
    await view.rereadLogin('anna', anna);
    expect(source.callCount).toBe(4);
  });

  test('join no reading that began long before', async () => {
    source.add(anna);
    source.hold();
    const early = view.lookUpLogin('anna');
    pass(1_000);
    const late = view.rereadLogin('anna', anna);
    const record = changeUnheard(2);
    source.letGo();
    await early;
    expect(await late).toEqual({ kind: 'found', record });
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
  });

  test('say so while the directory is away, and leave the copy', async () => {
    const record = source.add(anna);
    await view.lookUpLogin('anna');
    source.isAway = true;
    pass(1_000);
    expect(await view.rereadLogin('anna', anna)).toEqual({ kind: 'unavailable' });
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
    expect(await view.rereadLogin('nobody', anna)).toEqual({ kind: 'unavailable' });
  });
});

describe('lookUpLogin()', () => {
  test('reads a record once and serves it as long as changes are heard', async () => {
    const record = source.add(anna);
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
    const { callCount } = source;
    expect(callCount).toBe(2);
    for (let i = 0; i < 10; i += 1) {
      pass(HOUR_MS);
      expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
    }
    expect(source.callCount).toBe(callCount);
  });

  test('reads anew after a change of the account, under each of its names', async () => {
    source.add(anna);
    await view.lookUpLogin('anna');
    await view.lookUpLogin('anna@example.org');
    const record = change({ isEnabled: false });
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
    expect(await view.lookUpLogin('anna@example.org')).toEqual({ kind: 'found', record });
  });

  test('finds nothing under a name that the account has lost', async () => {
    source.add(anna);
    await view.lookUpLogin('anna');
    change({ names: ['anna@example.org'] });
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'unknown' });
  });

  test('believes an unknown name for a few seconds, or until an account takes it', async () => {
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'unknown' });
    await view.lookUpLogin('anna');
    expect(source.callCount).toBe(1);
    pass(5_000);
    await view.lookUpLogin('anna');
    expect(source.callCount).toBe(2);
    const record = change({});
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
  });

  test('shares one reading among look-ups at the same time', async () => {
    source.add(anna);
    source.hold();
    const lookups = Array.from({ length: 20 }, () => view.lookUpLogin('anna'));
    expect(source.callCount).toBe(1);
    source.letGo();
    const outcomes = await Promise.all(lookups);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['found']));
    expect(source.callCount).toBe(2);
  });

  test('does not store what was overtaken by a change while it was read', async () => {
    source.add(anna);
    source.hold();
    const early = view.lookUpLogin('anna');
    const record = change({ isEnabled: false });
    // Begun after the change, so it must not join the reading begun before.
    const late = view.lookUpLogin('anna');
    source.letGo();
    await early;
    expect(await late).toEqual({ kind: 'found', record });
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
  });

  test('does not store an absence that was overtaken by a change', async () => {
    source.hold();
    const early = view.lookUpLogin('anna');
    const record = change({});
    source.letGo();
    expect(await early).toEqual({ kind: 'unknown' });
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
  });

  test('does not store what was read across "everything"', async () => {
    const old = source.add(anna);
    source.hold();
    const early = view.lookUpLogin('anna');
    const record = source.add({ ...anna, version: 2 });
    source.tell({ area: 'everything' });
    source.letGo();
    expect((await early).kind).toBe('found');
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
    expect(record).not.toEqual(old);
  });

  test('keeps no more entries than it may, the least used goes first', async () => {
    view = open({ maxEntries: 2 });
    for (const local of ['a', 'b', 'c']) source.add(createAccount(local));
    const look = (local: string): Promise<unknown> => view.lookUpLogin(`${local}@example.org`);
    await look('a');
    await look('b');
    await look('a');
    await look('c');
    const { callCount } = source;
    await look('a');
    await look('c');
    expect(source.callCount).toBe(callCount);
    await look('b');
    expect(source.callCount).toBe(callCount + 2);
  });

  test('keeps records however many unknown names are tried', async () => {
    view = open({ maxEntries: 3 });
    source.add(anna);
    await view.lookUpLogin('anna');
    for (let i = 0; i < 50; i += 1) await view.lookUpLogin(`nobody${i}`);
    const { callCount } = source;
    expect((await view.lookUpLogin('anna')).kind).toBe('found');
    expect(source.callCount).toBe(callCount);
  });
});

describe('while the directory is away', () => {
  test('known accounts are served for an hour, no longer, and unknown ones never', async () => {
    const record = source.add(anna);
    await view.lookUpLogin('anna');
    await view.lookUpLogin('nobody');
    pass(10 * HOUR_MS);
    source.isAway = true;
    pass(1_000);
    expect(await view.lookUpLogin('other')).toEqual({ kind: 'unavailable' });
    pass(HOUR_MS - 1_000);
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
    expect(await view.lookUpLogin('nobody')).toEqual({ kind: 'unavailable' });
    pass(1);
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'unavailable' });
    expect(view.behindMs()).toBe(HOUR_MS + 1);
  });

  test('an account that is known to have changed is not served', async () => {
    source.add(anna);
    await view.lookUpLogin('anna');
    change({ isEnabled: false });
    source.isAway = true;
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'unavailable' });
  });

  test('a short return does not make an old copy young, nor lose it', async () => {
    const record = source.add(anna);
    await view.lookUpLogin('anna');
    source.isAway = true;
    pass(HOUR_MS / 2);
    comeBack();
    source.isAway = true;
    pass(HOUR_MS / 2);
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
    pass(1);
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'unavailable' });
  });

  test('after the return everything is read anew', async () => {
    source.add(anna);
    await view.lookUpLogin('anna');
    source.isAway = true;
    pass(10_000);
    const record = source.add({ ...anna, version: 5 }, 'changed while away');
    comeBack();
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
  });

  test('a directory that is readable but tells no changes is read each time', async () => {
    source.add(anna);
    await view.lookUpLogin('anna');
    clock.advance(5_000);
    const record = source.add({ ...anna, version: 2 });
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
  });

  test('a cold view serves nobody', async () => {
    source.syncedAtMs = undefined;
    source.isAway = true;
    expect(await view.lookUpLogin('anna')).toEqual({ kind: 'unavailable' });
    expect(await view.getSite('dublin' as SiteName)).toEqual({ kind: 'unavailable' });
    expect(await view.findFrontEndKey('k')).toEqual({ kind: 'unavailable' });
    expect(await view.settings()).toEqual({ kind: 'unavailable' });
    expect(view.behindMs()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the small tables', () => {
  const key = { keyId: 'k1', publicKey: 'x', label: '', createdAtMs: 1, revokedAtMs: undefined };

  test('getSite() follows changes of that site', async () => {
    const site = createSite('dublin', 1);
    source.sites.set(site.name, site);
    expect(await view.getSite(site.name)).toEqual({ kind: 'found', site });
    const grown = createSite('dublin', 2);
    source.sites.set(site.name, grown);
    expect(await view.getSite(site.name)).toEqual({ kind: 'found', site });
    source.tell({ area: 'site', name: site.name });
    expect(await view.getSite(site.name)).toEqual({ kind: 'found', site: grown });
    expect(await view.getSite('oslo' as SiteName)).toEqual({ kind: 'unknown' });
  });

  test('a look-up after a change does not join a reading from before it', async () => {
    const site = createSite('dublin', 1);
    source.sites.set(site.name, site);
    source.hold();
    const early = view.getSite(site.name);
    const grown = createSite('dublin', 2);
    source.sites.set(site.name, grown);
    source.tell({ area: 'site', name: site.name });
    const late = view.getSite(site.name);
    source.letGo();
    expect(await early).toEqual({ kind: 'found', site });
    expect(await late).toEqual({ kind: 'found', site: grown });
    expect(await view.getSite(site.name)).toEqual({ kind: 'found', site: grown });
  });

  test('findFrontEndKey() decides on unknown ids without reading again', async () => {
    source.keys = [key];
    expect(await view.findFrontEndKey('k1')).toEqual({ kind: 'found', key });
    for (let i = 0; i < 20; i += 1) {
      expect(await view.findFrontEndKey(`forged${i}`)).toEqual({ kind: 'unknown' });
    }
    expect(source.callCount).toBe(1);
  });

  test('a revocation that cannot be read makes all keys unavailable', async () => {
    source.keys = [key];
    await view.findFrontEndKey('k1');
    source.isAway = true;
    source.tell({ area: 'front-end-keys' });
    expect(await view.findFrontEndKey('k1')).toEqual({ kind: 'unavailable' });
    source.keys = [{ ...key, revokedAtMs: 5 }];
    comeBack();
    expect(await view.findFrontEndKey('k1')).toMatchObject({ key: { revokedAtMs: 5 } });
  });

  test('settings() follows changes; the old ones stay while the new cannot be read', async () => {
    source.settings = { a: 1 };
    expect(await view.settings()).toEqual({ kind: 'found', settings: { a: 1 } });
    source.settings = { a: 2 };
    source.isAway = true;
    source.tell({ area: 'settings' });
    expect(await view.settings()).toEqual({ kind: 'found', settings: { a: 1 } });
    comeBack();
    expect(await view.settings()).toEqual({ kind: 'found', settings: { a: 2 } });
  });
});

test('close() ends listening, and nothing counts as current any more', async () => {
  source.add(anna);
  await view.lookUpLogin('anna');
  view.close();
  expect(source.listenerCount).toBe(0);
  const record = source.add({ ...anna, version: 2 });
  expect(await view.lookUpLogin('anna')).toEqual({ kind: 'found', record });
});

test('a fault that is no absence of the directory is not hidden, nor does it stick', async () => {
  source.add(anna);
  vi.spyOn(source, 'loadLogin').mockRejectedValueOnce(new TypeError('a bug'));
  await expect(view.lookUpLogin('anna')).rejects.toThrow(TypeError);
  expect((await view.lookUpLogin('anna')).kind).toBe('found');
});
