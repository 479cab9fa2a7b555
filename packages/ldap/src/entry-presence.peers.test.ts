/** Whether people are still in a real slapd, and what is noted when they are not. */
import type { AccountRecord } from '@homeward/directory';
import { startSlapd, type TestSlapd } from '@homeward/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LdapSettings } from './settings/ldap-settings.ts';
import { type LdapWorld, openLdapWorld, person, settingsFor } from './testing/ldap-world.ts';

const PEOPLE = ['anna', 'bo', 'carl', 'dora', 'emil', 'fia', 'gun'];
const HERE = 'ou=people,dc=example,dc=org';
const ELSEWHERE = 'ou=left,dc=example,dc=org';

const stack = new AsyncDisposableStack();
let slapd: TestSlapd;
beforeAll(async () => {
  const entries = PEOPLE.map((uid) => person(uid, `mail: ${uid}@example.org`));
  slapd = stack.use(await startSlapd({ entries }));
  await slapd.modify(`dn: ${ELSEWHERE}
changetype: add
objectClass: organizationalUnit
ou: left
`);
});
afterAll(() => stack.disposeAsync());
let isAway = new Set<string>();
beforeEach(async () => {
  for (const uid of isAway) await comeBack(uid);
  isAway = new Set();
});

function move(uid: string, from: string, to: string): Promise<void> {
  return slapd.modify(`dn: uid=${uid},${from}
changetype: modrdn
newrdn: uid=${uid}
deleteoldrdn: 1
newsuperior: ${to}
`);
}

/** Out of what is searched; the entry stays the same one. */
async function leave(uid: string): Promise<void> {
  await move(uid, HERE, ELSEWHERE);
  isAway.add(uid);
}

async function comeBack(uid: string): Promise<void> {
  await move(uid, ELSEWHERE, HERE);
  isAway.delete(uid);
}

async function setEnabled(uid: string, value: 'TRUE' | 'FALSE'): Promise<void> {
  await slapd.modify(`dn: uid=${uid},${HERE}
changetype: modify
replace: homewardEnabled
homewardEnabled: ${value}
`);
}

/** Everybody has logged in once, or `people` have; nothing is remembered unless `changes` say so. */
async function openWorld(
  changes: Partial<LdapSettings> = {},
  people: readonly string[] = PEOPLE,
): Promise<LdapWorld> {
  const none = { base: HERE, rememberSeconds: 0, entrySeconds: 0, absenceSeconds: 0 };
  const attributes = { enabled: 'homewardEnabled' };
  const world = await openLdapWorld(settingsFor(slapd, { ...none, attributes, ...changes }));
  for (const uid of people) await world.login(uid, `password-${uid}`);
  return world;
}

async function accountOf({ store }: LdapWorld, uid: string): Promise<AccountRecord> {
  const id = await store.findAccountId(`${uid}@example.org`);
  const account = id === undefined ? undefined : await store.getAccount(id);
  if (account === undefined) throw new Error(`${uid} has no account`);
  return account;
}

async function stateOf(world: LdapWorld, uid: string): Promise<string | undefined> {
  return (await accountOf(world, uid)).ldap?.state;
}

async function confirm(world: LdapWorld, uid: string): Promise<string> {
  const presence = await world.accounts.confirm(await accountOf(world, uid));
  return presence.kind === 'gone' ? `gone: ${presence.detail}` : presence.kind;
}

function lookAgain({ secondLooks }: LdapWorld): void {
  for (const look of secondLooks.splice(0)) look();
}

