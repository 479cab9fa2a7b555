import { expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { DirectoryUnavailableError, type SessionClaim } from '../ports.ts';
import { createAccount, createClaim } from '../testing/driver-contract.ts';
import type { LeaseStore } from './lease-store.ts';
import { openSessionLease } from './session-lease.ts';

/** A store that calls one claim unanswered, and has it only after its release. */
function createLateStore(): LeaseStore & { readonly sessions: Map<string, SessionClaim> } {
  const sessions = new Map<string, SessionClaim>();
  let late: SessionClaim | undefined;
  return {
    sessions,
    renew: () => Promise.resolve(true),
    put: async (_leaseId, put) => {
      for (const one of put) sessions.set(one.conversationId, one);
    },
    putAndCountOthers: (_leaseId, session) => {
      late = session;
      return Promise.reject(new DirectoryUnavailableError('no answer in time'));
    },
    remove: async (_leaseId, removed) => {
      for (const { conversationId } of removed) sessions.delete(conversationId);
      if (late !== undefined) sessions.set(late.conversationId, late);
      late = undefined;
    },
    // The claim never got as far as the lease's own list.
    list: () => Promise.resolve([]),
    end: () => Promise.resolve(),
    listExpired: () => Promise.resolve([]),
  };
}

it('removes once more what came to the store after its release', async () => {
  const store = createLateStore();
  const lease = await openSessionLease({
    store,
    clock: systemClock,
    leaseId: 'fe-1:1',
    lifeMs: 90,
    onClosed: () => undefined,
  });
  const claim = createClaim(createAccount('anna').id, 'c1');
  expect(await lease.claim(claim)).toBe(1);
  await lease.release(claim);
  expect([...store.sessions.keys()]).toEqual(['c1']);
  await expect.poll(() => store.sessions.size).toBe(0);
  await lease.close();
});
