import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRecordingLog, settle } from '../testing/scripted-ports.ts';
import { HomeHealth } from './home-health.ts';
import type { HomeHost } from './home-host.ts';
import { HEALTH_RULES } from './host-health.ts';
import type { Probe, ProbeOutcome } from './host-probe.ts';
import type { HostVisit, VisitFailure } from './host-visit.ts';
import { PROBE_RULES } from './probe-rules.ts';

const HOST: HomeHost = { site: 'dublin', protocol: 'imap', host: '192.0.2.1', port: 1993 };
const DOWN: ProbeOutcome = { ok: false, reason: 'site-unreachable', detail: 'refused' };

let clock: FakeClock;
let log: ReturnType<typeof createRecordingLog>;
let health: HomeHealth;
let outcome: ProbeOutcome;
let probeTimes: number[];
let counted: string[];

function open(probes: boolean): HomeHealth {
  return new HomeHealth({
    clock,
    log,
    counts: {
      probed: (what) => void counted.push(`probe ${what}`),
      condemned: (by) => void counted.push(`condemned by ${by}`),
    },
    probes,
    random: () => 0.5,
  });
}

beforeEach(() => {
  clock = new FakeClock();
  log = createRecordingLog();
  outcome = { ok: true };
  probeTimes = [];
  counted = [];
  health = open(true);
});

async function probe(): Promise<ProbeOutcome> {
  probeTimes.push(clock.elapsedMs());
  return outcome;
}

/** A client's login, if it may go there. Its mailbox has its address for a name. */
function enter(address: string, host = HOST, way: Probe = probe): HostVisit | undefined {
  const admission = health.admit(host, way, { address, mailbox: address });
  return admission.verdict === 'open' ? admission.visit : undefined;
}

/** A login that leaves at once. */
function admit(host = HOST, way: Probe = probe): string {
  const admission = health.admit(host, way, { address: '192.0.2.99', mailbox: 'any' });
  if (admission.verdict === 'open') admission.visit.leave();
  return admission.verdict;
}

const UNREACHABLE: VisitFailure = {
  phase: 'greeting',
  reason: 'site-unreachable',
  detail: 'refused',
};
const UNANSWERED: VisitFailure = { phase: 'login', reason: 'login-deadline', detail: 'no answer' };

function fail(client: string, host = HOST, way: Probe = probe): void {
  enter(client, host, way)?.noteFailure(UNREACHABLE);
}

async function pass(ms: number): Promise<void> {
  const stepMs = 15.625;
  for (let spent = 0; spent < ms; spent += stepMs) {
    clock.advance(Math.min(stepMs, ms - spent));
    await settle();
  }
}

function events(): readonly string[] {
  return log.events.map(({ event }) => event);
}

describe('a host is condemned', () => {
  it('by no one who has a /64 of IPv6 to himself', () => {
    for (let time = 0; time < 100; time += 1) fail(`2001:db8:1:2::${time}`);
    expect(admit()).toBe('open');
    fail('2001:db8:1:3::1');
    expect(admit()).toBe('condemned');
  });

  it('by three failures of two clients, and never by one client', () => {
    for (let time = 0; time < 100; time += 1) fail('198.51.100.1');
    expect(admit()).toBe('open');
    fail('198.51.100.2');
    expect(admit()).toBe('condemned');
    expect(counted).toContain('condemned by clients');
    expect(log.events).toContainEqual({
      event: 'site.unreachable',
      fields: {
        site: 'dublin',
        address: 'imap 192.0.2.1:1993',
        reason: 'site-unreachable',
        detail: 'refused',
      },
    });
  });

  it('not by failures that are long past', () => {
    fail('198.51.100.1');
    fail('198.51.100.2');
    clock.advance(HEALTH_RULES.windowMs);
    fail('198.51.100.1');
    expect(admit()).toBe('open');
  });

  it('not by failures before an answer', () => {
    fail('198.51.100.1');
    fail('198.51.100.2');
    enter('198.51.100.3')?.noteAnswer();
    fail('198.51.100.1');
    fail('198.51.100.2');
    expect(admit()).toBe('open');
  });

  it('by two probes in a row, the first at once when a client failed', async () => {
    outcome = DOWN;
    fail('198.51.100.1');
    await pass(125);
    expect(probeTimes).toHaveLength(1);
    expect(admit()).toBe('open');
    await pass(250);
    expect(probeTimes).toHaveLength(2);
    expect(admit()).toBe('condemned');
    expect(counted).toContain('condemned by probes');
  });

  it('without any other host', () => {
    for (const client of ['a', 'b', 'c']) fail(client);
    const other = { ...HOST, port: 1995, protocol: 'pop3' };
    expect(admit()).toBe('condemned');
    expect(admit(other)).toBe('open');
    expect(health.countStates()).toEqual({
      healthy: 1,
      suspected: 0,
      condemned: 1,
      recovering: 0,
    });
    expect(health.findFault()).toMatch(/^dublin \(imap\) at 192\.0\.2\.1:1993: site-unreachable$/);
    expect(health.findFault('imap')).toMatch(/^dublin \(imap\) /);
    expect(health.findFault('pop3')).toBeUndefined();
    const one = { sites: 1, sitesAnswering: 1, hosts: 1, hostsAnswering: 1 };
    expect(health.count('pop3')).toEqual(one);
    expect(health.count('imap')).toEqual({ ...one, sitesAnswering: 0, hostsAnswering: 0 });
    expect(health.count()).toEqual({ ...one, hosts: 2 });
  });
});

