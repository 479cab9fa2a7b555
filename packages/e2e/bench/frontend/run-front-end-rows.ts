/** Runs the rows on all proxies, in turns, so that what else the machine does hits all alike. */
import type { BenchWorld } from './bench-world.ts';
import type { FrontEndSize } from './front-end-options.ts';
import type { ProxyResult } from './front-end-report.ts';
import type { Figures, FrontEndRow } from './front-end-row.ts';
import { measureLoad, settle } from './measure.ts';
import type { Proxy, ProxyKind } from './proxies/proxy.ts';

/** A proxy and what was measured of it so far. */
class Subject {
  readonly kind: ProxyKind;
  readonly samples: Figures[] = [];
  readonly failures: string[] = [];

  constructor(kind: ProxyKind) {
    this.kind = kind;
  }

  async measure(row: FrontEndRow, proxy: Proxy, size: FrontEndSize): Promise<void> {
    try {
      this.samples.push(await row.measure(proxy, size, this.kind));
    } catch (error) {
      const ids = row.figures.map(({ id }) => id).join(', ');
      this.failures.push(`${ids}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** @returns undefined if it is not installed, or would not start. */
  async start(
    world: BenchWorld,
    tell: (text: string) => void,
    workers?: number,
  ): Promise<Proxy | undefined> {
    try {
      const proxy =
        workers === undefined
          ? await this.kind.start(world)
          : await this.kind.startWorkers?.(world, workers);
      if (proxy === undefined) tell(`${this.kind.name} is not installed`);
      return proxy;
    } catch (error) {
      this.failures.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  get result(): ProxyResult {
    const { samples, failures } = this;
    const { name, note } = this.kind;
    return { name, note, samples, failures };
  }
}

/** @param tell Hears how far it has come. */
export async function runFrontEndRows(
  rows: readonly FrontEndRow[],
  kinds: readonly ProxyKind[],
  size: FrontEndSize,
  world: BenchWorld,
  tell: (text: string) => void,
): Promise<readonly ProxyResult[]> {
  const subjects = kinds.map((kind) => new Subject(kind));
  const measured = await runRounds(rows, subjects, size, world, tell);
  for (const row of rows.filter(({ isOnce }) => isOnce)) {
    const { workers } = row;
    const able = measured.filter(({ kind }) => workers === undefined || kind.startWorkers);
    for (const subject of able) {
      tell(`${row.figures.map(({ id }) => id).join(', ')}: ${subject.kind.name}`);
      // Each by itself, and just started.
      await using proxy = await subject.start(world, tell, workers);
      if (proxy !== undefined) await subject.measure(row, proxy, size);
    }
  }
  const told = subjects.filter(({ failures }) => failures.length > 0);
  return [...new Set([...measured, ...told])].map(({ result }) => result);
}

/** @returns Those that could be started. */
async function runRounds(
  rows: readonly FrontEndRow[],
  subjects: readonly Subject[],
  size: FrontEndSize,
  world: BenchWorld,
  tell: (text: string) => void,
): Promise<readonly Subject[]> {
  await using stack = new AsyncDisposableStack();
  const running: { readonly subject: Subject; readonly proxy: Proxy }[] = [];
  for (const subject of subjects) {
    const proxy = await subject.start(world, tell);
    if (proxy !== undefined) running.push({ subject, proxy: stack.use(proxy) });
  }
  const repeated = rows.filter(({ isOnce }) => isOnce !== true);
  if (repeated.length > 0) {
    for (const { subject, proxy } of running) {
      tell(`warming up ${subject.kind.name}`);
      await warmUp(proxy, size);
    }
  }
  for (let round = 0; round < size.roundCount; round += 1) {
    for (const [index, row] of repeated.entries()) {
      tell(
        `round ${round + 1} of ${size.roundCount}: ${row.figures.map(({ id }) => id).join(', ')}`,
      );
      const first = (round + index) % running.length;
      for (const { subject, proxy } of [...running.slice(first), ...running.slice(0, first)]) {
        await subject.measure(row, proxy, size);
        await settle(200);
      }
    }
  }
  return running.map(({ subject }) => subject);
}

async function warmUp(proxy: Proxy, { warmUpMs }: FrontEndSize): Promise<void> {
  const half = { connectionCount: 16, durationMs: warmUpMs / 2 };
  await measureLoad(proxy, { kind: 'login', tls: true, ...half });
  await measureLoad(proxy, { kind: 'login', ...half });
}
