import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LOG_EVENTS } from '../logging/index.ts';
import { createMetrics, SERVICE_METRICS } from '../metrics/index.ts';
import {
  formatConfigurationReference,
  formatLogEventsReference,
  formatMetricsReference,
} from './index.ts';
import { formatServicePages, PROCESS_METRICS } from './service-pages.ts';
import { REFERENCE_FOLDER } from './write-reference.ts';

const page = { title: 'T', introduction: 'I', madeBy: 'node x' };

describe('formatServicePages()', () => {
  test.each([...formatServicePages()])(
    'docs/reference/%s is current (run packages/service/src/reference/write-reference.ts)',
    (name, text) => {
      expect(readFileSync(join(REFERENCE_FOLDER, name), 'utf8')).toBe(text);
    },
  );

  test('names process metrics that exist', async () => {
    const text = await createMetrics({ catalogue: SERVICE_METRICS, worker: '0' }).format();
    for (const [name] of PROCESS_METRICS) expect(text).toContain(`# HELP ${name} `);
  });
});

test('formatMetricsReference() tells kind, labels, values and buckets', () => {
  const catalogue = {
    homeward_a_b_total: { kind: 'counter', help: 'Things | more.', labels: { p: ['x', 'y'] } },
    homeward_a_c_seconds: { kind: 'histogram', help: 'Time.', buckets: [0.1, 1] },
  } as const;
  expect(formatMetricsReference(catalogue, page)).toBe(`# T

Made by \`node x\`; a test fails when this page is not current.

I

| metric | kind | labels | is |
| --- | --- | --- | --- |
| \`homeward_a_b_total\` | counter | \`p\`: x, y | Things \\| more. |
| \`homeward_a_c_seconds\` | histogram: 0.1, 1 |  | Time. |
`);
});

test('formatLogEventsReference() tells every event with its level, scope and fields', () => {
  const text = formatLogEventsReference(LOG_EVENTS, page);
  expect(text).toContain(
    '| `connection.refused` | info | A connection was turned away before its greeting. | *conversation* `reason` `detail` |',
  );
  for (const name of Object.keys(LOG_EVENTS)) expect(text).toContain(`\n| \`${name}\` | `);
});

test('formatConfigurationReference() tells key, type, default, Exchange’s name and variable', () => {
  const schema = z.strictObject({
    limits: z.strictObject({
      perUser: z
        .int()
        .min(1)
        .max(9)
        .default(3)
        .meta({ description: 'Sessions.', exchangeName: 'MaxConnectionsPerUser' }),
      name: z.string().meta({ description: 'A name.' }),
    }),
  });
  expect(formatConfigurationReference(schema, page).split('\n').slice(-3)).toEqual([
    '| `limits.perUser` | integer 1 to 9 | `3` | Sessions. Exchange: MaxConnectionsPerUser. | `HOMEWARD_LIMITS_PER_USER` |',
    '| `limits.name` | text | must be given | A name. | `HOMEWARD_LIMITS_NAME` |',
    '',
  ]);
});
