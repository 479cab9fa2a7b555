import { expect, test } from 'vitest';
import { RecordSetBackError, type AccountRecord } from '../ports.ts';
import { createAccount } from '../testing/driver-contract.ts';
import { EpochFloors, type SetBackAccount } from './epoch-floors.ts';

const anna = createAccount('anna');
const at = (epoch: number, account: AccountRecord = anna): AccountRecord => ({ ...account, epoch });

test('EpochFloors refuse a lower epoch, tell of it once, and take the next that is high enough', () => {
  const told: SetBackAccount[] = [];
  const floors = new EpochFloors((found) => void told.push(found));
  floors.accept(at(1));
  floors.accept(at(3));
  expect(floors.isBelow(at(2))).toBe(true);
  for (const epoch of [1, 2, 2]) {
    expect(() => floors.accept(at(epoch))).toThrow(RecordSetBackError);
  }
  expect(told).toEqual([{ account: at(1), knownEpoch: 3 }]);
  floors.accept(at(3));
  expect(() => floors.accept(at(2))).toThrow(/epoch 2, 3 was seen/);
  expect(told).toHaveLength(2);
  floors.accept(at(4));
  expect(floors.isBelow(at(3))).toBe(true);
});

test('EpochFloors believe news of a move, but none that is older', () => {
  const floors = new EpochFloors(() => undefined);
  floors.note(anna.id, 5);
  floors.note(anna.id, 2);
  expect(floors.isBelow(at(4))).toBe(true);
  expect(floors.isBelow(at(5))).toBe(false);
});

test('EpochFloors forget those of whom nothing was heard for longest', () => {
  const floors = new EpochFloors(() => undefined);
  floors.accept(at(2));
  for (let number = 0; number < 20_000; number += 1) {
    if (number === 10_000) floors.accept(at(2));
    floors.note(`other-${number}` as AccountRecord['id'], 2);
  }
  expect(floors.isBelow(at(1))).toBe(true);
  for (let number = 0; number < 20_000; number += 1) {
    floors.note(`more-${number}` as AccountRecord['id'], 2);
  }
  expect(floors.isBelow(at(1))).toBe(false);
});
