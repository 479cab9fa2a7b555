import { existsSync, readdirSync } from 'node:fs';
import { createFailingFiles } from '@homeward/durable-store/testing';
import { NO_RECIPIENT_PARAMETERS, type RecipientParameters } from '@homeward/smtp/grammar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enqueueRefusalReply } from './enqueue-refusal-reply.ts';
import type { QueueEvent } from './events.ts';
import type { DeliveryOutcome } from './ports.ts';
import {
  AWAY,
  DEFERRED,
  DELIVERED,
  enqueue,
  FAILED,
  makeEnvelope,
  openQueueHarness,
  type QueueHarness,
  SMALL,
} from './testing/queue-harness.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const BEN = 'ben@elsewhere.test';

let harness: QueueHarness;

beforeEach(async () => {
  harness = await openQueueHarness();
});

afterEach(async () => {
  await harness[Symbol.asyncDispose]();
});

/** Recipients of the attempts so far, an attempt a line. */
function attempts(): readonly string[] {
  return harness.seen.map(({ request }) =>
    request.recipients.map(({ address }) => address).join(' '),
  );
}

function eventsOf<Name extends QueueEvent['name']>(
  name: Name,
): readonly Extract<QueueEvent, { name: Name }>[] {
  return harness.events.filter(
    (event): event is Extract<QueueEvent, { name: Name }> => event.name === name,
  );
}

function messageCount(): number {
  const { waitingCount, tryingCount, heldCount } = harness.queue.gauges();
  return waitingCount + tryingCount + heldCount;
}

async function whenEmpty(): Promise<void> {
  await expect.poll(messageCount).toBe(0);
}

/** Until nothing is being tried. */
async function whenIdle(): Promise<void> {
  await expect.poll(() => harness.queue.gauges().tryingCount).toBe(0);
}

/** Moves the time in steps, so that everything that is due meanwhile happens in between. */
async function pass(durationMs: number, stepMs: number): Promise<void> {
  for (let passed = 0; passed < durationMs; passed += stepMs) {
    harness.clock.advance(stepMs);
    await new Promise((resolve) => setImmediate(resolve));
    await whenIdle();
  }
}

function withNotify(notify: RecipientParameters['notify']): RecipientParameters {
  return { ...NO_RECIPIENT_PARAMETERS, notify };
}

describe('a message', () => {
  it('is tried at once, and gone when it is there', async () => {
    expect(await enqueue(harness.queue.intake, makeEnvelope([BEN]))).toBe('queued');
    await whenEmpty();
    const [only] = harness.seen;
    expect(only?.text).toBe(SMALL);
    expect(only?.destination).toEqual({ kind: 'elsewhere', domain: 'elsewhere.test' });
    expect(only?.request.sizeBytes).toBe(SMALL.length);
    expect(only?.request.sender).toBe('anna@worker-0.test');
  });

  it('that is large is a file, which goes with it', async () => {
    const text = `${SMALL}${'x'.repeat(400_000)}`;
    const files = (): readonly string[] => readdirSync(`${harness.root}/worker-0/messages`);
    harness.world.before = () => {
      expect(files()).toHaveLength(1);
      return Promise.resolve();
    };
    expect(await enqueue(harness.queue.intake, makeEnvelope([BEN]), text)).toBe('queued');
    await whenEmpty();
    expect(harness.seen[0]?.text).toBe(text);
    await expect.poll(files).toEqual([]);
  });

  it('goes once to each destination, with all of its recipients', async () => {
    const crowd = Array.from({ length: 1_000 }, (_, at) => `u${at}@worker-1.test`);
    const envelope = makeEnvelope([BEN, 'a@worker-2.test', ...crowd, 'cleo@elsewhere.test']);
    await enqueue(harness.queue.intake, envelope);
    await whenEmpty();
    expect(attempts().toSorted()).toEqual(
      [`${BEN} cleo@elsewhere.test`, 'a@worker-2.test', crowd.join(' ')].toSorted(),
    );
  });

  it('is asked about anew at each attempt, since accounts move', async () => {
    harness.world.answer = () => DEFERRED;
    await enqueue(harness.queue.intake, makeEnvelope(['a@worker-1.test']));
    await expect.poll(() => harness.seen.length).toBe(1);
    await whenIdle();
    const destination = { kind: 'worker', site: 'there', workerIndex: 7 } as const;
    harness.world.route = () => ({ kind: 'to', destination });
    harness.world.answer = () => DELIVERED;
    await pass(6_000, 6_000);
    await whenEmpty();
    expect(harness.seen[1]?.destination).toEqual(destination);
  });

  it('is tried again with longer and longer pauses', async () => {
    harness.world.answer = () => DEFERRED;
    const startMs = harness.clock.nowMs();
    const times: number[] = [];
    harness.world.before = () => {
      times.push((harness.clock.nowMs() - startMs) / 1_000);
      return Promise.resolve();
    };
    await enqueue(harness.queue.intake, makeEnvelope([BEN]));
    await expect.poll(() => times.length).toBe(1);
    await pass(16 * MINUTE_MS, 30_000);
    expect(times).toEqual([0, 60, 180, 420, 900]);
  });

  it('goes on after a restart', async () => {
    harness.world.answer = () => DEFERRED;
    await enqueue(harness.queue.intake, makeEnvelope([BEN]), `${SMALL}${'y'.repeat(200_000)}`);
    await expect.poll(() => harness.seen.length).toBe(1);
    await harness.restart();
    harness.world.answer = () => DELIVERED;
    await pass(2 * MINUTE_MS, MINUTE_MS);
    await whenEmpty();
    expect(harness.seen[1]?.text).toHaveLength(SMALL.length + 200_000);
    expect(eventsOf('maybe-duplicated')).toEqual([]);
  });

  it('keeps those of its recipients who have not got it', async () => {
    harness.world.answer = ({ address }) => (address.startsWith('slow') ? DEFERRED : DELIVERED);
    await enqueue(harness.queue.intake, makeEnvelope([BEN, 'slow@elsewhere.test']));
    await expect.poll(() => harness.seen.length).toBe(1);
    await whenIdle();
    await pass(MINUTE_MS, MINUTE_MS);
    await expect.poll(attempts).toEqual([`${BEN} slow@elsewhere.test`, 'slow@elsewhere.test']);
  });

  it('whose transport breaks is tried again, and the fault is told', async () => {
    harness.world.before = () => Promise.reject(new Error('a bug'));
    await enqueue(harness.queue.intake, makeEnvelope([BEN]));
    await expect.poll(() => eventsOf('attempted').length).toBe(1);
    expect(eventsOf('bug')).toHaveLength(1);
    harness.world.before = () => Promise.resolve();
    await whenIdle();
    await pass(MINUTE_MS, MINUTE_MS);
    await whenEmpty();
  });

  it('may have come twice if nobody answered its end', async () => {
    harness.world.answer = () => ({ ...DEFERRED, mayHaveArrived: true });
    await enqueue(harness.queue.intake, makeEnvelope([BEN]));
    await expect
      .poll(() => eventsOf('maybe-duplicated'))
      .toMatchObject([{ cause: 'no-answer', recipientCount: 1 }]);
  });
});

