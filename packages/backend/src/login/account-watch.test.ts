/** Whom a change of the directory ends, against a directory that answers as scripted. */
import type {
  AccountId,
  AccountRecord,
  DirectoryChange,
  SessionSecret,
  SiteName,
} from '@homeward/directory';
import { describe, expect, it } from 'vitest';
import { AccountWatch } from './account-watch.ts';

const site = 'dublin' as SiteName;

function idOf(number: number): AccountId {
  return `01JD${String(number).padStart(22, '0')}` as AccountId;
}

function recordOf(id: AccountId, overrides: Partial<AccountRecord> = {}): AccountRecord {
  const protocols = { imap: true, pop3: true, submission: true };
  const base = { id, kind: 'user', isEnabled: true, protocols, home: site, epoch: 1 };
  return { delegates: [], ...base, ...overrides } as AccountRecord;
}

const off = { isEnabled: false };

interface Session {
  endCount: number;
  /** What each renewal said. */
  readonly quotas: unknown[];
  cease: () => void;
}

class World {
  nowMs = 0;
  isAway = false;
  /** When everybody's password was set. */
  setAtMs = 5;
  readonly reads: AccountId[] = [];
  readonly faults: unknown[] = [];
  readonly records = new Map<AccountId, AccountRecord>();
  /** Answers wait for it, if it is there. */
  gate: Promise<void> | undefined;
  #tell: ((change: DirectoryChange) => void) | undefined;
  readonly watch: AccountWatch;

