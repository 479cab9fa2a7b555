import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { createMetrics, SERVICE_METRICS, watchWorkers } from '../metrics/index.ts';
import { type ProcessSupervisor, startSupervisor } from '../process-supervisor.ts';
import { openOpsServer } from './ops-server.ts';

const modulePath = fileURLToPath(new URL('../fixtures/worker.ts', import.meta.url));
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A service of real worker processes behind one ops port. */
async function startService(
  ...behaviours: readonly string[]
): Promise<{ readonly port: number; readonly supervisor: ProcessSupervisor }> {
  const supervisor = startSupervisor({
    modulePath,
    workerCount: behaviours.length,
    args: (index) => [behaviours[index] ?? '', String(index)],
    clock: systemClock,
    log: { log: () => {} },
  });
  closers.push(() => supervisor.stop());
  const metrics = createMetrics({ catalogue: SERVICE_METRICS, worker: 'supervisor' });
  watchWorkers(metrics, supervisor);
  const opened = await openOpsServer({
    host: '127.0.0.1',
    port: 0,
    checks: {},
    metrics,
    workers: supervisor,
    clock: systemClock,
  });
  if (!opened.ok) throw new Error(opened.reason);
  closers.push(() => opened.server.close());
  await supervisor.whenReady();
  return { port: opened.server.port, supervisor };
}

function get(port: number, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ port, host: '127.0.0.1', path }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    call.on('error', reject);
    call.end();
  });
}

async function health(port: number, path: string): Promise<unknown> {
  const { status, body } = await get(port, path);
  return status === 404 ? 404 : { http: status, ...(JSON.parse(body) as object) };
}

describe('OpsServer of a supervisor', () => {
  test('shows the checks and rooms of all its workers', async () => {
    const { port } = await startService('well', 'well');
    expect(await health(port, '/readyz')).toEqual({
      http: 200,
      status: 'ready',
      failed: {},
      passed: ['worker-0.directory', 'worker-1.directory'],
    });
    expect(await health(port, '/health/imap')).toMatchObject({ http: 200, status: 'ready' });
    expect(await health(port, '/health/pop3')).toEqual({
      http: 503,
      status: 'not-ready',
      failed: { 'worker-0.listener': 'is switched off', 'worker-1.listener': 'is switched off' },
      passed: ['worker-0.directory', 'worker-1.directory'],
    });
    expect(await health(port, '/health/smtp')).toBe(404);
  });

  test('is ready while one worker is well, and says what is not', async () => {
    const { port } = await startService('well', 'sick', 'knows-nothing');
    expect(await health(port, '/readyz')).toEqual({
      http: 200,
      status: 'degraded',
      failed: {
        'worker-1.directory': 'no answer from Redis',
        'worker-2': 'the worker could not answer',
      },
      passed: ['worker-0.directory'],
    });
  });

  test('is not ready when no worker is well', async () => {
    const { port, supervisor } = await startService('sick');
    expect(await health(port, '/readyz')).toMatchObject({ http: 503, status: 'not-ready' });
    await supervisor.stop();
    expect(await health(port, '/readyz')).toMatchObject({
      http: 503,
      failed: { 'worker-0': 'the worker is not ready' },
    });
  });

  test('shows single layers of all workers, and with ?verbose those that decide nothing', async () => {
    const { port } = await startService('well', 'sick');
    expect(await health(port, '/health/imap/homes')).toEqual({
      http: 200,
      status: 'degraded',
      failed: { 'worker-1.homes': 'oslo is away' },
      passed: ['worker-0.homes'],
      layers: {
        'worker-0.homes': { ok: true, sites: 2 },
        'worker-1.homes': { ok: false, why: 'oslo is away', sites: 2 },
      },
    });
    expect(await health(port, '/health/imap?verbose')).toMatchObject({
      http: 200,
      failed: { 'worker-1.directory': 'no answer from Redis' },
      passed: ['worker-0.directory', 'worker-0.listener', 'worker-1.listener'],
      layers: { 'worker-1.homes': { ok: false, decides: false } },
    });
    expect(await health(port, '/health/pop3/homes')).toBe(404);
    expect(await health(port, '/health/smtp/listener')).toBe(404);
  });

  test('shows the metrics of all processes on one page, each with its label', async () => {
    const { port } = await startService('well', 'well');
    const { body } = await get(port, '/metrics');
    for (const worker of ['supervisor', '0', '1']) {
      const pattern = `^process_resident_memory_bytes\\{worker="${worker}"\\} \\d+`;
      expect(body).toMatch(new RegExp(pattern, 'm'));
    }
    expect(body.match(/^# HELP process_resident_memory_bytes /gm)).toHaveLength(1);
    expect(body).toContain('homeward_service_worker_up{worker="0"} 1\n');
    expect(body).toContain('homeward_service_worker_restarts_total{worker="1"} 0\n');
    expect(body).not.toContain('worker="2"');
  });
});
