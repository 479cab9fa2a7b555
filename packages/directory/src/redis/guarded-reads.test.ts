import { expect, it } from 'vitest';
import { ChangeListeners } from '../change-listeners.ts';
import { RecordSetBackError, type AccountRecord, type DirectoryChange } from '../ports.ts';
import { createAccount } from '../testing/driver-contract.ts';
import { GuardedReads } from './guarded-reads.ts';

const anna = createAccount('anna');

function open() {
  const listeners = new ChangeListeners();
  let checkCount = 0;
  const reads = new GuardedReads({
    confirmIdentity: async () => void (checkCount += 1),
    listeners,
    onSetBack: () => undefined,
  });
  const read = (found: AccountRecord | undefined): Promise<AccountRecord | undefined> =>
    reads.unlessSetBack(
      anna.id,
      async () => found,
      (account) => account,
    );
  const tell = (epoch: number): void => {
    const change: DirectoryChange = {
      area: 'account',
      id: anna.id,
      names: anna.names,
      grantees: [],
      epoch,
    };
    listeners.tell(change);
  };
  return { read, tell, checkCount: () => checkCount };
}

it('asks which directory it is where something is missing, and only there', async () => {
  const { read, checkCount } = open();
  expect(await read(anna)).toEqual(anna);
  expect(checkCount()).toBe(0);
  expect(await read(undefined)).toBeUndefined();
  expect(checkCount()).toBe(1);
});

it('believes no record of before a move that it has heard of, and one of behind it', async () => {
  const { read, tell } = open();
  tell(2);
  await expect(read(anna)).rejects.toThrow(RecordSetBackError);
  expect(await read({ ...anna, epoch: 2 })).toMatchObject({ epoch: 2 });
});

it.each<[string, (world: ReturnType<typeof open>) => unknown]>([
  ['by the news of its deletion', ({ tell }) => tell(0)],
  ['by its absence', ({ read }) => read(undefined)],
])('forgets an account that is deleted: %s', async (_how, hear) => {
  const world = open();
  world.tell(2);
  await hear(world);
  expect(await world.read(anna)).toEqual(anna);
});
