import { FakeClock } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { DirectoryUnavailableError, type AccountRecord, type LoginRecord } from '../ports.ts';
import { createAccount, createSecrets } from '../testing/driver-contract.ts';
import { MemoryThrottleStore } from '../throttle/memory-throttle-store.ts';
import { createSharedSecrets, type SharedSecrets } from './shared-secrets.ts';

const COMMON = Buffer.alloc(48, 7);
const PASSWORD = Buffer.from('correct horse');
const anna = loginOf();

function loginOf(overrides: Partial<AccountRecord> = {}): LoginRecord {
  return { account: createAccount('anna', overrides), credentials: createSecrets('one') };
}

async function isKnown(shared: SharedSecrets, login: LoginRecord, password = PASSWORD) {
  const mark = await shared.markOf(login, password);
  return mark !== undefined && shared.has(login, mark);
}

async function note(shared: SharedSecrets, login: LoginRecord): Promise<void> {
  await shared.add(login, (await shared.markOf(login, PASSWORD)) ?? '');
}

it('a password that was right at one front end is known at another with the same key', async () => {
  const clock = new FakeClock();
  const store = new MemoryThrottleStore(clock);
  const one = createSharedSecrets(store, async () => COMMON);
  const other = createSharedSecrets(store, async () => Buffer.from(COMMON));
  await note(one, anna);
  expect(await isKnown(other, anna)).toBe(true);
  expect(await isKnown(other, anna, Buffer.from('another'))).toBe(false);
  clock.advance(86_400_001);
  expect(await isKnown(other, anna)).toBe(false);
});

it('any change of the account, of its password or of the key makes it unknown', async () => {
  const store = new MemoryThrottleStore(new FakeClock());
  const shared = createSharedSecrets(store, async () => COMMON);
  await note(shared, anna);
  const { account } = anna;
  expect(
    await isKnown(shared, { ...anna, account: { ...account, version: account.version + 1 } }),
  ).toBe(false);
  expect(await isKnown(shared, { ...anna, credentials: createSecrets('two') })).toBe(false);
  const stranger = createSharedSecrets(store, async () => Buffer.alloc(48, 8));
  expect(await isKnown(stranger, anna)).toBe(false);
  expect(await isKnown(shared, anna)).toBe(true);
});

it('nothing is shared without a key, of blocked kinds, or of accounts without a password', async () => {
  const store = new MemoryThrottleStore(new FakeClock());
  const keyless = createSharedSecrets(store, async () => undefined);
  expect(await keyless.markOf(anna, PASSWORD)).toBeUndefined();
  const shared = createSharedSecrets(store, async () => COMMON);
  expect(await shared.markOf(loginOf({ kind: 'administrator' }), PASSWORD)).toBeUndefined();
  expect(await shared.markOf({ ...anna, credentials: undefined }, PASSWORD)).toBeUndefined();
});

it('a store that is away knows nothing, and nobody fails for it', async () => {
  const away = async (): Promise<never> => {
    throw new DirectoryUnavailableError('away');
  };
  const shared = createSharedSecrets({ read: away, note: away }, async () => COMMON);
  await note(shared, anna);
  expect(await isKnown(shared, anna)).toBe(false);
});
