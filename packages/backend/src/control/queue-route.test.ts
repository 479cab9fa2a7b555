/** The form of what operators may ask of a queue. */
import { describe, expect, it } from 'vitest';
import { QUEUE_JOB } from './queue-route.ts';

const IDS = Array.from({ length: 1_001 }, () => '0-a');

describe('QUEUE_JOB', () => {
  it.each([
    { kind: 'list', filter: {}, limit: 1 },
    { kind: 'list', filter: { sender: '<>', state: 'held' }, after: '12-m3x9k2ab', limit: 1_000 },
    { kind: 'show', id: '0-0' },
    { kind: 'change', action: 'drop', target: { ids: ['0-a', '1-b'] } },
    { kind: 'change', action: 'hold', target: { filter: { recipient: '@example.org' } } },
  ])('takes %j', (job) => {
    expect(QUEUE_JOB.safeParse(job).data).toEqual(job);
  });

  it.each([
    { kind: 'list', filter: {}, limit: 0 },
    { kind: 'list', filter: {}, limit: 1_001 },
    { kind: 'list', filter: { subject: 'x' }, limit: 1 },
    { kind: 'list', filter: { state: 'gone' }, limit: 1 },
    { kind: 'show', id: '../0' },
    { kind: 'show', id: '0-A' },
    { kind: 'change', action: 'read', target: { ids: ['0-a'] } },
    { kind: 'change', action: 'drop', target: { ids: [] } },
    { kind: 'change', action: 'drop', target: { ids: IDS } },
    { kind: 'change', action: 'drop' },
    { kind: 'empty' },
  ])('refuses %j', (job) => {
    expect(QUEUE_JOB.safeParse(job).success).toBe(false);
  });
});
