/**
 * The lease of one front-end worker over its sessions, for any store. The worker's own list is
 * the truth about its sessions; the store has a copy that others count. When the copy may be
 * wrong (a call failed, or the lease had expired meanwhile) the next renewal compares both and
 * mends the copy. Each renewal also clears up after leases of workers that died.
 */
import type { Clock } from '../clock.ts';
import { PeriodicTask } from '../periodic-task.ts';
import { DirectoryUnavailableError, type SessionClaim, type SessionLease } from '../ports.ts';
import type { LeaseStore, SessionRef } from './lease-store.ts';

/** How many sessions go to the store in one step when the copy is mended. */
const BATCH_SIZE = 500;
/** Of sessions that ended while the store was away; those beyond count until the lease ends. */
const MOST_UNRELEASED = 100_000;

export interface SessionLeaseOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  /** Unique; begins with the owner's name, for people who look into the store. */
  readonly leaseId: string;
  /** How long the sessions of a worker that died are still counted. */
  readonly lifeMs: number;
  /** Called once, when the lease was closed. */
  readonly onClosed: (lease: SessionLease) => void;
}

/** Opens a lease. Works with the store away, too: it registers itself when that is back. */
export async function openSessionLease(options: SessionLeaseOptions): Promise<SessionLease> {
  const lease = new StoredSessionLease(options);
  await lease.renew();
  return lease;
}

class StoredSessionLease implements SessionLease {
  readonly #options: SessionLeaseOptions;
  readonly #sessions = new Map<string, SessionClaim>();
  readonly #countOfAccount = new Map<string, number>();
  /** Ended, but the store may still have them, under the account if not in the lease's list. */
  readonly #unreleased = new Map<string, SessionRef>();
  /** Live, but the store did not answer their claim: it may come to have them late. */
  readonly #unanswered = new Set<string>();
  readonly #renewal: PeriodicTask;
  /** The store's copy may differ from `#sessions`. */
  #isCopyDoubtful = false;
  #isClosed = false;

  constructor(options: SessionLeaseOptions) {
    this.#options = options;
    this.#renewal = new PeriodicTask(options.clock, options.lifeMs / 3, () => this.renew());
  }

  get id(): string {
    return this.#options.leaseId;
  }

  async claim(session: SessionClaim): Promise<number> {
    // A login that was under way when the worker shut down; nobody counts it any more.
    if (this.#isClosed) return 1;
    this.#note(session);
    const { store, leaseId } = this.#options;
    const stored = await this.#attempt(() => store.putAndCountOthers(leaseId, session));
    if (stored === undefined) this.#unanswered.add(session.conversationId);
    else void this.#attempt(() => stored.noted);
    // Of its own the store may have lost some, or still have some that ended while it was away.
    return (stored?.others ?? 0) + (this.#countOfAccount.get(session.accountId) ?? 0);
  }

  async release(session: SessionClaim): Promise<void> {
    if (!this.#forget(session)) return;
    const { store, leaseId } = this.#options;
    const { accountId, conversationId } = session;
    const wasAnswered = !this.#unanswered.delete(conversationId);
    this.#unreleased.set(conversationId, { accountId, conversationId });
    await this.#attempt(async () => {
      await store.remove(leaseId, [session]);
      // A claim that a Cluster repeats may come after this; the next renewal removes it again.
      if (wasAnswered) this.#unreleased.delete(conversationId);
      else this.#isCopyDoubtful = true;
    });
    if (this.#unreleased.size > MOST_UNRELEASED) this.#unreleased.delete(conversationId);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#renewal.stop();
    const { store, leaseId } = this.#options;
    await this.#attempt(() => endLease(store, leaseId));
    this.#sessions.clear();
    this.#countOfAccount.clear();
    this.#unanswered.clear();
    this.#options.onClosed(this);
  }

  async renew(): Promise<void> {
    const { store, leaseId, lifeMs } = this.#options;
    await this.#attempt(async () => {
      const wasAlive = await store.renew(leaseId, lifeMs);
      if (!wasAlive || this.#isCopyDoubtful) await this.#mendCopy();
      for (const expired of await store.listExpired()) await endLease(store, expired);
    });
  }

  /** Claims and releases that happen meanwhile reach the store by themselves. */
  async #mendCopy(): Promise<void> {
    const { store, leaseId } = this.#options;
    this.#isCopyDoubtful = false;
    const stored = await store.list(leaseId);
    const ended = [...this.#unreleased.values()];
    const stale = [...stored, ...ended].filter(
      ({ conversationId }) => !this.#sessions.has(conversationId),
    );
    for (const batch of inBatches(stale)) {
      await store.remove(leaseId, batch);
      for (const { conversationId } of batch) this.#unreleased.delete(conversationId);
    }
    for (const batch of inBatches([...this.#sessions.values()])) {
      await store.put(
        leaseId,
        batch.filter((one) => this.#sessions.has(one.conversationId)),
      );
    }
  }

  async #attempt<Result>(task: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) throw error;
      this.#isCopyDoubtful = true;
      return undefined;
    }
  }

  #note(session: SessionClaim): void {
    if (this.#sessions.has(session.conversationId)) return;
    this.#sessions.set(session.conversationId, session);
    const count = this.#countOfAccount.get(session.accountId) ?? 0;
    this.#countOfAccount.set(session.accountId, count + 1);
  }

  #forget(session: SessionClaim): boolean {
    if (!this.#sessions.delete(session.conversationId)) return false;
    const count = this.#countOfAccount.get(session.accountId) ?? 0;
    if (count > 1) this.#countOfAccount.set(session.accountId, count - 1);
    else this.#countOfAccount.delete(session.accountId);
    return true;
  }
}

/** Removes a lease's sessions and then the lease, so that a crash between leaves it findable. */
async function endLease(store: LeaseStore, leaseId: string): Promise<void> {
  for (const batch of inBatches(await store.list(leaseId))) await store.remove(leaseId, batch);
  await store.end(leaseId);
}

function* inBatches<Session extends SessionRef>(
  sessions: readonly Session[],
): Generator<readonly Session[]> {
  for (let start = 0; start < sessions.length; start += BATCH_SIZE) {
    yield sessions.slice(start, start + BATCH_SIZE);
  }
}
