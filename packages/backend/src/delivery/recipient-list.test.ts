import type { AccountId, AccountRecord, GroupRecord } from '@homeward/directory';
import { expect, it } from 'vitest';
import { TOO_MANY_ADDRESSEES } from './delivery-refusals.ts';
import { RecipientList } from './recipient-list.ts';

const MEMBERS = Array.from({ length: 9_000 }, (_, at) => ({
  account: { id: `a${at}` as AccountId, address: `a${at}@example.test` } as AccountRecord,
  detail: undefined,
}));

/** Every address is one of the same large group. */
function openList(): RecipientList {
  return new RecipientList({
    addresses: {
      resolveRecipient: (name) =>
        Promise.resolve({ kind: 'group', group: {} as GroupRecord, name }),
      expandGroup: () =>
        Promise.resolve({ kind: 'expanded', mailboxes: MEMBERS, elsewhere: [], skippedCount: 0 }),
      maySendToGroup: () => Promise.resolve('yes'),
    },
    local: { judge: () => Promise.resolve(undefined) },
    isLocal: () => false,
    isQueued: true,
    refuseAway: undefined,
    refuseElsewhere: () => undefined,
  });
}

it('holds no more members of groups than so many, however they are called', async () => {
  const list = openList();
  const sender = { account: undefined, address: 'anna@example.test' };
  list.start(sender, undefined);
  const answers = [];
  for (const detail of ['', '+1', '+2', ''])
    answers.push(await list.judge(`all${detail}@example.test`));
  expect(answers).toEqual([undefined, undefined, TOO_MANY_ADDRESSEES, undefined]);
  list.start(sender, undefined);
  expect(await list.judge('all+2@example.test')).toBeUndefined();
});