describe('a notice', () => {
  /** @returns The text of what came to the sender. */
  async function notice(): Promise<string> {
    const find = (): string | undefined =>
      harness.seen.find(({ request }) => request.sender === '')?.text;
    await expect.poll(find).toBeDefined();
    return find() ?? '';
  }

  it('tells the sender who will not get it, with the header of the message', async () => {
    harness.world.answer = ({ address }) => (address === BEN ? FAILED : DELIVERED);
    await enqueue(harness.queue.intake, makeEnvelope([BEN, 'ok@elsewhere.test']));
    const text = await notice();
    await whenEmpty();
    expect(text).toContain('Final-Recipient: rfc822; ben@elsewhere.test\r\nAction: failed\r\n');
    expect(text).toContain('Diagnostic-Code: smtp; 550 5.1.1 nobody\r\n');
    expect(text).toContain('Subject: hello\r\n');
    expect(text).not.toContain('\r\nbody\r\n');
    expect(text).not.toContain('ok@elsewhere.test');
    expect(harness.seen.at(-1)?.request.recipients[0]?.address).toBe('anna@worker-0.test');
    expect(eventsOf('failed')).toMatchObject([{ recipient: BEN, code: 550 }]);
  });

  it('comes when a message could not be delivered for too long', async () => {
    harness.settings.delayNoticeMs = 0;
    harness.world.answer = ({ address }) => (address === BEN ? DEFERRED : DELIVERED);
    await enqueue(harness.queue.intake, makeEnvelope([BEN]));
    await expect.poll(() => harness.seen.length).toBe(1);
    await pass(119 * HOUR_MS, HOUR_MS / 2);
    expect(messageCount()).toBe(1);
    await pass(2 * HOUR_MS, HOUR_MS / 2);
    await whenEmpty();
    expect(await notice()).toContain('Action: failed\r\nStatus: 5.4.7\r\n');
  });

  it('says once that a message is late', async () => {
    harness.world.answer = ({ address }) => (address === BEN ? DEFERRED : DELIVERED);
    await enqueue(harness.queue.intake, makeEnvelope([BEN]));
    await expect.poll(() => harness.seen.length).toBe(1);
    await pass(10 * HOUR_MS, HOUR_MS / 2);
    expect(await notice()).toContain('Action: delayed\r\n');
    expect(eventsOf('notice-enqueued')).toMatchObject([{ kind: 'delayed', recipientCount: 1 }]);
  });

  it.each([
    ['nothing that was not asked for', withNotify([]), FAILED, undefined],
    ['no failure to who wants successes', withNotify(['SUCCESS']), FAILED, undefined],
    ['a success to who asks for it', withNotify(['SUCCESS']), DELIVERED, 'Action: delivered'],
    [
      'that it was passed on to a server that tells nothing',
      withNotify(['SUCCESS']),
      { ...DELIVERED, kind: 'relayed' },
      'Action: relayed',
    ],
    [
      'nothing that the next server tells',
      withNotify(['SUCCESS']),
      { ...DELIVERED, kind: 'relayed', isNotifyPassedOn: true },
      undefined,
    ],
  ] as const)('tells %s', async (_, parameters, outcome: DeliveryOutcome, expected) => {
    harness.world.answer = ({ address }) => (address === BEN ? outcome : DELIVERED);
    const recipients = [{ address: BEN, parameters }];
    await enqueue(harness.queue.intake, makeEnvelope([], { recipients }));
    await expect.poll(() => eventsOf('attempted').length).toBeGreaterThan(0);
    await whenEmpty();
    expect(harness.seen).toHaveLength(expected === undefined ? 1 : 2);
    if (expected !== undefined) expect(await notice()).toContain(`${expected}\r\n`);
  });

  it('is never about a notice', async () => {
    harness.world.answer = () => FAILED;
    await enqueue(harness.queue.intake, makeEnvelope([BEN]));
    await expect.poll(() => eventsOf('failed').length).toBe(2);
    await whenEmpty();
    expect(harness.seen).toHaveLength(2);
    await enqueue(harness.queue.intake, makeEnvelope([BEN], { sender: '' }));
    await whenEmpty();
    expect(harness.seen).toHaveLength(3);
  });

  it('ends a message that goes in circles', async () => {
    harness.settings.maxHops = 3;
    const received = (count: number): string => 'Received: x\r\n\tby y\r\n'.repeat(count) + SMALL;
    await enqueue(harness.queue.intake, makeEnvelope([BEN]), received(3));
    await whenEmpty();
    expect(attempts()).toEqual([BEN]);
    await enqueue(harness.queue.intake, makeEnvelope([BEN]), received(4));
    await whenEmpty();
    expect(harness.seen.at(-1)?.text).toContain('Status: 5.4.6\r\n');
    expect(attempts()).toEqual([BEN, 'anna@worker-0.test']);
  });

  it('is needed where nobody can be found', async () => {
    harness.world.route = (address) =>
      address === BEN
        ? { kind: 'failed', code: 550, enhanced: '5.1.1', text: 'gone meanwhile' }
        : { kind: 'to', destination: { kind: 'worker', site: 'here', workerIndex: 0 } };
    await enqueue(harness.queue.intake, makeEnvelope([BEN]));
    expect(await notice()).toContain('gone meanwhile');
  });
});

