/** Two hosts and a directory that may be away, at a clock of the test's own. */
import { type DirectoryDriver, DirectoryUnavailableError } from '@homeward/directory';
import { FakeClock } from '@homeward/testkit';
import { expect, test } from 'vitest';
import { SyncDuty } from './sync-duty.ts';

const clock = (): FakeClock => new FakeClock();

/** As the drivers keep it (`operations-contract.ts`). */
class Store implements Pick<DirectoryDriver['operations'], 'takeDuty' | 'leaveDuty'> {
  readonly #clock: FakeClock;
  isAway = false;
  holder: string | undefined;
  /** Questions are answered no sooner. */
  answering: Promise<void> | undefined;
  #untilMs = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async takeDuty(_duty: string, holder: string, lifeMs: number): Promise<string> {
    if (this.answering !== undefined) await this.answering;
    this.#refuseIfAway();
    const present = this.#clock.elapsedMs() < this.#untilMs ? this.holder : undefined;
    if (present !== undefined && present !== holder) return present;
    this.holder = holder;
    this.#untilMs = this.#clock.elapsedMs() + lifeMs;
    return holder;
  }

  async leaveDuty(_duty: string, holder: string): Promise<void> {
    this.#refuseIfAway();
    if (this.holder === holder) this.holder = undefined;
  }

  #refuseIfAway(): void {
    if (this.isAway) throw new DirectoryUnavailableError('away');
  }
}

interface Host {
  readonly duty: SyncDuty;
  readonly events: string[];
  /** In order. */
  stop(): Promise<void>;
}

function startHost(store: Store, time: FakeClock, holder: string): Host {
  const events: string[] = [];
  const stopping = new AbortController();
  const duty = new SyncDuty({
    ...{ operations: store, holder, clock: time, signal: stopping.signal },
    log: { log: (event) => events.push(event) },
  });
  const running = duty.run();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  return { duty, events, stop };
}

test('one of two has the duty; the other takes over when it ends', async () => {
  const time = clock();
  const store = new Store(time);
  const one = startHost(store, time, 'one');
  const two = startHost(store, time, 'two');
  const tenure = await one.duty.next();
  let next: AbortSignal | undefined;
  const waiting = two.duty.next().then((signal) => (next = signal));
  await time.advanceAsync(600_000);
  expect(tenure?.aborted).toBe(false);
  expect(next).toBeUndefined();
  expect([one.events, two.events]).toEqual([['ldap-sync.duty-taken'], ['ldap-sync.stood-by']]);
  await one.stop();
  expect(tenure?.aborted).toBe(true);
  expect(await one.duty.next()).toBeUndefined();
  await time.advanceAsync(15_000);
  await waiting;
  expect(next?.aborted).toBe(false);
  await two.stop();
  expect(store.holder).toBeUndefined();
  expect(time.timerCount).toBe(0);
});

test('a holder that cannot renew has lost the duty before another can have it', async () => {
  const time = clock();
  const store = new Store(time);
  const one = startHost(store, time, 'one');
  const tenure = await one.duty.next();
  store.isAway = true;
  await time.advanceAsync(54_000);
  expect(tenure?.aborted).toBe(false);
  await time.advanceAsync(6_000);
  expect(tenure?.aborted).toBe(true);
  expect(one.events).toEqual([
    'ldap-sync.duty-taken',
    'ldap-sync.directory-unavailable',
    'ldap-sync.duty-lost',
  ]);
  store.isAway = false;
  await time.advanceAsync(15_000);
  expect((await one.duty.next())?.aborted).toBe(false);
  await one.stop();
});

test('a holder whose question is not answered has lost the duty in time, too', async () => {
  const time = clock();
  const store = new Store(time);
  const one = startHost(store, time, 'one');
  const tenure = await one.duty.next();
  const answer = Promise.withResolvers<void>();
  store.answering = answer.promise;
  await time.advanceAsync(54_000);
  expect(tenure?.aborted).toBe(false);
  await time.advanceAsync(5_000);
  expect(tenure?.aborted).toBe(true);
  expect(one.events).toEqual(['ldap-sync.duty-taken', 'ldap-sync.duty-lost']);
  answer.resolve();
  await one.stop();
  expect(time.timerCount).toBe(0);
});

test('a holder whom the directory forgot gives way to the one that it names', async () => {
  const time = clock();
  const store = new Store(time);
  const one = startHost(store, time, 'one');
  const tenure = await one.duty.next();
  store.holder = 'two';
  await time.advanceAsync(15_000);
  expect(tenure?.aborted).toBe(true);
  expect(one.events.at(-1)).toBe('ldap-sync.duty-lost');
  await one.stop();
  expect(store.holder).toBe('two');
});

test('who waits ends when it is stopped, though the directory is away', async () => {
  const time = clock();
  const store = new Store(time);
  store.isAway = true;
  const one = startHost(store, time, 'one');
  const waiting = one.duty.next();
  await time.advanceAsync(60_000);
  expect(one.events).toEqual(['ldap-sync.directory-unavailable']);
  await one.stop();
  expect(await waiting).toBeUndefined();
});
