import type { AccountRecord, GroupRecord } from '@homeward/directory';
import { NO_RECIPIENT_PARAMETERS, parseMailbox } from '@homeward/smtp/grammar';
import type { EnvelopeRecipient, Refusal } from '@homeward/smtp/session';
import { describe, expect, it } from 'vitest';
import { TOO_MANY_ADDRESSEES } from './delivery-refusals.ts';
import { RecipientList, type RecipientListParts } from './recipient-list.ts';

const FULL: Refusal = { code: 552, enhanced: '5.2.2', text: 'full' };
const AWAY: Refusal = { code: 451, enhanced: '4.3.0', text: 'away' };
const ELSEWHERE: Refusal = { code: 550, enhanced: '5.4.4', text: 'no way' };

/** `full@`, `away@`, `far@` and `alias@` (which is anna) are at home in a world of one worker. */
function makeList(changes: Partial<RecipientListParts> = {}): {
  readonly list: RecipientList;
  readonly judged: string[];
} {
  const judged: string[] = [];
  const list = new RecipientList({
    addresses: {
      resolveRecipient: async (address) => {
        const [local = '', domain] = address.split('@');
        if (domain !== 'here.test') return { kind: 'elsewhere' };
        if (local === 'nobody') return { kind: 'unknown', reason: 'nobody' };
        const id = local === 'alias' ? 'anna' : local;
        const account = { id, address } as unknown as AccountRecord;
        return { kind: 'mailbox', account, detail: undefined, name: address };
      },
      expandGroup: () => Promise.reject(new Error('no group here')),
      maySendToGroup: () => Promise.reject(new Error('no group here')),
    },
    local: {
      judge: async ({ account: { id } }) => {
        judged.push(id);
        if (id === 'full') return FULL;
        return id === 'away' ? AWAY : undefined;
      },
    },
    isLocal: ({ account: { id } }) => id !== 'far',
    isQueued: true,
    refuseAway: async () => undefined,
    refuseElsewhere: () => undefined,
    ...changes,
  });
  list.start({ account: undefined, address: undefined }, undefined);
  return { list, judged };
}

function recipients(...addresses: readonly string[]): readonly EnvelopeRecipient[] {
  return addresses.map((address) => {
    const path = parseMailbox(address);
    if (path === undefined) throw new Error(address);
    return { path, parameters: NO_RECIPIENT_PARAMETERS };
  });
}

describe('RecipientList', () => {
  it('knows each mailbox once, and who is behind which recipient', async () => {
    const { list } = makeList();
    const to = ['anna@here.test', 'bruno@here.test', 'alias@here.test', 'x@there.test'];
    for (const one of to) expect(await list.judge(one)).toBeUndefined();
    const { addressees, behind } = list.address(recipients(...to));
    expect(addressees.map(({ requested }) => requested.address)).toEqual([
      'anna@here.test',
      'bruno@here.test',
      'x@there.test',
    ]);
    expect(behind).toEqual([[0], [1], [0], [2]]);
    expect(addressees.map(({ local }) => local?.account.id)).toEqual(['anna', 'bruno', undefined]);
  });

  it.each([
    ['nobody@here.test', true, 550],
    ['full@here.test', true, 552],
    ['away@here.test', true, undefined],
    ['away@here.test', false, 451],
    ['far@here.test', true, undefined],
  ])('judges %s, queued %s, by %s', async (address, isQueued, code) => {
    const { list } = makeList({ isQueued });
    expect((await list.judge(address))?.code).toBe(code);
  });

  it('says that the directory is away, as a front end does by LMTP (RFC 3463 §3.5)', async () => {
    const { list } = makeList({
      addresses: {
        resolveRecipient: async () => ({ kind: 'unavailable' }),
        expandGroup: () => Promise.reject(new Error('no group here')),
        maySendToGroup: () => Promise.reject(new Error('no group here')),
      },
    });
    expect(await list.judge('anna@here.test')).toMatchObject({ code: 451, enhanced: '4.4.3' });
  });

  it('refuses what has no way', async () => {
    const { list } = makeList({ refuseAway: async () => AWAY, refuseElsewhere: () => ELSEWHERE });
    expect(await list.judge('far@here.test')).toBe(AWAY);
    expect(await list.judge('x@there.test')).toBe(ELSEWHERE);
  });

  it('forgets them with the transaction', async () => {
    const { list } = makeList();
    await list.judge('anna@here.test');
    list.start({ account: undefined, address: undefined }, undefined);
    expect(list.address(recipients('anna@here.test')).addressees).toEqual([]);
  });

  it('opens a hundred mailboxes to look, and no more', async () => {
    const { list, judged } = makeList();
    const to = Array.from({ length: 150 }, (_, index) => `p${index}@here.test`);
    for (const one of to) await list.judge(one);
    expect(judged).toHaveLength(100);
    expect(list.address(recipients(...to)).addressees).toHaveLength(150);
  });

  it('holds no more members of groups than so many, however they are called', async () => {
    const members = Array.from({ length: 9_000 }, (_, at) => ({
      account: { id: `a${at}`, address: `a${at}@here.test` } as unknown as AccountRecord,
      detail: undefined,
    }));
    // Every address is one of the same large group.
    const { list } = makeList({
      addresses: {
        resolveRecipient: async (name) => ({ kind: 'group', group: {} as GroupRecord, name }),
        expandGroup: async () => ({
          kind: 'expanded',
          mailboxes: members,
          elsewhere: [],
          skippedCount: 0,
        }),
        maySendToGroup: async () => 'yes',
      },
    });
    const answers = [];
    for (const detail of ['', '+1', '+2', '']) {
      answers.push(await list.judge(`all${detail}@here.test`));
    }
    expect(answers).toEqual([undefined, undefined, TOO_MANY_ADDRESSEES, undefined]);
    list.start({ account: undefined, address: undefined }, undefined);
    expect(await list.judge('all+2@here.test')).toBeUndefined();
  });
});
