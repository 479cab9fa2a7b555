import { createMetrics } from '@homeward/service';
import { expect, it } from 'vitest';
import { BACK_END_METRICS } from './back-end-metrics.ts';
import { timeCommands } from './command-times.ts';

it('timeCommands() sums up, and counts the slow ones that are not the client’s doing', async () => {
  const metrics = createMetrics({
    catalogue: BACK_END_METRICS,
    worker: '0',
    includesProcess: false,
  });
  const note = timeCommands(metrics, 'imap');
  timeCommands(metrics, 'pop3');
  note('fetch', 250);
  note('search', 12_000);
  note('append', 70_000);
  note('idle', 1_700_000);
  const page = await metrics.format();
  const read = (name: string, labels: string): number | undefined => {
    const line = page
      .split('\n')
      .find(
        (text) =>
          text.startsWith(`${name}{`) && labels.split(' ').every((one) => text.includes(one)),
      );
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  expect(read('homeward_backend_command_seconds_total', 'protocol="imap"')).toBe(82.25);
  expect(read('homeward_backend_command_seconds_total', 'protocol="pop3"')).toBe(0);
  const slow = ['1', '10', '60'].map((seconds) =>
    read(
      'homeward_backend_slow_commands_total',
      `protocol="imap" longer_than_seconds="${seconds}"`,
    ),
  );
  expect(slow).toEqual([1, 1, 0]);
});
