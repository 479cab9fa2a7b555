/** Mailboxes that do not open as long as a login may take. */
import { randomUUID } from 'node:crypto';
import type { AccountId, SiteName } from '@homeward/directory';
import type { Mailbox } from '@homeward/mailstore';
import { systemClock } from '@homeward/service';
import { createTempFolder, FakeClock } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { limitsSchema } from '../limits-schema.ts';
import { openInTime } from './open-in-time.ts';
import { openMailboxFor, type OpenedMailbox } from './open-mailbox.ts';
import { openStore } from './open-store.ts';

const LIMIT_MS = 4_000;
const accountId = '01JD0000000000000000000000' as AccountId;
const login = { accountId, epoch: 1, quota: undefined };

/** One that opens when the test says so. */
function createSlow() {
  const closed: string[] = [];
  const faults: unknown[] = [];
  const mailbox = { close: () => void closed.push('closed') } as unknown as Mailbox;
  const opening = Promise.withResolvers<OpenedMailbox>();
  const clock = new FakeClock();
  const onFault = (error: unknown): void => void faults.push(error);
  const open = openInTime(() => opening.promise, { clock, onFault });
  return { closed, faults, mailbox, opening, clock, open };
}

it('hands out what opens in time, and waits for nothing more', async () => {
  const { closed, mailbox, opening, clock, open } = createSlow();
  const opened = open(login);
  clock.advance(LIMIT_MS - 1);
  opening.resolve({ ok: true, mailbox });
  expect(await opened).toEqual({ ok: true, mailbox });
  expect(clock.timerCount).toBe(0);
  expect(closed).toEqual([]);
});

it('refuses what does not, and closes it when it comes', async () => {
  const { closed, faults, mailbox, opening, clock, open } = createSlow();
  const opened = open(login);
  clock.advance(LIMIT_MS);
  expect(await opened).toMatchObject({ ok: false, reason: 'login-deadline' });
  opening.resolve({ ok: true, mailbox });
  await opening.promise;
  expect(closed).toEqual(['closed']);
  expect(faults).toEqual([]);
});

it('tells of a bug, whether anybody waits or not', async () => {
  const soon = createSlow();
  soon.opening.reject(new Error('a bug'));
  await expect(soon.open(login)).rejects.toThrow('a bug');
  const late = createSlow();
  const opened = late.open(login);
  late.clock.advance(LIMIT_MS);
  expect(await opened).toMatchObject({ reason: 'login-deadline' });
  late.opening.reject(new Error('a late bug'));
  await expect.poll(() => late.faults).toEqual([new Error('a late bug')]);
});

it('lets nobody wait for the end of a restore', async () => {
  await using folder = await createTempFolder();
  const limits = limitsSchema.parse({});
  const volumeFolder = folder.join(randomUUID());
  const store = await openStore({ volumeFolder, limits }, systemClock, {
    log: () => undefined,
  } as never);
  const account = { home: 'dublin', epoch: 1 };
  const directory = { readAccount: async () => account as never };
  const parts = { store, directory, site: 'dublin' as SiteName };
  const clock = new FakeClock();
  const open = openInTime((wanted: typeof login) => openMailboxFor(wanted, parts), {
    clock,
    onFault: (error) => expect.fail(String(error)),
  });
  const restore = Promise.withResolvers<void>();
  const restoring = store.whileClosed(accountId, () => restore.promise);
  const opened = open(login);
  clock.advance(LIMIT_MS);
  expect(await opened).toMatchObject({ ok: false, reason: 'login-deadline' });
  restore.resolve();
  await restoring;
  const again = await open(login);
  expect(again.ok).toBe(true);
  if (again.ok) again.mailbox.close();
  await store.close();
});
