/** Guessing at passwords, over real sockets: who is slowed down, and who never is. */
import { connectRaw, startRedis, type RawClient } from '@homeward/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

const OWNER_HOME = '127.0.0.1';
const OWNER_ABROAD = '127.0.9.9';
const MAX_DELAY_SECONDS = 1;

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

async function openWorld(
  throttle: Readonly<Record<string, unknown>> = {},
  redis?: { readonly url: string; readonly keyPrefix: string },
): Promise<FrontEndWorld> {
  return openFrontEndWorld({
    certificates,
    ...(redis !== undefined && { redis }),
    config: {
      imap: {
        loginType: 'PlainTextLogin',
        listeners: [{ host: '127.0.0.1', port: 0, tls: 'starttls' }],
      },
      throttle: { maxDelaySeconds: MAX_DELAY_SECONDS, ...throttle },
    },
    async home(peer) {
      const { tag } = await takeImapLogin(peer);
      await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
      await peer.hold();
    },
  });
}

async function connectFrom(world: FrontEndWorld, localAddress: string): Promise<RawClient> {
  const client = await connectRaw({ port: world.ports.imap, localAddress });
  await client.readLine();
  return client;
}

/** One login on a connection of its own. @returns The tagged answer. */
async function logIn(
  world: FrontEndWorld,
  from: string,
  password: string,
  name = 'anna@example.net',
): Promise<string> {
  await using client = await connectFrom(world, from);
  return (await client.command(`LOGIN ${name} "${password}"`)).text;
}

function eventsOf(world: FrontEndWorld, event: string, address: string): number {
  return world.log.events.filter(
    ({ event: name, fields }) => name === event && fields['clientAddress'] === address,
  ).length;
}

/** Guesses from one address, ten on each connection, until told to stop. */
async function guessUntil(
  world: FrontEndWorld,
  from: string,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  while (!signal.aborted) {
    await using client = await connectFrom(world, from);
    for (let i = 0; i < 9 && !signal.aborted; i += 1) {
      const { status } = await client.command(`LOGIN anna@example.net "guess ${from} ${count}"`);
      expect(status).toBe('NO');
      count += 1;
    }
  }
  return count;
}

describe('the owner of an account at which thousands of guesses run', () => {
  it('gets in at once from home, and soon from anywhere', { timeout: 120_000 }, async () => {
    await using redis = await startRedis();
    await using world = await openWorld({}, { url: redis.url, keyPrefix: redis.keyPrefix });
    expect(await logIn(world, OWNER_HOME, PASSWORD)).toMatch(/^OK/);

    const stop = new AbortController();
    const bots = Array.from({ length: 20 }, (_, index) =>
      guessUntil(world, `127.0.1.${index + 1}`, stop.signal),
    );
    const refusedCount = (): number =>
      world.log.events.filter(({ fields }) => fields['reason'] === 'throttled').length;
    await expect.poll(refusedCount, { timeout: 90_000, interval: 100 }).toBeGreaterThan(2_000);

    // Not because the password is remembered: it is another one now.
    await world.accounts.setPassword('anna@example.net', 'a new one');
    const startedAtMs = performance.now();
    expect(await logIn(world, OWNER_HOME, 'a new one')).toMatch(/^OK/);
    const atHomeMs = performance.now() - startedAtMs;
    await world.accounts.setPassword('anna@example.net', 'a newer one');
    expect(await logIn(world, OWNER_ABROAD, 'a slip')).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    expect(await logIn(world, OWNER_ABROAD, 'a newer one')).toMatch(/^OK/);
    stop.abort();
    const guesses = (await Promise.all(bots)).reduce((sum, count) => sum + count, 0);

    expect(guesses).toBeGreaterThan(2_000);
    expect(atHomeMs).toBeLessThan(2_000);
    expect(eventsOf(world, 'throttle.held', OWNER_HOME)).toBe(0);
    expect(eventsOf(world, 'throttle.held', OWNER_ABROAD)).toBe(2);
    // Whatever was refused cost no hash.
    const wrong = world.log.events.filter(({ fields }) => fields['reason'] === 'wrong-password');
    expect(wrong.length).toBeLessThan(guesses / 5);
    expect(JSON.stringify(world.log.events)).not.toMatch(/guess 127|a new one|a slip/);
  });
});

