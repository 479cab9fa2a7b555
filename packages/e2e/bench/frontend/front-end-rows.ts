/**
 * The rows of the front-end benchmark. One measurement can give several figures, each a row of
 * the table; goals are in terms of the peers of the same run.
 */
import type { FrontEndSize } from './front-end-options.ts';
import type { Figure, FigureGoal, Figures, FrontEndRow } from './front-end-row.ts';
import { holdIdle, type Load, measureLoad, type Measurement, settle } from './measure.ts';
import { readPrivateBytes } from '../backend/process-cost.ts';
import type { Proxy, ProxyKind } from './proxies/proxy.ts';
import { WORKER_ROWS } from './worker-rows.ts';

const TLS: Pick<Load, 'tls'> = { tls: true };

/** Errors are never averaged away. @throws if there was one. */
async function measureClean(proxy: Proxy, load: Load): Promise<Measurement> {
  const measured = await measureLoad(proxy, load);
  if (measured.errorCount === 0) return measured;
  throw new Error(`${measured.errorCount} errors, the first: ${measured.firstError}`);
}

function loginRow(
  id: string,
  title: string,
  load: Pick<Load, 'protocol' | 'tls' | 'connectionCount'>,
): FrontEndRow {
  return {
    figures: [{ id, title: () => title, decimals: 3, best: 'low', goal: atMost('Dovecot', 1) }],
    async measure(proxy, { loadMs }) {
      const { cpuMs, doneCount } = await measureClean(proxy, {
        kind: 'login',
        durationMs: loadMs,
        ...load,
      });
      return { [id]: cpuMs / doneCount };
    },
  };
}

function atMost(peer: string, times: number): FigureGoal {
  return { kind: 'of-peer', peer, times };
}

export const FRONT_END_ROWS: readonly FrontEndRow[] = [
  loginRow('login-tls', 'CPU ms per IMAP login, TLS', { ...TLS, connectionCount: 64 }),
  loginRow('login-plain', 'CPU ms per IMAP login, plaintext', { connectionCount: 32 }),
  loginRow('pop3-login-tls', 'CPU ms per POP3 login, TLS', {
    protocol: 'pop3',
    connectionCount: 64,
    ...TLS,
  }),
  loginRow('pop3-login-plain', 'CPU ms per POP3 login, plaintext', {
    protocol: 'pop3',
    connectionCount: 32,
  }),
  {
    figures: [
      latencyFigure('latency-p50', 'login p50 ms, TLS, 8 at a time'),
      latencyFigure('latency-p99', 'login p99 ms, TLS, 8 at a time'),
    ],
    async measure(proxy, { loadMs }) {
      const load: Load = { kind: 'login', connectionCount: 8, durationMs: loadMs, ...TLS };
      const { p50Ms, p99Ms } = await measureClean(proxy, load);
      return { 'latency-p50': p50Ms, 'latency-p99': p99Ms };
    },
  },
  {
    figures: [
      {
        id: 'noop-p50',
        title: () => 'NOOP p50 µs, TLS, 1 connection',
        decimals: 0,
        best: 'low',
        goal: atMost('HAProxy', 1),
      },
    ],
    async measure(proxy, { loadMs }) {
      const load: Load = { kind: 'noop', connectionCount: 1, durationMs: loadMs / 2, ...TLS };
      return { 'noop-p50': (await measureClean(proxy, load)).p50Ms * 1000 };
    },
  },
  {
    figures: [
      {
        id: 'noop-cpu',
        title: () => 'CPU µs per NOOP, TLS, 32 connections',
        decimals: 1,
        best: 'low',
        goal: atMost('HAProxy', 1),
      },
    ],
    async measure(proxy, { loadMs }) {
      const load: Load = { kind: 'noop', connectionCount: 32, durationMs: loadMs, ...TLS };
      const { cpuMs, doneCount } = await measureClean(proxy, load);
      return { 'noop-cpu': (cpuMs * 1000) / doneCount };
    },
  },
  {
    figures: [
      {
        id: 'download-cpu',
        title: () => 'CPU s per GB of FETCH, TLS',
        decimals: 2,
        best: 'low',
        goal: atMost('HAProxy', 1),
      },
      {
        id: 'download-rate',
        title: () => 'MB/s of FETCH, TLS, 4 connections',
        decimals: 0,
        best: 'high',
        goal: atMost('HAProxy', 1),
      },
    ],
    async measure(proxy, { loadMs }) {
      const load: Load = { kind: 'download', connectionCount: 4, durationMs: loadMs, ...TLS };
      const { cpuMs, octets, seconds } = await measureClean(proxy, load);
      return {
        'download-cpu': cpuMs / 1000 / (octets / 1e9),
        'download-rate': octets / 1e6 / seconds,
      };
    },
  },
  {
    isOnce: true,
    figures: [
      {
        id: 'idle-memory',
        title: ({ idleCount }) =>
          `private KB per idle TLS connection, ${idleCount.toLocaleString('en')}`,
        decimals: 1,
        best: 'low',
        goal: { kind: 'absolute', value: 36 },
      },
      {
        id: 'given-back',
        title: ({ restMs }) => `% of it given back ${(restMs / 1000).toFixed(0)} s later`,
        decimals: 0,
        best: 'high',
        goal: { kind: 'absolute', value: 80 },
      },
    ],
    measure: measureIdle,
  },
  ...WORKER_ROWS,
];

function latencyFigure(id: string, title: string): Figure {
  return { id, title: () => title, decimals: 1, best: 'low', goal: atMost('HAProxy', 1.3) };
}

/** Memory of a proxy that has just been started, with a crowd, and when the crowd is gone. */
async function measureIdle(
  proxy: Proxy,
  { idleCount, restMs }: FrontEndSize,
  { idleLimit = Infinity, isOurs = false }: ProxyKind,
): Promise<Figures> {
  const count = Math.min(idleCount, idleLimit);
  // What is made once is no connection's.
  await measureClean(proxy, { kind: 'login', connectionCount: 4, durationMs: 500, ...TLS });
  await settle();
  const emptyBytes = readPrivateBytes(proxy.listPids());
  const crowd = await holdIdle(proxy, count);
  const { doneCount, errorCount, firstError } = await crowd.release();
  if (errorCount > 0) throw new Error(`${errorCount} errors, the first: ${firstError}`);
  const grownBytes = crowd.privateBytes - emptyBytes;
  const memory = { 'idle-memory': grownBytes / 1024 / doneCount };
  if (!isOurs) return memory;
  await settle(restMs);
  const leftBytes = readPrivateBytes(proxy.listPids()) - emptyBytes;
  return { ...memory, 'given-back': 100 * (1 - leftBytes / grownBytes) };
}
