import { describe, expect, test } from 'vitest';
import { createMetrics, type Metrics } from './metric-registry.ts';
import { mergeMetricTexts } from './merge-metric-texts.ts';
import { findCatalogueFaults, type MetricCatalogue } from './metric-catalogue.ts';
import { SERVICE_METRICS } from './service-metrics.ts';

const CATALOGUE = {
  homeward_test_logins_total: {
    kind: 'counter',
    help: 'Logins.',
    labels: { protocol: ['imap', 'pop3'], outcome: ['ok', 'refused'] },
  },
  homeward_test_bytes_total: { kind: 'counter', help: 'Octets.' },
  homeward_test_connections: {
    kind: 'gauge',
    help: 'Open connections.',
    labels: { protocol: ['imap', 'pop3'] },
  },
  homeward_test_login_seconds: {
    kind: 'histogram',
    help: 'Time of a login.',
    labels: { protocol: ['imap', 'pop3'] },
    buckets: [0.1, 1],
  },
} as const;

function create(worker = '0'): Metrics<typeof CATALOGUE> {
  return createMetrics({ catalogue: CATALOGUE, worker, includesProcess: false });
}

/** The lines of one metric, without its head. */
async function seriesOf(metrics: Metrics<never>, name: string): Promise<readonly string[]> {
  return (await metrics.format()).split('\n').filter((line) => line.startsWith(name));
}

describe('createMetrics()', () => {
  test('shows every counter at zero from the beginning, with the worker', async () => {
    expect(await seriesOf(create('3'), 'homeward_test_logins_total')).toEqual([
      'homeward_test_logins_total{protocol="imap",outcome="ok",worker="3"} 0',
      'homeward_test_logins_total{protocol="imap",outcome="refused",worker="3"} 0',
      'homeward_test_logins_total{protocol="pop3",outcome="ok",worker="3"} 0',
      'homeward_test_logins_total{protocol="pop3",outcome="refused",worker="3"} 0',
    ]);
  });

  test('counts', async () => {
    const metrics = create();
    const logins = metrics.counter('homeward_test_logins_total');
    logins.add({ protocol: 'imap', outcome: 'ok' });
    logins.add({ protocol: 'imap', outcome: 'ok' }, 2);
    metrics.counter('homeward_test_bytes_total').add({}, 10);
    expect(
      await seriesOf(metrics, 'homeward_test_logins_total{protocol="imap",outcome="ok"'),
    ).toEqual(['homeward_test_logins_total{protocol="imap",outcome="ok",worker="0"} 3']);
    expect(await seriesOf(metrics, 'homeward_test_bytes_total')).toEqual([
      'homeward_test_bytes_total{worker="0"} 10',
    ]);
  });

  test('asks those who keep a number when somebody looks', async () => {
    const metrics = create();
    let open = 1;
    metrics.gauge('homeward_test_connections').read({ protocol: 'imap' }, () => open);
    metrics.counter('homeward_test_bytes_total').read({}, () => 100 * open);
    for (open of [7, 8]) {
      expect(await seriesOf(metrics, 'homeward_test_connections')).toEqual([
        `homeward_test_connections{protocol="imap",worker="0"} ${open}`,
      ]);
      expect(await seriesOf(metrics, 'homeward_test_bytes_total')).toEqual([
        `homeward_test_bytes_total{worker="0"} ${open}00`,
      ]);
    }
  });

  test('sorts values into buckets', async () => {
    const metrics = create();
    const seconds = metrics.histogram('homeward_test_login_seconds');
    for (const value of [0.05, 0.5, 5]) seconds.observe({ protocol: 'imap' }, value);
    const lines = await seriesOf(metrics, 'homeward_test_login_seconds');
    expect(
      lines.map((line) => line.replace(/.*(?:le="([^"]*)".*|_(sum|count).*) /, '$1$2 ')),
    ).toEqual(['0.1 1', '1 2', '+Inf 3', 'sum 5.55', 'count 3']);
    expect(
      lines.every((line) => line.includes('protocol="imap"') && line.includes('worker="0"')),
    ).toBe(true);
  });

  test('sets and adds', async () => {
    const metrics = create();
    const gauge = metrics.gauge('homeward_test_connections');
    gauge.set({ protocol: 'pop3' }, 5);
    gauge.add({ protocol: 'pop3' }, -2);
    expect(await seriesOf(metrics, 'homeward_test_connections')).toEqual([
      'homeward_test_connections{protocol="pop3",worker="0"} 3',
    ]);
  });

  test('takes no undeclared name, kind, label or value', () => {
    const metrics = create();
    const logins = metrics.counter('homeward_test_logins_total');
    // @ts-expect-error a value that is not declared
    expect(() => logins.add({ protocol: 'smtp', outcome: 'ok' })).toThrow(TypeError);
    // @ts-expect-error a label is missing
    expect(() => logins.add({ protocol: 'imap' })).toThrow(TypeError);
    const more = { protocol: 'imap', outcome: 'ok', account: 'anna' } as const;
    expect(() => logins.add(more)).toThrow('account');
    // @ts-expect-error not declared
    expect(() => metrics.counter('homeward_test_nothing_total')).toThrow(TypeError);
    // @ts-expect-error a counter
    expect(() => metrics.gauge('homeward_test_logins_total')).toThrow(TypeError);
    // @ts-expect-error a metric without labels
    expect(() => metrics.counter('homeward_test_bytes_total').add({ a: 'b' })).toThrow('a');
  });

  test('tells of the process', async () => {
    const metrics = createMetrics({ catalogue: SERVICE_METRICS, worker: '0' });
    const text = await metrics.format();
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_open_fds',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_heap_size_used_bytes',
    ]) {
      expect(text).toMatch(new RegExp(`^${name}\\{.*worker="0".*\\} `, 'm'));
    }
  });
});