describe('confirm()', () => {
  test('refuses who is gone, and switches him off at the second look', async () => {
    await using world = await openWorld();
    expect(await confirm(world, 'anna')).toBe('present');
    await leave('anna');

    expect(await confirm(world, 'anna')).toBe('gone: no entry');
    expect(await confirm(world, 'anna')).toBe('gone: no entry');

    expect(await stateOf(world, 'anna')).toBe('present');
    expect(world.secondLooks).toHaveLength(1);
    lookAgain(world);
    await expect.poll(() => stateOf(world, 'anna')).toBe('absent');
    expect(world.events.at(-1)).toMatchObject({ name: 'ldap.account-changed' });
  });

  test('switches on whom it finds again', async () => {
    await using world = await openWorld();
    await leave('anna');
    await confirm(world, 'anna');
    lookAgain(world);
    await expect.poll(() => stateOf(world, 'anna')).toBe('absent');
    expect(await confirm(world, 'anna')).toBe('gone: no entry');
    expect(world.secondLooks).toEqual([]);
    await comeBack('anna');

    expect(await confirm(world, 'anna')).toBe('present');

    expect(await stateOf(world, 'anna')).toBe('present');
  });

  test('leaves the account of who was missed for a moment as it is', async () => {
    await using world = await openWorld();
    await leave('anna');
    expect(await confirm(world, 'anna')).toBe('gone: no entry');
    await comeBack('anna');
    await leave('bo');
    await confirm(world, 'bo');

    lookAgain(world);

    await expect.poll(() => stateOf(world, 'bo')).toBe('absent');
    expect(await stateOf(world, 'anna')).toBe('present');
    expect(await confirm(world, 'anna')).toBe('present');
  });

  test('switches nobody off whom these settings have never found', async () => {
    await using world = await openWorld();
    const { settings } = world.accounts.directory;
    world.accounts.configure({ ...settings, base: ELSEWHERE });

    expect(await confirm(world, 'anna')).toBe('gone: no entry');

    expect(world.secondLooks).toEqual([]);
  });

  test('switches nobody off while others are not found either', async () => {
    await using world = await openWorld();
    for (const uid of PEOPLE) await leave(uid);
    await confirm(world, 'anna');

    lookAgain(world);

    const reason = 'entries of others are not found either';
    await expect.poll(() => world.events.at(-1)).toEqual({ name: 'ldap.absence-doubted', reason });
    expect(await stateOf(world, 'anna')).toBe('present');
  });

  test('switches nobody off where all whom it knows are missed', async () => {
    const both = ['anna', 'bo'];
    await using world = await openWorld({}, both);
    for (const uid of both) await leave(uid);
    for (const uid of both) await confirm(world, uid);

    lookAgain(world);

    const reason = 'entries of others are not found either';
    await expect.poll(() => world.events.at(-1)).toEqual({ name: 'ldap.absence-doubted', reason });
    for (const uid of both) expect(await stateOf(world, uid)).toBe('present');
  });

  test('switches nobody off where more are missing than leave at once', async () => {
    await using world = await openWorld();
    const six = PEOPLE.slice(0, 6);
    for (const uid of six) await leave(uid);
    const said: string[] = [];
    for (const uid of six) said.push(await confirm(world, uid));
    // So many at once: then it may be LDAP.
    expect(said).toEqual([...six.slice(1).map(() => 'gone: no entry'), 'doubtful']);

    lookAgain(world);

    const reason = '6 entries are missing at once';
    await expect.poll(() => world.events.at(-1)).toEqual({ name: 'ldap.absence-doubted', reason });
    for (const uid of six) expect(await stateOf(world, uid)).toBe('present');
  });

  test('switches off at once who is disabled, and on again', async () => {
    await using world = await openWorld();
    await setEnabled('carl', 'FALSE');
    expect(await confirm(world, 'carl')).toBe('gone: disabled');
    expect(await stateOf(world, 'carl')).toBe('disabled');
    await setEnabled('carl', 'TRUE');
    expect(await confirm(world, 'carl')).toBe('present');
    expect(await stateOf(world, 'carl')).toBe('present');
  });

  test('believes a copy of the entry while that is new', async () => {
    await using world = await openWorld({ entrySeconds: 3_600 });
    expect(await confirm(world, 'anna')).toBe('present');
    await leave('anna');
    expect(await confirm(world, 'anna')).toBe('present');
  });

  test('takes the account’s word for it while LDAP is away', async () => {
    await using world = await openWorld();
    await slapd.freeze();
    try {
      expect(await confirm(world, 'anna')).toBe('present');
    } finally {
      slapd.thaw();
    }
  });
});

describe('a login by LDAP’s password', () => {
  test('notes who is gone, whatever the password', async () => {
    await using world = await openWorld();
    await leave('anna');
    expect(await world.login('anna', 'password-anna')).toBe('mismatch');
    lookAgain(world);
    await expect.poll(() => stateOf(world, 'anna')).toBe('absent');
    await comeBack('anna');
    expect(await world.login('anna', 'password-anna')).toMatch(/^match/);
    expect(await stateOf(world, 'anna')).toBe('present');
  });

  test('notes who is disabled, also where the server refuses his password', async () => {
    await using world = await openWorld();
    await setEnabled('dora', 'FALSE');
    expect(await world.login('dora', 'wrong')).toBe('mismatch');
    expect(await stateOf(world, 'dora')).toBe('disabled');
    await setEnabled('dora', 'TRUE');
  });
});
