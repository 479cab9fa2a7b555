/** The epoch rules of ownership, against a store and a directory that answer as scripted. */
import type { AccountId, AccountRecord, SiteName } from '@homeward/directory';
import type { MailStore, Mailbox, OpenRefusal, OpenOptions } from '@homeward/mailstore';
import { describe, expect, it } from 'vitest';
import { openMailboxFor } from './open-mailbox.ts';

const site = 'dublin' as SiteName;
const accountId = '01JD0000000000000000000000' as AccountId;
const quotas: unknown[] = [];
const mailbox = {
  accountId: String(accountId),
  setQuota: (quota) => quotas.push(quota),
} as Partial<Mailbox> as Mailbox;

type StoreAnswer = 'ok' | OpenRefusal;

interface Script {
  /** What the store says when it may not make a mailbox, and then when it may. */
  readonly first: StoreAnswer;
  readonly second?: StoreAnswer;
  readonly adopt?: StoreAnswer;
  readonly account?: { readonly home: string; readonly epoch: number } | 'unknown' | 'unavailable';
}

describe('openMailboxFor()', () => {
  it.each<[string, Script, string]>([
    ['serves an equal epoch without asking the directory', { first: 'ok' }, 'ok'],
    ['refuses a lower epoch', { first: 'stale-epoch' }, 'stale-epoch'],
    ['refuses a sealed mailbox', { first: 'sealed' }, 'mailbox-sealed'],
    ['refuses what another process owns', { first: 'locked' }, 'mailbox-locked'],
    [
      'makes a mailbox that the directory confirms',
      { first: 'nonexistent', account: { home: 'dublin', epoch: 3 }, second: 'ok' },
      'ok',
    ],
    [
      'makes none for an account that lives elsewhere',
      { first: 'nonexistent', account: { home: 'oslo', epoch: 3 } },
      'account-elsewhere',
    ],
    [
      'makes none for an account that is gone',
      { first: 'nonexistent', account: 'unknown' },
      'unknown-account',
    ],
    [
      'makes none while the directory is away',
      { first: 'nonexistent', account: 'unavailable' },
      'directory-away',
    ],
    [
      'adopts a higher epoch that the directory confirms',
      { first: 'epoch-ahead', account: { home: 'dublin', epoch: 3 }, adopt: 'ok', second: 'ok' },
      'ok',
    ],
    [
      'refuses a higher epoch that the directory does not know',
      { first: 'epoch-ahead', account: { home: 'dublin', epoch: 2 } },
      'unconfirmed-epoch',
    ],
    [
      'refuses a higher epoch while the directory is away',
      { first: 'epoch-ahead', account: 'unavailable' },
      'directory-away',
    ],
  ])('%s', async (_claim, script, expected) => {
    quotas.length = 0;
    const { outcome, isConsistent } = await run(script);
    const expectedQuotas = outcome.ok ? [{ storageBytes: 7, messages: undefined }] : [];
    expect(quotas).toEqual(expectedQuotas);
    expect(outcome.ok ? 'ok' : outcome.reason).toBe(expected);
    expect(isConsistent).toBe(true);
  });
});

/** Runs it; a call that the script has no answer for fails the test. */
async function run(script: Script): Promise<{
  readonly outcome: Awaited<ReturnType<typeof openMailboxFor>>;
  readonly isConsistent: boolean;
}> {
  const calls: OpenOptions[] = [];
  const store: Pick<MailStore, 'openMailbox' | 'adoptEpoch'> = {
    openMailbox: async (_id, options) => {
      calls.push(options);
      const answer = options.create ? script.second : script.first;
      if (answer === undefined) throw new Error('not expected');
      return answer === 'ok' ? { ok: true, value: mailbox } : { ok: false, reason: answer };
    },
    adoptEpoch: async () => {
      if (script.adopt !== 'ok') throw new Error('not expected');
      return { ok: true, value: undefined };
    },
  };
  const outcome = await openMailboxFor(
    { accountId, epoch: 3, quota: { bytes: 7, messages: undefined } },
    {
      store: store as MailStore,
      site,
      directory: {
        readAccount: async () => {
          const { account } = script;
          if (account === undefined) throw new Error('not expected');
          return typeof account === 'string' ? account : (account as AccountRecord);
        },
      },
    },
  );
  return { outcome, isConsistent: calls.every(({ epoch }) => epoch === 3) };
}