describe('a condemned host', () => {
  beforeEach(() => {
    outcome = DOWN;
    for (const client of ['a', 'b', 'c']) fail(client);
  });

  it('is probed with growing distance', async () => {
    clock.advance(0);
    await settle();
    await pass(100_000);
    const distances = probeTimes.slice(1).map((time, index) => time - (probeTimes[index] ?? 0));
    expect(distances.slice(0, 4)).toEqual([250, 375, 562.5, 843.75]);
    expect(Math.round(Math.max(...distances) / 100) * 100).toBe(PROBE_RULES.slowestMs);
  });

  it('lets in by and by when a probe is answered', async () => {
    await pass(250);
    outcome = { ok: true };
    for (let time = 0; time < 32 && events().at(-1) !== 'site.recovered'; time += 1) {
      await pass(31.25);
    }
    expect(events().at(-1)).toBe('site.recovered');
    const admitted = (): number => {
      let count = 0;
      while (count < 1_000 && admit() === 'open') count += 1;
      return count;
    };
    expect(admitted()).toBeLessThanOrEqual(3);
    expect(admit()).toBe('recovering');
    clock.advance(1_000);
    const firstSecond = admitted();
    expect(firstSecond).toBeGreaterThanOrEqual(HEALTH_RULES.rampFrom);
    clock.advance(1_000);
    expect(admitted()).toBeGreaterThan(firstSecond);
    clock.advance(HEALTH_RULES.rampMs);
    expect(admitted()).toBe(1_000);
    expect(health.list()).toMatchObject([{ state: 'healthy' }]);
  });

  it('is tried by one login at a time, if it refuses at once', async () => {
    await pass(20_000);
    let tried = 0;
    for (let time = 0; time < 64; time += 1) {
      if (admit() === 'open') tried += 1;
      await pass(15.625);
    }
    expect(tried).toBe(4);
  });

  it('is tried by none, if it lets them wait', async () => {
    const slow = { ...HOST, port: 1 };
    const hang = (signal: AbortSignal): Promise<ProbeOutcome> =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(DOWN));
      });
    for (const client of ['a', 'b', 'c']) {
      fail(client, slow, hang);
    }
    for (let time = 0; time < 60; time += 1) {
      expect(admit(slow, hang)).toBe('condemned');
      await pass(500);
    }
  });

  it('is found again while many others hang', async () => {
    const hang: Probe = (signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () =>
          resolve({ ok: false, reason: 'login-deadline', detail: 'hangs' }),
        );
      });
    for (let port = 1; port <= 60; port += 1) {
      const other = { ...HOST, port };
      for (const client of ['a', 'b', 'a']) {
        fail(client, other, hang);
      }
    }
    const last = { ...HOST, port: 99 };
    for (const client of ['a', 'b', 'a']) fail(client, last);
    expect(admit(last)).toBe('condemned');
    outcome = { ok: true };
    await pass(150_000);
    expect(admit(last)).toBe('open');
  });

  it('is probed no more once it is forgotten', async () => {
    let count = 0;
    const hang: Probe = (signal) => {
      count += 1;
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(DOWN));
      });
    };
    const slow = { ...HOST, port: 1 };
    fail('a', slow, hang);
    await pass(100);
    expect(count).toBe(1);
    for (let number = 1; number <= 4_097; number += 1) {
      clock.advance(0.001);
      admit({ ...HOST, host: `host-${number}` });
    }
    await pass(10_000);
    expect(count).toBe(1);
  });

  it('is open when a login that was under way is answered', () => {
    const other = { ...HOST, port: 1 };
    const underWay = enter('a', other);
    for (const client of ['a', 'b', 'c']) fail(client, other);
    expect(admit(other)).toBe('condemned');
    underWay?.noteAnswer();
    expect(events().at(-1)).toBe('site.recovered');
    expect(admit(other)).toBe('open');
  });
});

