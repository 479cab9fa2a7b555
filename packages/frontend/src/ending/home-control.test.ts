import type { ControlPlace } from '@homeward/service';
import { beforeEach, describe, expect, it } from 'vitest';
import type { InnerTarget } from '../login/ports.ts';
import { settle } from '../testing/scripted-ports.ts';
import { HomeControl } from './home-control.ts';

function target(host: string): InnerTarget {
  return { protocol: 'imap', host, port: 1993, serverName: 'dublin' } as InnerTarget;
}

interface Sent {
  readonly host: string;
  readonly reason: string;
  readonly ids: readonly string[];
  readonly answer: (asked: readonly string[]) => void;
}

let sent: Sent[];
let control: HomeControl;
beforeEach(() => {
  sent = [];
  control = new HomeControl({
    findPlace: async ({ host }): Promise<ControlPlace | undefined> =>
      host === 'foreign' ? undefined : { host, port: 1997, serverName: 'dublin' },
    send: (place, reason, ids) =>
      new Promise((resolve) => {
        const answer = (asked: readonly string[]): void => resolve(new Set(asked));
        sent.push({ host: place.host, reason, ids, answer });
      }),
  });
});

describe('HomeControl', () => {
  it('asks one worker for many at once, and tells each what became of it', async () => {
    const outcomes = ['c1', 'c2', 'c3'].map((id) => control.askToEnd(target('a'), id, 'kicked'));
    await settle();
    expect(sent.map(({ host, reason, ids }) => [host, reason, ids])).toEqual([
      ['a', 'kicked', ['c1', 'c2', 'c3']],
    ]);
    sent[0]?.answer(['c1', 'c3']);
    expect(await Promise.all(outcomes)).toEqual([true, false, true]);
  });

  it('gathers what comes while a question is on its way, and asks it next', async () => {
    const first = control.askToEnd(target('a'), 'c1', 'draining');
    await settle();
    const others = ['c2', 'c3'].map((id) => control.askToEnd(target('a'), id, 'draining'));
    await settle();
    expect(sent).toHaveLength(1);
    sent[0]?.answer(['c1']);
    expect(await first).toBe(true);
    await settle();
    expect(sent[1]?.ids).toEqual(['c2', 'c3']);
    sent[1]?.answer(['c2', 'c3']);
    expect(await Promise.all(others)).toEqual([true, true]);
    // Nothing is left of the line: the next one is asked at once.
    void control.askToEnd(target('a'), 'c4', 'draining');
    await settle();
    expect(sent[2]?.ids).toEqual(['c4']);
  });

  it('keeps workers and reasons apart', async () => {
    void control.askToEnd(target('a'), 'c1', 'draining');
    void control.askToEnd(target('b'), 'c2', 'draining');
    void control.askToEnd(target('a'), 'c3', 'kicked');
    await settle();
    expect(sent.map(({ host, reason, ids }) => [host, reason, ids])).toEqual([
      ['a', 'draining', ['c1']],
      ['b', 'draining', ['c2']],
      ['a', 'kicked', ['c3']],
    ]);
  });

  it('says no at once for a worker without a control port', async () => {
    expect(await control.askToEnd(target('foreign'), 'c1', 'kicked')).toBe(false);
    expect(sent).toEqual([]);
  });

  it('asks for a thousand at a time', async () => {
    const ids = Array.from({ length: 1_500 }, (_, index) => `c${index}`);
    for (const id of ids) void control.askToEnd(target('a'), id, 'draining');
    await settle();
    sent[0]?.answer([]);
    await settle();
    expect(sent.map((one) => one.ids.length)).toEqual([1_000, 500]);
  });
});
