/** What the queue tells, as counts and log lines. */
import { createLogger, createMetrics, systemClock } from '@homeward/service';
import { expect, it } from 'vitest';
import { BACKEND_LOG_EVENTS } from '../log-events.ts';
import { BACK_END_METRICS } from '../metrics/back-end-metrics.ts';
import { createQueueReport } from './queue-report.ts';

it('createQueueReport() counts refused messages, and tells of unreadable ones', async () => {
  const lines: unknown[] = [];
  const log = createLogger({
    service: 'backend',
    level: 'debug',
    format: 'json',
    events: BACKEND_LOG_EVENTS,
    clock: systemClock,
    write: (line) => void lines.push(JSON.parse(line)),
  });
  const catalogue = BACK_END_METRICS;
  const metrics = createMetrics({ catalogue, worker: '0', includesProcess: false });
  const report = createQueueReport(log, metrics);
  report({ name: 'refused', reason: 'full' });
  report({ name: 'refused', reason: 'full' });
  report({ name: 'refused', reason: 'unavailable' });
  const facts = { message: '0-abc', reference: 'R1', reason: 'gone', isHeld: true } as const;
  report({ name: 'message-unreadable', code: undefined, ...facts });
  const page = await metrics.format();
  expect(page).toMatch(/queue_refusals_total\{[^}]*reason="full"[^}]*\} 2\n/);
  expect(page).toMatch(/queue_refusals_total\{[^}]*reason="unavailable"[^}]*\} 1\n/);
  expect(page).toMatch(/queue_unreadable_total\{[^}]*reason="gone"[^}]*\} 1\n/);
  expect(page).toMatch(/queue_unreadable_total\{[^}]*reason="fault"[^}]*\} 0\n/);
  expect(lines).toMatchObject([{ event: 'queue.message-unreadable', level: 'error', ...facts }]);
});
