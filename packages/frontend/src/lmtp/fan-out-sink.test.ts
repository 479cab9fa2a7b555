import type { LmtpLink } from '@homeward/home-delivery';
import type { ServerReply } from '@homeward/smtp/upstream';
import { describe, expect, it } from 'vitest';
import { FanOutSink, LAG_LIMIT_MS } from './fan-out-sink.ts';
import { FanOutTarget } from './fan-out-target.ts';
import type { RecipientOutcome } from './lmtp-events.ts';

const IN: ServerReply = { code: 250, enhanced: '2.0.0', lines: ['in'], isLost: false };

/** A home that takes octets when the test lets it. */
class ScriptedLink {
  readonly client = { lost: undefined };
  readonly isUsable = true;
  readonly written: string[] = [];
  isDestroyed = false;
  letGo: () => void = () => undefined;
  isSlow = false;
  readonly replies: readonly ServerReply[];

  constructor(replies: readonly ServerReply[] = [IN]) {
    this.replies = replies;
  }

  async startMessage(): Promise<ServerReply> {
    return { ...IN, code: 354 };
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    this.written.push(Buffer.from(octets).toString());
    if (!this.isSlow) return undefined;
    return new Promise((resolve) => {
      this.letGo = resolve;
    });
  }

  async endMessage(): Promise<readonly ServerReply[]> {
    return this.replies;
  }

  release(): void {}

  destroy(): void {
    this.isDestroyed = true;
  }
}

interface Setting {
  readonly sink: FanOutSink;
  readonly outcomes: RecipientOutcome[];
  readonly away: string[];
  readonly clock: { nowMs: number };
}

async function open(links: Readonly<Record<string, ScriptedLink>>): Promise<Setting> {
  const clock = { nowMs: 0 };
  const outcomes: RecipientOutcome[] = [];
  const away: string[] = [];
  const targets = Object.entries(links).map(
    ([site, link]) => new FanOutTarget(site, link as unknown as LmtpLink),
  );
  for (const target of targets) {
    target.recipientCount = 1;
    await target.start();
  }
  const sink = new FanOutSink({
    reference: 'M1',
    targets,
    accepted: targets,
    events: {
      onRecipient: (outcome) => outcomes.push(outcome),
      onAway: (site) => away.push(site),
    },
    elapsedMs: () => clock.nowMs,
  });
  return { sink, outcomes, away, clock };
}

describe('FanOutSink', () => {
  it('writes at the pace of the slowest', async () => {
    const [dublin, oslo] = [new ScriptedLink(), new ScriptedLink()];
    const { sink } = await open({ dublin, oslo });
    expect(sink.write(Buffer.from('a'))).toBeUndefined();
    oslo.isSlow = true;
    let isTaken = false;
    const taken = sink.write(Buffer.from('b'))?.then(() => (isTaken = true));
    await Promise.resolve();
    expect(isTaken).toBe(false);
    oslo.letGo();
    await taken;
    expect([dublin.written, oslo.written]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect((await sink.commit()).refusals).toEqual([undefined, undefined]);
  });

  it('gives up a home that keeps the others waiting for too long, for its recipients alone', async () => {
    const [dublin, oslo] = [new ScriptedLink(), new ScriptedLink()];
    const { sink, outcomes, away, clock } = await open({ dublin, oslo });
    oslo.isSlow = true;
    const write = async (waitMs: number): Promise<void> => {
      const taken = sink.write(Buffer.from('x'));
      clock.nowMs += waitMs;
      oslo.letGo();
      await taken;
    };
    await write(LAG_LIMIT_MS - 1_000);
    expect(oslo.isDestroyed).toBe(false);
    await write(1_001);
    expect(oslo.isDestroyed).toBe(true);
    expect(sink.write(Buffer.from('y'))).toBeUndefined();
    expect([dublin.written.length, oslo.written.length]).toEqual([3, 2]);
    const { refusals } = await sink.commit();
    expect(refusals).toEqual([
      undefined,
      expect.objectContaining({ code: 451, enhanced: '4.4.1' }),
    ]);
    expect([outcomes, away]).toEqual([['delivered', 'deferred'], ['oslo']]);
  });

  it('gives up nobody when all are equally slow', async () => {
    const [dublin, oslo] = [new ScriptedLink(), new ScriptedLink()];
    const { sink, clock } = await open({ dublin, oslo });
    dublin.isSlow = true;
    oslo.isSlow = true;
    const taken = sink.write(Buffer.from('x'));
    clock.nowMs += 10 * LAG_LIMIT_MS;
    dublin.letGo();
    oslo.letGo();
    await taken;
    expect([dublin.isDestroyed, oslo.isDestroyed]).toEqual([false, false]);
  });

  it('takes a home that answers for too few for one that is away', async () => {
    const { sink, outcomes } = await open({ dublin: new ScriptedLink([]) });
    await sink.write(Buffer.from('x'));
    expect((await sink.commit()).refusals).toMatchObject([{ code: 451, enhanced: '4.4.1' }]);
    expect(outcomes).toEqual(['unanswered']);
  });

  it('takes no message for delivered that a home never asked for', async () => {
    const dublin = new ScriptedLink();
    Object.assign(dublin, { isUsable: false, startMessage: async () => IN });
    const { sink } = await open({ dublin });
    expect((await sink.commit()).refusals).toMatchObject([{ code: 451, enhanced: '4.4.1' }]);
  });

  it('counts a home that had all of a message and did not answer', async () => {
    const lost = { code: 451, enhanced: '4.4.2', lines: ['gone'], isLost: true } as const;
    const { sink, outcomes } = await open({ dublin: new ScriptedLink([lost]) });
    await sink.write(Buffer.from('x'));
    expect((await sink.commit()).refusals).toMatchObject([{ code: 451, enhanced: '4.4.1' }]);
    expect(outcomes).toEqual(['unanswered']);
  });

  it('cuts every home when the message will never be whole', async () => {
    const [dublin, oslo] = [new ScriptedLink(), new ScriptedLink()];
    const { sink } = await open({ dublin, oslo });
    await sink.abort();
    expect([dublin.isDestroyed, oslo.isDestroyed]).toEqual([true, true]);
  });
});