  constructor() {
    this.watch = new AccountWatch({
      driver: {
        subscribe: (listener) => {
          this.#tell = listener;
          return () => (this.#tell = undefined);
        },
      },
      directory: {
        readAccount: async (id) => {
          this.reads.push(id);
          await this.gate;
          return this.isAway ? 'unavailable' : (this.records.get(id) ?? 'unknown');
        },
        readLogin: async (id) => {
          const account = this.records.get(id);
          if (this.isAway || account === undefined) return 'unavailable';
          return { account, credentials: { setAtMs: this.setAtMs } as never };
        },
      },
      site,
      elapsedMs: () => this.nowMs,
      onFault: (error) => this.faults.push(error),
    });
  }

  put(id: AccountId, overrides: Partial<AccountRecord> = {}): void {
    this.records.set(id, recordOf(id, overrides));
  }

  tell(id: AccountId): void {
    this.#tell?.({ area: 'account', id, names: [], grantees: [] });
  }

  tellEverything(): void {
    this.#tell?.({ area: 'everything' });
  }

  /** @returns how often the session was asked to end. */
  open(accountId: AccountId, delegateId?: AccountId, secret?: SessionSecret): Session {
    const session: Session = { endCount: 0, quotas: [], cease: () => undefined };
    const login = { accountId, delegateId, access: 'full', epoch: 1, protocol: 'imap' } as const;
    session.cease = this.watch.watch(
      { ...login, isOperator: false, secret },
      {
        end: () => {
          session.endCount += 1;
        },
        renew: ({ quotaBytes }) => session.quotas.push(quotaBytes),
      },
    );
    return session;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

describe('AccountWatch', () => {
  it('ends the sessions of the account that changed for the worse, once, and no others', async () => {
    const world = new World();
    for (const number of [1, 2]) world.put(idOf(number));
    const [first, second, other] = [world.open(idOf(1)), world.open(idOf(1)), world.open(idOf(2))];
    world.put(idOf(1), { ...off });
    world.tell(idOf(1));
    world.tell(idOf(1));
    await settle();
    world.tellEverything();
    await settle();
    expect([first.endCount, second.endCount, other.endCount]).toEqual([1, 1, 0]);
  });

  it('ends those who came in here by a password that has changed, and nobody else', async () => {
    const world = new World();
    world.put(idOf(1));
    const direct = world.open(idOf(1), undefined, { kind: 'password', setAtMs: 5 });
    const byTicket = world.open(idOf(1));
    world.tell(idOf(1));
    await settle();
    expect(direct.endCount).toBe(0);
    world.setAtMs = 6;
    world.tell(idOf(1));
    await settle();
    expect([direct.endCount, byTicket.endCount]).toEqual([1, 0]);
  });

  it('tells those who stay what the mailbox’s record says now', async () => {
    const world = new World();
    world.put(idOf(1));
    world.put(idOf(2), { delegates: [{ accountId: idOf(1), rights: ['full'] }], quotaBytes: 5 });
    const session = world.open(idOf(2), idOf(1));
    world.tell(idOf(1));
    await settle();
    world.isAway = true;
    world.tell(idOf(2));
    await settle();
    expect([session.endCount, session.quotas]).toEqual([0, [5]]);
  });

  it('reads nothing for accounts that have no session here, nor after a session is over', async () => {
    const world = new World();
    world.put(idOf(1));
    world.open(idOf(1)).cease();
    world.tell(idOf(1));
    world.tell(idOf(2));
    await settle();
    expect(world.reads).toEqual([]);
  });

  it('ends nobody while the directory is away, and those concerned when it is back', async () => {
    const world = new World();
    world.put(idOf(1), off);
    const session = world.open(idOf(1));
    world.isAway = true;
    world.tell(idOf(1));
    await settle();
    expect(session.endCount).toBe(0);
    world.isAway = false;
    world.tellEverything();
    await settle();
    expect(session.endCount).toBe(1);
  });

  it('judges a delegate by both accounts, whichever changed', async () => {
    const world = new World();
    const delegates = [{ accountId: idOf(1), rights: ['full'] as const }];
    world.put(idOf(1));
    world.put(idOf(2), { delegates });
    const session = world.open(idOf(2), idOf(1));
    for (const id of [idOf(1), idOf(2)]) world.tell(id);
    await settle();
    expect(session.endCount).toBe(0);
    world.records.delete(idOf(1));
    world.tell(idOf(1));
    await settle();
    expect(session.endCount).toBe(1);
  });

  it('judges by what is read after the change, also when it comes during a reading', async () => {
    const world = new World();
    world.put(idOf(1));
    const session = world.open(idOf(1));
    const { promise, resolve } = Promise.withResolvers<void>();
    world.gate = promise;
    world.tell(idOf(1));
    world.put(idOf(1), off);
    world.tell(idOf(1));
    resolve();
    await settle();
    expect(session.endCount).toBe(1);
    expect(world.reads).toHaveLength(2);
  });

  it('judges at once a session that a ticket from before a change opened', async () => {
    const world = new World();
    world.put(idOf(1), off);
    world.tell(idOf(1));
    await settle();
    world.nowMs = 89_000;
    const young = world.open(idOf(1));
    await settle();
    world.nowMs = 91_000;
    const old = world.open(idOf(1));
    await settle();
    expect([young.endCount, old.endCount]).toEqual([1, 0]);
  });

  it('judges every new session for a while after it may have missed something', async () => {
    const world = new World();
    world.put(idOf(1), off);
    world.tellEverything();
    const young = world.open(idOf(1));
    await settle();
    expect(young.endCount).toBe(1);
    for (let number = 2; number < 10_010; number += 1) world.tell(idOf(number));
    world.nowMs = 60_000;
    world.put(idOf(2), off);
    const forgotten = world.open(idOf(2));
    await settle();
    expect(forgotten.endCount).toBe(1);
  });

  it('reads no more than a few accounts at once', async () => {
    const world = new World();
    const { promise, resolve } = Promise.withResolvers<void>();
    world.gate = promise;
    const sessions = Array.from({ length: 100 }, (_, number) => world.open(idOf(number)));
    world.tellEverything();
    await settle();
    expect(world.reads.length).toBeLessThanOrEqual(8);
    resolve();
    await expect.poll(() => sessions.every(({ endCount }) => endCount === 1)).toBe(true);
  });

  it('hears nothing any more once it is closed', async () => {
    const world = new World();
    const session = world.open(idOf(1));
    world.watch.close();
    world.tell(idOf(1));
    await settle();
    expect(session.endCount).toBe(0);
    expect(world.faults).toEqual([]);
  });
});