describe('a destination where nobody answers', () => {
  it('rests, and is tried by one message before the others', async () => {
    harness.world.answer = () => AWAY;
    for (let at = 0; at < 30; at += 1) {
      await enqueue(harness.queue.intake, makeEnvelope([`u${at}@worker-1.test`]));
    }
    await expect.poll(() => harness.seen.length).toBeGreaterThan(0);
    await whenIdle();
    const triedCount = harness.seen.length;
    expect(triedCount).toBeLessThanOrEqual(10);
    await pass(8_000, 1_000);
    expect(harness.seen.length - triedCount).toBe(1);
    harness.world.answer = () => DELIVERED;
    await pass(2 * MINUTE_MS, 1_000);
    await whenEmpty();
    expect(new Set(attempts()).size).toBe(30);
  });

  it('keeps no other destination waiting', async () => {
    harness.world.answer = ({ address }) => (address === BEN ? DELIVERED : AWAY);
    await enqueue(harness.queue.intake, makeEnvelope(['a@worker-1.test']));
    await expect.poll(() => harness.seen.length).toBe(1);
    await enqueue(harness.queue.intake, makeEnvelope([BEN, 'b@worker-1.test']));
    await expect.poll(attempts).toEqual(['a@worker-1.test', BEN]);
  });
});

