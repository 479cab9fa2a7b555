import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DEFERRED,
  DELIVERED,
  enqueue,
  makeEnvelope,
  openQueueHarness,
  type QueueHarness,
} from '../testing/queue-harness.ts';
import { parseMessageId } from './message-id.ts';
import type { QueueAction, QueueFilter, QueuePage } from './queue-job.ts';

let harness: QueueHarness;

/** Three messages that wait for their second attempt. */
beforeEach(async () => {
  harness = await openQueueHarness();
  harness.world.answer = () => DEFERRED;
  const envelopes = [
    makeEnvelope(['ben@elsewhere.test', 'cleo@worker-1.test'], { reference: 'first' }),
    makeEnvelope(['ben@elsewhere.test'], { reference: 'second', sender: '' }),
    makeEnvelope(['dan@other.test'], { reference: 'third', sender: 'Eve@Worker-0.test' }),
  ];
  for (const envelope of envelopes) await enqueue(harness.queue.intake, envelope);
  await expect.poll(() => harness.seen.length).toBe(4);
  await expect.poll(() => harness.queue.gauges().tryingCount).toBe(0);
});

afterEach(async () => {
  await harness[Symbol.asyncDispose]();
});

async function list(filter: QueueFilter = {}, limit = 10, after?: string): Promise<QueuePage> {
  const answer = await harness.queue.desk.run({ kind: 'list', filter, limit, after });
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value;
}

async function references(filter: QueueFilter): Promise<readonly string[]> {
  return (await list(filter)).entries.map(({ reference }) => reference);
}

async function change(action: QueueAction, filter: QueueFilter): Promise<number> {
  const answer = await harness.queue.desk.run({ kind: 'change', action, target: { filter } });
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value.changedCount;
}

describe('list', () => {
  it.each<[QueueFilter, readonly string[]]>([
    [{}, ['first', 'second', 'third']],
    [{ sender: 'eve@worker-0.test' }, ['third']],
    [{ sender: '@worker-0.test' }, ['first', 'third']],
    [{ sender: '<>' }, ['second']],
    [{ recipient: 'BEN@elsewhere.test' }, ['first', 'second']],
    [{ recipient: '@other.test', sender: '<>' }, []],
    [{ destination: 'worker:here/1' }, ['first']],
    [{ destination: 'here/1' }, ['first']],
    [{ destination: 'elsewhere:elsewhere.test' }, ['first', 'second']],
    [{ destination: 'test' }, []],
    [{ state: 'waiting' }, ['first', 'second', 'third']],
    [{ state: 'held' }, []],
  ])('finds by %j', async (filter, expected) => {
    expect(await references(filter)).toEqual(expected);
  });

  it('comes in pages', async () => {
    const first = await list({}, 2);
    expect(first.entries.map(({ reference }) => reference)).toEqual(['first', 'second']);
    const rest = await list({}, 2, first.next);
    expect(rest.entries.map(({ reference }) => reference)).toEqual(['third']);
    expect(rest.next).toBeUndefined();
  });
});

describe('show', () => {
  it('says what is known of each recipient', async () => {
    const [entry] = (await list()).entries;
    const shown = await harness.queue.desk.run({ kind: 'show', id: entry?.id ?? '' });
    expect(shown).toMatchObject({
      ok: true,
      value: {
        reference: 'first',
        recipients: [
          { address: 'ben@elsewhere.test', attemptCount: 1, lastReply: '451 4.2.0 not now' },
          { address: 'cleo@worker-1.test', destination: 'worker:here/1', remote: 'mx.test' },
        ],
      },
    });
  });

  it.each(['0-zzz', '7-1', 'x', '', '0-'])('finds no %j', async (id) => {
    const shown = await harness.queue.desk.run({ kind: 'show', id });
    expect(shown).toEqual({ ok: false, reason: 'nonexistent' });
  });
});

describe('change', () => {
  it('retries at once', async () => {
    harness.world.answer = () => DELIVERED;
    expect(await change('retry', { sender: '<>' })).toBe(1);
    await expect.poll(() => references({})).toEqual(['first', 'third']);
  });

  it('holds until it releases', async () => {
    expect(await change('hold', { recipient: 'dan@other.test' })).toBe(1);
    harness.world.answer = () => DELIVERED;
    await expect
      .poll(() => {
        harness.clock.advance(60_000);
        return references({});
      })
      .toEqual(['third']);
    expect(harness.queue.gauges()).toMatchObject({ heldCount: 1, waitingCount: 0 });
    expect(await references({ state: 'held' })).toEqual(['third']);
    harness.clock.advance(120_000);
    expect(await references({})).toEqual(['third']);
    expect(await change('release', {})).toBe(1);
    await expect.poll(() => references({})).toEqual([]);
  });

  it('drops for good, without a word to anybody', async () => {
    const [entry] = (await list()).entries;
    const ids = [entry?.id ?? '', '0-nobody'];
    const answer = await harness.queue.desk.run({
      kind: 'change',
      action: 'drop',
      target: { ids },
    });
    expect(answer).toEqual({ ok: true, value: { changedCount: 1, missing: ['0-nobody'] } });
    await harness.restart();
    expect(await references({})).toEqual(['second', 'third']);
    expect(harness.events.some(({ name }) => name === 'notice-enqueued')).toBe(false);
  });
});

describe('parseMessageId()', () => {
  it.each([
    ['0-1', { workerIndex: 0, id: 1 }],
    ['12-zz', { workerIndex: 12, id: 1_295 }],
    ['0-', undefined],
    ['-1', undefined],
    ['0-A', undefined],
    ['0-zzzzzzzzzzz', undefined],
  ])('reads %j', (text, expected) => {
    expect(parseMessageId(text)).toEqual(expected);
  });
});
