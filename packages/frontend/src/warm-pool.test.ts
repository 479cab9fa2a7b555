import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { openHomeSession } from './login/login-at-home.ts';
import { LoginPhases } from './login/login-phases.ts';
import type { InnerTarget } from './login/ports.ts';
import {
  createRecordingLog,
  LineUpstream,
  ScriptedDialler,
  settle,
} from './testing/scripted-ports.ts';
import type { SiteName } from '@homeward/directory';
import { WarmPool } from './warm-pool.ts';

const TARGET: InnerTarget = {
  protocol: 'imap',
  site: 'dublin' as SiteName,
  serverName: 'dublin.mail.internal',
  host: '192.0.2.1',
  port: 1993,
};
const LIMITS = {
  maxPerPlace: 3,
  maxAgeMs: 30_000,
  demandWindowMs: 10_000,
  dialBudgetMs: 4000,
};

const REFUSED = { ok: false, reason: 'unreachable', detail: 'refused' } as const;

let clock: FakeClock;
let dialler: ScriptedDialler;
let pool: WarmPool;
const never = new AbortController().signal;

beforeEach(() => {
  clock = new FakeClock();
  dialler = new ScriptedDialler();
  pool = new WarmPool({
    dialler,
    createDialogue: () => new LineUpstream(),
    clock,
    log: createRecordingLog(),
    limits: LIMITS,
  });
});

async function take(mayBeWarm = true) {
  const outcome = await pool.take(TARGET, mayBeWarm, never);
  await settle();
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.greeted;
}

describe('WarmPool', () => {
  it('dials for the first login and has a warm one for the second', async () => {
    expect((await take()).isWarm).toBe(false);
    expect(pool.waitingCount).toBe(1);
    expect((await take()).isWarm).toBe(true);
  });

  it('dials anew for who wants no warm one', async () => {
    await take();
    expect((await take(false)).isWarm).toBe(false);
  });

  it('keeps as many as demand asks for, up to its bound', async () => {
    for (let count = 1; count <= 6; count += 1) {
      await take();
      expect(pool.waitingCount).toBe(Math.min(count, 3));
    }
  });

  it('keeps none where nobody logs in any more', async () => {
    await take();
    await take();
    expect(pool.waitingCount).toBe(2);
    clock.advance(30_000);
    await settle();
    expect(pool.waitingCount).toBe(0);
    expect(clock.timerCount).toBe(0);
  });

  it('replaces what grows old while there is demand', async () => {
    await take();
    const old = dialler.dialled[1]?.home;
    for (let turn = 0; turn < 3; turn += 1) {
      clock.advance(9_999);
      await take(false);
    }
    clock.advance(10_000);
    await settle();
    expect(old?.isDestroyed).toBe(true);
    expect(pool.waitingCount).toBeGreaterThan(0);
  });

  it.each(['ended', 'broken'] as const)('discards one that is %s while it waits', async (end) => {
    await take();
    dialler.dialled[1]?.home.finish(end);
    await settle();
    expect(pool.waitingCount).toBe(0);
    expect(dialler.dialled[1]?.home.isDestroyed).toBe(true);
  });

  it('discards one whose home talks unasked: it may say goodbye', async () => {
    await take();
    dialler.dialled[1]?.home.feed('BYE\n');
    await settle();
    expect(pool.waitingCount).toBe(0);
    expect((await take()).isWarm).toBe(false);
  });

  it('opens no more at a worker that does not answer', async () => {
    dialler.failure = REFUSED;
    expect(await pool.take(TARGET, true, never)).toMatchObject({ reason: 'unreachable' });
    await settle();
    expect(pool.waitingCount).toBe(0);
    expect(clock.timerCount).toBe(0);
  });

  it.each<[string, () => void]>([
    ['could not be filled again', () => (dialler.failure = REFUSED)],
    ['was left by its last connection', () => dialler.dialled[1]?.home.finish('ended')],
  ])('remembers no place for long that %s', async (_what, fail) => {
    await take();
    fail();
    await pool.take(TARGET, true, never);
    dialler.dialled.forEach(({ home }) => home.finish('ended'));
    await settle();
    expect([pool.placeCount, pool.waitingCount]).toEqual([1, 0]);
    clock.advance(2 * LIMITS.demandWindowMs);
    dialler.failure = undefined;
    await pool.take({ ...TARGET, port: 1994 }, true, never);
    await settle();
    expect(pool.placeCount).toBe(1);
  });

  it('gives up one whose greeting does not come within the budget', async () => {
    await take();
    dialler.script = () => {};
    await take();
    expect(pool.waitingCount).toBe(0);
    clock.advance(4000);
    await settle();
    expect(dialler.dialled.at(-1)?.home.isDestroyed).toBe(true);
    expect(dialler.dialled.length).toBeGreaterThan(2);
  });

  it('destroys all that wait or are being opened when it is closed', async () => {
    const taken = await take();
    dialler.script = () => {};
    await take();
    await pool.close();
    await settle();
    const states = dialler.dialled.map(({ home }) => home.isDestroyed);
    expect(states.filter((isDestroyed) => !isDestroyed)).toHaveLength(2);
    expect((taken.connection as (typeof dialler.dialled)[0]['home']).isDestroyed).toBe(false);
    expect(clock.timerCount).toBe(0);
  });
});

describe('openHomeSession() over a warm connection', () => {
  const claims = {
    sub: 'a',
    aud: 'dublin',
    epoch: 1,
    proto: 'imap',
    sid: 'C1',
    client: { address: '192.0.2.7', port: 1, tls: undefined },
    login: 'anna',
    act: undefined,
    access: undefined,
    quota: undefined,
    operator: undefined,
  } as const;
  const signer = { sign: () => 'ticket' };
  const open = () =>
    openHomeSession(
      { connections: pool, signer },
      TARGET,
      { claims, choices: undefined, phases: new LoginPhases(new FakeClock()) },
      Promise.resolve({ ok: true } as const),
      never,
    );

  it('dials anew, once, when it turns out to be dead', async () => {
    await take();
    const warm = dialler.dialled[1]?.home;
    if (warm !== undefined) warm.onWrite = () => warm.finish('broken');
    const outcome = await open();
    expect(outcome.ok).toBe(true);
    expect(warm?.isDestroyed).toBe(true);
  });

  it('does not try again when the home has answered', async () => {
    await take();
    const warm = dialler.dialled[1]?.home;
    if (warm !== undefined) warm.onWrite = () => warm.feed('NO LIMIT x\n');
    expect(await open()).toMatchObject({ reason: 'home-limit' });
  });

  it('does not try again when the home has begun to answer', async () => {
    await take();
    const warm = dialler.dialled[1]?.home;
    if (warm !== undefined) {
      warm.onWrite = () => {
        warm.feed('part of an answer');
        warm.finish('broken');
      };
    }
    expect(await open()).toMatchObject({ reason: 'site-broke-off' });
  });

  it('does not try a third time', async () => {
    await take();
    const breakOff = (home: (typeof dialler.dialled)[0]['home']) => {
      home.onWrite = () => home.finish('broken');
    };
    for (const { home } of dialler.dialled) breakOff(home);
    dialler.script = (home) => {
      breakOff(home);
      home.feed('HELLO\n');
    };
    expect(await open()).toMatchObject({ reason: 'site-broke-off' });
  });
});