describe('a host that greets, and gives logins no answer', () => {
  const clients = ['a', 'b', 'c'];

  it('is not condemned for one mailbox', () => {
    for (const address of clients) {
      const admission = health.admit(HOST, probe, { address, mailbox: 'one' });
      if (admission.verdict === 'open') admission.visit.noteFailure(UNANSWERED);
    }
    expect(admit()).toBe('open');
    enter('d')?.noteFailure(UNANSWERED);
    expect(admit()).toBe('condemned');
  });

  it('is not found again by a probe', async () => {
    for (const client of clients) enter(client)?.noteFailure(UNANSWERED);
    await pass(1_000);
    expect(counted).toContain('probe ok');
    expect(events()).toEqual(['site.unreachable']);
    enter('a')?.noteAnswer();
    expect(events()).toEqual(['site.unreachable', 'site.recovered']);
    expect(admit()).toBe('open');
  });

  it('is tried by one login at a time, with growing distance', async () => {
    for (const client of clients) enter(client)?.noteFailure(UNANSWERED);
    await pass(250);
    for (let time = 0; time < 8; time += 1) {
      const trial = enter('a');
      expect(trial).toBeDefined();
      // Longer than any distance: it is this login that the others wait for.
      for (let count = 0; count < 8; count += 1) {
        await pass(4_000);
        expect(enter('b')).toBeUndefined();
      }
      trial?.noteFailure(UNANSWERED);
    }
    const trial = enter('a');
    trial?.leave();
    expect(enter('b')).toBeUndefined();
    await pass(PROBE_RULES.slowestMs);
    expect(enter('b')).toBeDefined();
  });

  it('is tried by no login while it does not greet either', async () => {
    let isHanging = true;
    const way: Probe = async (signal) => {
      if (!isHanging) return { ok: true };
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(DOWN));
      });
    };
    for (const client of clients) enter(client, HOST, way)?.noteFailure(UNANSWERED);
    await pass(PROBE_RULES.limitMs);
    for (let time = 0; time < 16; time += 1) {
      await pass(1_000);
      expect(enter('a', HOST, way)).toBeUndefined();
    }
    isHanging = false;
    await pass(PROBE_RULES.slowestMs);
    expect(events()).toEqual(['site.unreachable']);
    enter('a', HOST, way)?.noteAnswer();
    expect(events()).toEqual(['site.unreachable', 'site.recovered']);
  });
});