describe('findCatalogueFaults()', () => {
  test.each<[string, MetricCatalogue]>([
    ['nothing', CATALOGUE],
    ['nothing', SERVICE_METRICS],
    ['is not homeward_', { logins_total: { kind: 'counter', help: '' } }],
    ['is not homeward_', { homeward_Logins_total: { kind: 'counter', help: '' } }],
    ['counters end in _total', { homeward_test_logins: { kind: 'counter', help: '' } }],
    ['nothing else does', { homeward_test_logins_total: { kind: 'gauge', help: '' } }],
    ['le is no name', { homeward_test_a: { kind: 'gauge', help: '', labels: { le: ['1'] } } }],
    ['a-b is no name', { homeward_test_a: { kind: 'gauge', help: '', labels: { 'a-b': ['1'] } } }],
    ['has no values', { homeward_test_a: { kind: 'gauge', help: '', labels: { a: [] } } }],
    ['twice', { homeward_test_a: { kind: 'gauge', help: '', labels: { a: ['1', '1'] } } }],
    ['do not ascend', { homeward_test_a: { kind: 'histogram', help: '', buckets: [1, 1] } }],
    ['do not ascend', { homeward_test_a: { kind: 'histogram', help: '', buckets: [] } }],
  ])('finds %s', (fault, catalogue) => {
    const faults = findCatalogueFaults(catalogue);
    if (fault === 'nothing') return expect(faults).toEqual([]);
    expect(faults.join('\n')).toContain(fault);
    return expect(() => createMetrics({ catalogue, worker: '0' })).toThrow(TypeError);
  });
});

test('mergeMetricTexts() keeps each process’s series, all of a metric together', async () => {
  const texts = await Promise.all(
    ['0', '1'].map((worker) => {
      const metrics = create(worker);
      metrics.counter('homeward_test_bytes_total').add({}, 5);
      return metrics.format();
    }),
  );
  const lines = mergeMetricTexts(texts).split('\n');
  const at = lines.indexOf('# TYPE homeward_test_bytes_total counter');
  expect(lines.slice(at + 1, at + 3)).toEqual([
    'homeward_test_bytes_total{worker="0"} 5',
    'homeward_test_bytes_total{worker="1"} 5',
  ]);
  expect(lines.filter((line) => line.startsWith('# HELP'))).toHaveLength(4);
  expect(mergeMetricTexts([texts[0] ?? ''])).toBe(texts[0]);
  expect(mergeMetricTexts([])).toBe('');
});