describe('the owner of an account, at a new place', () => {
  const BOTS = Array.from({ length: 15 }, (_, index) => `127.0.2.${index + 1}`);
  /** Of one network: as many as are looked at together. */
  const TOGETHER = 8;

  it('gets in while more guessers wait at it than any bound, and is held himself', async () => {
    await using world = await openWorld({ accountFailures: 1, maxDelaySeconds: 3 });
    await Promise.all(BOTS.map((bot) => logIn(world, bot, `of ${bot}`)));
    const heldBefore = world.log.events.filter(({ event }) => event === 'throttle.held').length;
    const heldCount = (): number =>
      world.log.events.filter(({ event }) => event === 'throttle.held').length - heldBefore;
    const guesses = Promise.all(
      BOTS.flatMap((bot) => Array.from({ length: TOGETHER }, () => logIn(world, bot, `of ${bot}`))),
    );
    await expect.poll(heldCount, { timeout: 20_000 }).toBe(BOTS.length * TOGETHER);

    expect(await logIn(world, OWNER_ABROAD, PASSWORD)).toMatch(/^OK/);
    const waits = world.log.events
      .filter(({ event, fields }) => {
        return event === 'throttle.held' && fields['clientAddress'] === OWNER_ABROAD;
      })
      .map(({ fields }) => fields['waitMs']);
    expect(waits).toEqual([3_000]);
    for (const answer of await guesses) expect(answer).toMatch(/^NO /);
  }, 60_000);
});

it('a guesser who hangs up while he is held gives his place back, and has had no guess', async () => {
  await using world = await openWorld({ accountFailures: 1, maxDelaySeconds: 30 });
  const bots = Array.from({ length: 8 }, (_, index) => `127.0.3.${index + 1}`);
  await Promise.all(bots.map((bot) => logIn(world, bot, `first of ${bot}`)));
  for (const bot of bots) {
    await using client = await connectFrom(world, bot);
    await client.sendLine(`a LOGIN anna@example.net "second of ${bot}"`);
    await expect.poll(() => eventsOf(world, 'throttle.held', bot)).toBeGreaterThan(0);
  }
  const reasons = (): unknown[] =>
    world.log.events
      .filter(({ event }) => event === 'login.rejected')
      .map(({ fields }) => fields['reason']);
  const refused = Array<string>(bots.length).fill('throttled');
  await expect.poll(() => reasons().slice(bots.length)).toEqual(refused);
});

describe('the owner of an account, at home beside many who guess from there', () => {
  const GUESSERS = 10;

  it('is held for two seconds at most and gets in, each time', async () => {
    await using world = await openWorld({ accountFailures: 3, maxDelaySeconds: 10 });
    expect(await logIn(world, OWNER_HOME, PASSWORD)).toMatch(/^OK/);
    const stop = new AbortController();
    const guessers = Array.from({ length: GUESSERS }, async (_, index) => {
      for (let count = 0; !stop.signal.aborted; count += 1) {
        await logIn(world, OWNER_HOME, `guess ${index} ${count}`);
      }
    });
    const waits = (): unknown[] =>
      world.log.events
        .filter(({ event }) => event === 'throttle.held')
        .map(({ fields }) => fields['waitMs']);
    await expect.poll(() => waits().length, { timeout: 20_000 }).toBeGreaterThan(GUESSERS);

    const answers: string[] = [];
    for (let i = 0; i < 4; i += 1) answers.push(await logIn(world, OWNER_HOME, PASSWORD));
    stop.abort();
    await Promise.all(guessers);
    expect(answers.filter((answer) => !answer.startsWith('OK'))).toEqual([]);
    expect(Math.max(...waits().map(Number))).toBe(2_000);
  }, 60_000);
});