describe('a host that falls silent', () => {
  const hang: Probe = (signal) => {
    probeTimes.push(clock.elapsedMs());
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(DOWN));
    });
  };

  async function answerIn(ms: number, way: Probe): Promise<void> {
    const visit = enter('z', HOST, way);
    await pass(ms);
    visit?.noteAnswer();
  }

  it('is condemned by one probe while two clients wait', async () => {
    await answerIn(15.625, hang);
    const visits = ['a', 'b'].map((client) => enter(client, HOST, hang));
    await pass(1_500);
    expect(probeTimes).toHaveLength(1);
    expect(admit(HOST, hang)).toBe('open');
    await pass(750);
    expect(admit(HOST, hang)).toBe('condemned');
    expect(counted).toContain('condemned by probes');
    expect(log.events).toMatchObject([{ fields: { detail: 'no greeting within 1000 ms' } }]);
    for (const visit of visits) visit?.noteFailure(UNANSWERED);
    outcome = { ok: true };
    admit();
    await pass(PROBE_RULES.slowestMs);
    expect(events()).toEqual(['site.unreachable', 'site.recovered']);
  });

  it('is condemned by two probes while one client waits', async () => {
    await answerIn(15.625, hang);
    enter('a', HOST, hang);
    enter('a', HOST, hang);
    await pass(2_250);
    expect(probeTimes).toHaveLength(2);
    expect(admit(HOST, hang)).toBe('open');
    await pass(1_500);
    expect(admit(HOST, hang)).toBe('condemned');
  });

  it('is well if it greets', async () => {
    await answerIn(15.625, probe);
    for (const client of ['a', 'b']) enter(client);
    await pass(3_500);
    expect(probeTimes).toHaveLength(3);
    expect(health.list()).toMatchObject([{ state: 'healthy' }]);
  });

  it('is not probed while it answers others', async () => {
    enter('a');
    for (let time = 0; time < 16; time += 1) await answerIn(500, probe);
    expect(probeTimes).toEqual([]);
  });

  it('is given the time that it usually takes', async () => {
    await answerIn(750, hang);
    for (const client of ['a', 'b']) enter(client, HOST, hang);
    await pass(3_500);
    expect(probeTimes).toEqual([]);
    await pass(4_250);
    expect(admit(HOST, hang)).toBe('open');
  });

  it('is watched no longer than somebody waits', async () => {
    const visit = enter('a');
    visit?.leave();
    await pass(PROBE_RULES.limitMs);
    expect(clock.timerCount).toBe(1);
    enter('a');
    await health.close();
    expect(clock.timerCount).toBe(0);
  });
});

describe('without probes', () => {
  it('a login now and then finds out, with growing distance', () => {
    health = open(false);
    for (const client of ['a', 'b', 'c']) fail(client);
    const trials: number[] = [];
    for (let ms = 125; ms <= 3_000; ms += 125) {
      clock.advance(125);
      const trial = enter('a');
      if (trial !== undefined) {
        trials.push(ms);
        trial.noteFailure(UNREACHABLE);
        expect(admit()).toBe('condemned');
      }
    }
    expect(trials).toEqual([250, 625, 1_250, 2_125]);
    expect(probeTimes).toEqual([]);
    clock.advance(30_000);
    enter('a')?.noteAnswer();
    expect(admit()).toBe('open');
  });
});

describe('probes', () => {
  it('go seldom to a host that is well and was not heard of', async () => {
    admit();
    await pass(200_000);
    expect(probeTimes).toHaveLength(3);
    expect(counted).toEqual(['probe ok', 'probe ok', 'probe ok']);
  });

  it('do not go where clients have just been', async () => {
    for (let time = 0; time < 20; time += 1) {
      enter('a')?.noteAnswer();
      await pass(10_000);
    }
    expect(probeTimes).toEqual([]);
  });

  it('end with demand, and the host is forgotten', async () => {
    admit();
    await pass(PROBE_RULES.forgetMs + 2 * PROBE_RULES.beatMs);
    expect(health.list()).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });

  it('are few at a time', async () => {
    let running = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const slow = (): Promise<ProbeOutcome> => {
      running += 1;
      most = Math.max(most, running);
      return new Promise((resolve) => {
        ends.push(() => {
          running -= 1;
          resolve({ ok: true });
        });
      });
    };
    for (let port = 1; port <= 20; port += 1) {
      const host = { ...HOST, port };
      fail('a', host, slow);
    }
    await pass(250);
    while (ends.length > 0) {
      ends.shift()?.();
      await settle();
    }
    expect(most).toBe(PROBE_RULES.atOnce);
  });

  it('are one at a time for each host, and never close to each other', async () => {
    for (let time = 0; time < 16; time += 1) {
      fail('a');
      await pass(31.25);
    }
    expect(probeTimes).toEqual([0, 250]);
  });

  it('that hang are ended', async () => {
    let isAborted = false;
    fail('a', HOST, (signal) => {
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          isAborted = true;
          resolve(DOWN);
        });
      });
    });
    await pass(PROBE_RULES.limitMs + 250);
    expect(isAborted).toBe(true);
    await health.close();
    expect(clock.timerCount).toBe(0);
  });
});
