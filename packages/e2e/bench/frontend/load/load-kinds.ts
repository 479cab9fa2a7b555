/** What the load generator can do: each kind keeps some connections busy for a while. */
import { quantile } from '../../backend/bench-row.ts';
import { type ClientTarget, MailClient } from './mail-client.ts';

/** An order for the load generator. */
export interface LoadOrder extends ClientTarget {
  readonly kind: 'login' | 'noop' | 'download' | 'idle';
  readonly connectionCount: number;
  /** How long it goes on; `idle` goes on until it is told to end. */
  readonly durationMs: number;
  /** Octets that an answer to FETCH must have at least. */
  readonly messageBytes: number;
  /** `login`: no more than so many begin in a second; 0: as many as there can be. */
  readonly ratePerSecond: number;
}

/** What came of it. */
export interface LoadResult {
  /** Logins, commands, messages or connections. */
  readonly doneCount: number;
  readonly octets: number;
  readonly seconds: number;
  readonly errorCount: number;
  readonly firstError: string | undefined;
  /** What the load generator itself took. */
  readonly loadCpuMs: number;
  /** Of one thing done. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Keeps count of one run. */
export class LoadTally {
  doneCount = 0;
  octets = 0;
  errorCount = 0;
  firstError: string | undefined;
  readonly #latenciesMs: number[] = [];
  readonly #startedMs = performance.now();
  readonly #startedCpu = process.cpuUsage();

  get ageMs(): number {
    return performance.now() - this.#startedMs;
  }

  noteError(error: unknown): void {
    this.errorCount += 1;
    this.firstError ??= error instanceof Error ? error.message : String(error);
  }

  async time(work: () => Promise<unknown>): Promise<void> {
    const startedMs = performance.now();
    await work();
    this.#latenciesMs.push(performance.now() - startedMs);
    this.doneCount += 1;
  }

  close(): LoadResult {
    const { doneCount, octets, errorCount, firstError } = this;
    const seconds = this.ageMs / 1000;
    const p50Ms = quantile(this.#latenciesMs, 0.5);
    const p99Ms = quantile(this.#latenciesMs, 0.99);
    const { user, system } = process.cpuUsage(this.#startedCpu);
    const loadCpuMs = (user + system) / 1000;
    return { doneCount, octets, seconds, errorCount, firstError, loadCpuMs, p50Ms, p99Ms };
  }
}

/** What a kind does: connections that are to be there first, then one step after another. */
type LoadStep = (client: MailClient, tally: LoadTally, order: LoadOrder) => Promise<void>;

const STEPS: Readonly<Record<'noop' | 'download', LoadStep>> = {
  noop: (client, tally) => tally.time(() => client.ask('n1', 'NOOP')),
  download: (client, tally, { messageBytes }) =>
    tally.time(async () => {
      const octets = await client.ask('f1', 'FETCH 1 BODY[]');
      if (octets < messageBytes) throw new Error(`a message of ${octets} octets`);
      tally.octets += octets;
    }),
};

/** Connects again and again: connect, TLS, LOGIN; the latency is until the tagged OK. */
export async function runLogins(order: LoadOrder, onStart: () => void): Promise<LoadResult> {
  onStart();
  const tally = new LoadTally();
  const { connectionCount, durationMs, ratePerSecond } = order;
  let begun = 0;
  await inParallel(connectionCount, async () => {
    while (tally.ageMs < durationMs) {
      if (ratePerSecond > 0) await pause((begun++ / ratePerSecond) * 1000 - tally.ageMs);
      await attempt(tally, async () => {
        let client: MailClient | undefined;
        await tally.time(async () => (client = await MailClient.logIn(order)));
        await client?.logOut();
      });
    }
  });
  return tally.close();
}

/** Logs connections in, and then lets each do its step again and again. */
export async function runSteps(
  order: LoadOrder & { readonly kind: 'noop' | 'download' },
  onStart: () => void,
): Promise<LoadResult> {
  const { connectionCount, durationMs, kind } = order;
  const clients: MailClient[] = [];
  for (let index = 0; index < connectionCount; index += 1)
    clients.push(await MailClient.logIn(order));
  onStart();
  const tally = new LoadTally();
  await inParallel(connectionCount, async (index) => {
    const client = clients[index];
    while (client !== undefined && client.fault === undefined && tally.ageMs < durationMs) {
      await attempt(tally, () => STEPS[kind](client, tally, order));
    }
  });
  const result = tally.close();
  for (const client of clients) client.destroy();
  return result;
}

/** Connections that sit in IDLE until `end`. @param onStart Called when all are there. */
export async function holdIdle(
  order: LoadOrder,
  onStart: () => void,
  end: Promise<unknown>,
): Promise<LoadResult> {
  const tally = new LoadTally();
  const clients: MailClient[] = [];
  let begun = 0;
  await inParallel(Math.min(order.connectionCount, 50), async () => {
    while (begun < order.connectionCount) {
      begun += 1;
      await attempt(tally, async () => {
        const client = await MailClient.logIn(order);
        await client.idle();
        clients.push(client);
      });
    }
  });
  onStart();
  await end;
  const lost = clients.filter(({ fault }) => fault !== undefined);
  for (const { fault } of lost) tally.noteError(fault);
  tally.doneCount = clients.length - lost.length;
  const result = tally.close();
  for (const client of clients) client.destroy();
  return result;
}

async function attempt(tally: LoadTally, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tally.noteError(error);
    // Whoever is refused at once must not ask a hundred thousand times.
    await pause(20);
  }
}

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_unused, index) => work(index)));
}

async function pause(delayMs: number): Promise<void> {
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
}