describe('a network', () => {
  const SLIPS = { addressFailures: 3, accountFailures: 3 };

  it('that guesses is refused with a hint and a code, and others are not', async () => {
    await using world = await openWorld({ ...SLIPS, windowSeconds: 600 });
    const answers: string[] = [];
    for (let i = 0; i < 9; i += 1) answers.push(await logIn(world, '127.0.0.5', `x${i}`));
    expect(answers[0]).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    expect(answers.at(-1)).toMatch(/^NO \[LIMIT\] Too many attempts.*: wait \d+ seconds \(ref /);
    expect(world.log.events.at(-1)).toMatchObject({
      event: 'login.rejected',
      fields: { reason: 'throttled', detail: expect.stringContaining('127.0.0.5/32') },
    });
    expect(
      await world.count('homeward_frontend_logins_total{protocol="imap",outcome="throttled"}'),
    ).toBeGreaterThan(0);
    expect(await logIn(world, '127.0.0.6', PASSWORD)).toMatch(/^OK/);
  });

  it('is refused whatever the password: a right one tells nothing', async () => {
    await using world = await openWorld(SLIPS);
    for (let i = 0; i < 12; i += 1) await logIn(world, '127.0.0.5', `x${i}`);
    expect(await logIn(world, '127.0.0.5', PASSWORD)).toMatch(/^NO \[LIMIT\]/);
  });

  it('is refused a right password also while it is remembered from elsewhere', async () => {
    await using world = await openWorld(SLIPS);
    expect(await logIn(world, OWNER_HOME, PASSWORD)).toMatch(/^OK/);
    for (let i = 0; i < 12; i += 1) await logIn(world, '127.0.0.5', `x${i}`);
    expect(await logIn(world, '127.0.0.5', PASSWORD)).toMatch(/^NO \[LIMIT\]/);
    expect(await logIn(world, OWNER_HOME, PASSWORD)).toMatch(/^OK/);
  });

  it('where the account is at home is slowed down, too, whatever is remembered', async () => {
    await using world = await openWorld({ ...SLIPS, maxDelaySeconds: 10 });
    expect(await logIn(world, OWNER_HOME, PASSWORD)).toMatch(/^OK/);
    for (let i = 0; i < 6; i += 1) await logIn(world, OWNER_HOME, `x${i}`);
    const heldBefore = eventsOf(world, 'throttle.held', OWNER_HOME);
    expect(await logIn(world, OWNER_HOME, PASSWORD)).toMatch(/^OK/);
    expect(eventsOf(world, 'throttle.held', OWNER_HOME)).toBe(heldBefore + 1);
  });

  it('that guesses on many connections at once has few of them looked at', async () => {
    await using world = await openWorld(SLIPS);
    const guesses = Array.from({ length: 40 }, (_, index) =>
      logIn(world, '127.0.0.5', `x${index}`),
    );
    const answers = await Promise.all(guesses);
    expect(answers.every((text) => text.startsWith('NO ['))).toBe(true);
    const wrong = world.log.events.filter(({ fields }) => fields['reason'] === 'wrong-password');
    expect(wrong.length).toBeLessThan(20);
  });

  it('whose program repeats an old password is never slowed down', async () => {
    await using world = await openWorld(SLIPS);
    for (let i = 0; i < 12; i += 1) {
      expect(await logIn(world, '127.0.0.5', 'old')).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    }
    expect(eventsOf(world, 'throttle.held', '127.0.0.5')).toBe(0);
  });

  it('that tries one password on many names is slowed down and told of', async () => {
    await using world = await openWorld({ addressFailures: 8 });
    for (let i = 0; i < 12; i += 1) await logIn(world, '127.0.0.5', 'Spring2026', `person${i}`);
    expect(world.log.events).toContainEqual({
      event: 'throttle.spraying-seen',
      fields: { network: '127.0.0.5/32', accountCount: 8 },
    });
    expect(eventsOf(world, 'throttle.held', '127.0.0.5')).toBeGreaterThan(0);
  });

  it('may be let through by a setting, at once', async () => {
    await using world = await openWorld(SLIPS);
    for (let i = 0; i < 12; i += 1) await logIn(world, '127.0.0.5', `x${i}`);
    await world.directory.setSetting('throttle.allowNetworks', ['127.0.0.5']);
    await expect.poll(() => logIn(world, '127.0.0.5', PASSWORD), { timeout: 5_000 }).toMatch(/^OK/);
  });
});
