import { request } from 'node:http';
import { FakeClock } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMetrics, SERVICE_METRICS } from '../metrics/index.ts';
import type { ReadinessCheck } from './health-report.ts';
import { openOpsServer, type OpsServer } from './ops-server.ts';

let clock: FakeClock;
let server: OpsServer;
let checks: Record<string, ReadinessCheck>;
let faults: [string, unknown][];
let besides: ReadinessCheck | undefined;

beforeEach(async () => {
  clock = new FakeClock();
  checks = { directory: () => undefined };
  faults = [];
  besides = undefined;
  const opened = await openOpsServer({
    host: '127.0.0.1',
    port: 0,
    checks,
    clock,
    rooms: {
      imap: { listener: () => undefined },
      pop3: { listener: () => 'is switched off' },
    },
    besides: {
      imap: {
        homes: () =>
          besides?.() ?? { fault: 'oslo is away', facts: { sites: 2, sitesAnswering: 1 } },
      },
    },
    metrics: createMetrics({ catalogue: SERVICE_METRICS, worker: '0', includesProcess: false }),
    onFault: (page, error) => faults.push([page, error]),
    routes: {
      '/own': () => ({ status: 200, contentType: 'text/plain', body: 'own\n' }),
      '/broken': () => {
        throw new Error('secret detail');
      },
    },
  });
  if (!opened.ok) throw new Error(opened.reason);
  server = opened.server;
});
afterEach(() => server.close());

function get(path: string, method = 'GET'): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ port: server.port, host: '127.0.0.1', path, method }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    call.on('error', reject);
    call.end();
  });
}

describe('OpsServer', () => {
  test('says on /healthz that the process lives', async () => {
    expect(await get('/healthz')).toEqual({ status: 200, body: 'ok\n' });
    expect(await get('/healthz?x=1', 'HEAD')).toEqual({ status: 200, body: '' });
  });

  test('says on /readyz whether to send traffic, and why not', async () => {
    expect((await get('/readyz')).status).toBe(200);
    checks['directory'] = () => 'no answer from Redis';
    const refused = await get('/readyz');
    expect(refused.status).toBe(503);
    expect(JSON.parse(refused.body)).toEqual({
      status: 'not-ready',
      failed: { directory: 'no answer from Redis' },
      passed: [],
    });
    checks['directory'] = async () => undefined;
    expect((await get('/readyz')).status).toBe(200);
  });

  test('gives up on all checks that hang in the time that one has', async () => {
    const asked: string[] = [];
    const hang = (name: string) => (): Promise<never> => {
      asked.push(name);
      return new Promise(() => {});
    };
    checks['directory'] = hang('directory');
    besides = hang('homes');
    const answer = get('/health/imap?verbose');
    await expect.poll(() => asked).toEqual(['directory', 'homes']);
    clock.advance(2_000);
    expect(JSON.parse((await answer).body)).toMatchObject({
      layers: { directory: { ok: false }, homes: { ok: false } },
    });
  });

  test('takes a check that throws or hangs for one that fails', async () => {
    checks['directory'] = () => Promise.reject(new Error('x'));
    expect((await get('/readyz')).body).toContain('the check failed');
    expect(faults).toEqual([['directory', new Error('x')]]);
    const asked = Promise.withResolvers<void>();
    checks['directory'] = () => {
      asked.resolve();
      return new Promise(() => {});
    };
    const answer = get('/readyz');
    await asked.promise;
    clock.advance(2_000);
    expect((await answer).body).toContain('no answer');
  });

  test('is not ready while draining', async () => {
    server.startDraining();
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/health/imap')).status).toBe(503);
    expect((await get('/healthz')).status).toBe(200);
  });

  test('serves further routes, and nothing else', async () => {
    expect((await get('/own')).body).toBe('own\n');
    expect((await get('/nothing')).status).toBe(404);
    expect((await get('/toString')).status).toBe(404);
    expect((await get('/healthz', 'POST')).status).toBe(405);
    expect(await get('/broken')).toEqual({ status: 500, body: 'internal error\n' });
    expect(faults).toEqual([['/broken', new Error('secret detail')]]);
  });

  test('tells of each protocol’s room, without letting one close another', async () => {
    const imap = await get('/health/imap');
    expect([imap.status, JSON.parse(imap.body)]).toEqual([
      200,
      { status: 'ready', failed: {}, passed: ['directory', 'listener'] },
    ]);
    const pop3 = await get('/health/pop3');
    expect([pop3.status, JSON.parse(pop3.body)]).toEqual([
      503,
      { status: 'not-ready', failed: { listener: 'is switched off' }, passed: ['directory'] },
    ]);
    expect((await get('/readyz')).status).toBe(200);
    checks['directory'] = () => 'no answer from Redis';
    expect((await get('/health/imap')).status).toBe(503);
    expect((await get('/health/smtp')).status).toBe(404);
    expect((await get('/health/constructor')).status).toBe(404);
    expect((await get('/health/')).status).toBe(404);
  });

  test('tells of one layer alone, with what it counted', async () => {
    const page = async (path: string): Promise<unknown> => {
      const { status, body } = await get(path);
      return status === 404 ? 404 : { http: status, ...(JSON.parse(body) as object) };
    };
    const homes = { ok: false, why: 'oslo is away', sites: 2, sitesAnswering: 1 };
    expect(await page('/health/imap/homes')).toEqual({
      http: 503,
      status: 'not-ready',
      failed: { homes: 'oslo is away' },
      passed: [],
      layers: { homes },
    });
    checks['directory'] = () => ({ fault: undefined, facts: { behindSeconds: 3 } });
    expect(await page('/health/pop3/directory')).toMatchObject({
      http: 200,
      layers: { directory: { ok: true, behindSeconds: 3 } },
    });
    // Only what was asked for, also at the end of the service.
    server.startDraining();
    expect(await page('/health/imap/listener')).toMatchObject({ http: 200, status: 'ready' });
    const nowhere = ['imap/nothing', 'pop3/homes', 'imap/constructor', 'imap/', 'imap/homes/x'];
    for (const path of nowhere) expect(await page(`/health/${path}`)).toBe(404);
  });

  test('shows every layer with ?verbose, and is judged by no more of them', async () => {
    const { status, body } = await get('/health/imap?x&verbose');
    expect([status, JSON.parse(body)]).toEqual([
      200,
      {
        status: 'ready',
        failed: {},
        passed: ['directory', 'listener'],
        layers: {
          directory: { ok: true, decides: true },
          listener: { ok: true, decides: true },
          homes: {
            ...{ ok: false, why: 'oslo is away', decides: false },
            ...{ sites: 2, sitesAnswering: 1 },
          },
        },
      },
    ]);
    server.startDraining();
    expect(JSON.parse((await get('/readyz?verbose')).body)).toMatchObject({
      status: 'not-ready',
      layers: { draining: { ok: false, why: 'the service is stopping' } },
    });
  });

  test('shows its metrics', async () => {
    const { status, body } = await get('/metrics');
    expect(status).toBe(200);
    expect(body).toContain('homeward_log_lines_total{level="error",worker="0"} 0\n');
  });

  test('says that its port is taken', async () => {
    const second = await openOpsServer({ host: '127.0.0.1', port: server.port, checks, clock });
    expect(!second.ok && second.reason).toContain('EADDRINUSE');
  });
});