describe('limits', () => {
  it('refuse what has no room, before it is read to its end', async () => {
    harness.settings.maxBytes = 1_000;
    const refused = await enqueue(harness.queue.intake, makeEnvelope([BEN]), 'x'.repeat(2_000));
    expect(refused).toBe('full');
    expect(enqueueRefusalReply('full')).toMatchObject({ code: 452, enhanced: '4.3.1' });
    harness.settings.maxMessages = 0;
    expect(await enqueue(harness.queue.intake, makeEnvelope([BEN]))).toBe('full');
    // Each is told once: one at the end of its octets, one when it was to be a row.
    expect(eventsOf('refused')).toEqual([
      { name: 'refused', reason: 'full' },
      { name: 'refused', reason: 'full' },
    ]);
    expect(readdirSync(`${harness.root}/worker-0/messages`)).toEqual([]);
  });

  it('let so many attempts run for one destination at once', async () => {
    let runningCount = 0;
    let mostCount = 0;
    const gate = Promise.withResolvers<void>();
    harness.world.before = async () => {
      runningCount += 1;
      mostCount = Math.max(mostCount, runningCount);
      await gate.promise;
      runningCount -= 1;
    };
    // More than wait in memory: the rest waits in rows.
    const envelopes = Array.from({ length: 250 }, (_, at) =>
      makeEnvelope([`u${at}@elsewhere.test`]),
    );
    await Promise.all(envelopes.map((envelope) => enqueue(harness.queue.intake, envelope)));
    await expect.poll(() => runningCount).toBe(10);
    gate.resolve();
    await whenEmpty();
    expect(mostCount).toBe(10);
    expect(new Set(attempts()).size).toBe(250);
    expect(harness.seen).toHaveLength(250);
  });
});

describe('a volume that fails', () => {
  const large = `${SMALL}${'z'.repeat(200_000)}`;

  it.each([
    ['write', 'ENOSPC', 'full'],
    ['createFile', 'ENOSPC', 'full'],
    ['sync', 'EIO', 'unavailable'],
    ['rename', 'EIO', 'unavailable'],
    ['syncFolder', 'EDQUOT', 'full'],
  ] as const)(
    '(%s, %s) refuses the message and leaves nothing',
    async (operation, code, reason) => {
      const files = createFailingFiles();
      await harness.restart({ files });
      files.failWith(operation, code);
      expect(await enqueue(harness.queue.intake, makeEnvelope([BEN]), large)).toBe(reason);
      files.failWith(undefined);
      expect(eventsOf('refused')).toEqual([{ name: 'refused', reason }]);
      expect(readdirSync(`${harness.root}/worker-0/messages`)).toEqual([]);
      expect(await enqueue(harness.queue.intake, makeEnvelope([BEN]), large)).toBe('queued');
      await whenEmpty();
    },
  );

  it('shuts the queue at a failed sync of the log, and opens it again', async () => {
    const files = createFailingFiles();
    await harness.restart({ files });
    harness.world.answer = () => DEFERRED;
    expect(await enqueue(harness.queue.intake, makeEnvelope([BEN]))).toBe('queued');
    await expect.poll(() => harness.seen.length).toBe(1);
    await whenIdle();
    files.failWith('syncLog');
    const lost = makeEnvelope(['lost@elsewhere.test']);
    expect(await enqueue(harness.queue.intake, lost)).toBe('unavailable');
    expect(await enqueue(harness.queue.intake, makeEnvelope([BEN]))).toBe('unavailable');
    expect(eventsOf('broke')).toHaveLength(1);
    files.failWith(undefined);
    harness.world.answer = () => DELIVERED;
    await expect
      .poll(() => {
        harness.clock.advance(1_000);
        return eventsOf('opened').length;
      })
      .toBe(3);
    await pass(2 * MINUTE_MS, MINUTE_MS);
    await whenEmpty();
    // What was refused was never tried.
    expect(attempts()).toEqual([BEN, BEN]);
  });
});

describe('queues of workers that are no more', () => {
  it('are delivered by the first worker, and removed', async () => {
    await harness.restart({ workerIndex: 2, workerCount: 3 });
    harness.world.answer = () => DEFERRED;
    await enqueue(harness.queue.intake, makeEnvelope([BEN]));
    await expect.poll(() => harness.seen.length).toBe(1);
    harness.world.answer = () => DELIVERED;
    await harness.restart({ workerIndex: 0, workerCount: 2 });
    expect(messageCount()).toBe(1);
    await pass(2 * MINUTE_MS, MINUTE_MS);
    await whenEmpty();
    await pass(MINUTE_MS, MINUTE_MS / 2);
    await expect.poll(() => eventsOf('adopted-emptied')).toMatchObject([{ workerIndex: 2 }]);
    expect(existsSync(`${harness.root}/worker-2`)).toBe(false);
    expect(readdirSync(harness.root)).toEqual(['worker-0']);
  });

  it('stay with workers that there are', async () => {
    await harness.restart({ workerIndex: 2, workerCount: 3 });
    harness.world.answer = () => DEFERRED;
    await enqueue(harness.queue.intake, makeEnvelope([BEN]));
    await expect.poll(() => harness.seen.length).toBe(1);
    await harness.restart({ workerIndex: 0, workerCount: 3 });
    expect(messageCount()).toBe(0);
  });
});
