/** Logins at a site of several hosts, one of which is condemned while they wait there. */
import { orderHosts, type ForeignSite, type SiteHost } from '@homeward/directory';
import type { ForeignDialogue, ForeignStep } from '@homeward/sasl';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HomeHealth } from '../health/home-health.ts';
import type { RunningLogin } from '../login/login.ts';
import { createForeignHome, startScriptedLogin } from '../testing/scripted-login.ts';
import {
  createScriptedWorld,
  type ScriptedHome,
  settle,
  siteRecord,
  type ScriptedWorld,
} from '../testing/scripted-ports.ts';
import type { ForeignConnection, ForeignDialOutcome, ForeignTarget } from './foreign-ports.ts';

const HOSTS: readonly SiteHost[] = [
  { host: '192.0.2.8', port: 143 },
  { host: '192.0.2.9', port: 143 },
];

let world: ScriptedWorld;
let health: HomeHealth;
let first: SiteHost;
let second: SiteHost;
/** Those that were asked, in order. */
let asked: string[];
let homes: Map<string, ScriptedHome & ForeignConnection>;
beforeEach(() => {
  world = createScriptedWorld(() => ({
    take: () => Promise.reject(new Error('no site of our own here')),
  }));
  const { clock, log } = world;
  const counts = { probed: () => undefined, condemned: () => undefined };
  health = new HomeHealth({ clock, log, counts, probes: false, random: () => 0 });
  world.ports.health = health;
  asked = [];
  homes = new Map();
  [first, second] = orderHosts(HOSTS, world.login.account.id) as [SiteHost, SiteHost];
});
afterEach(() => health.close());

type Dial = (target: ForeignTarget, signal: AbortSignal) => Promise<ForeignDialOutcome>;

/** Says what the password goes with first, `NOOP` or itself. */
function createDialogue(opening: ForeignStep): ForeignDialogue {
  let isSaid = false;
  return {
    receive: () =>
      isSaid
        ? [{ kind: 'logged-in', capabilities: undefined, early: new Uint8Array() }]
        : [{ kind: 'ready' }],
    tlsStarted: () => [],
    end: () => undefined,
    login() {
      isSaid = true;
      return [opening];
    },
  };
}

const NOOP: ForeignStep = { kind: 'send', octets: 'NOOP\r\n' };

/** @param frozen How the account's first host is reached; the other one greets and lets in. */
function logIn(frozen: Dial, opening: ForeignStep = NOOP, hosts = HOSTS): RunningLogin {
  const foreign: ForeignSite = {
    imap: { hosts, tls: 'none' },
    trust: {},
    login: { kind: 'ticket' },
    loginName: '{address}',
    clientIdentity: 'none',
  };
  world.site = siteRecord({ workers: [], foreign });
  world.ports.foreign = {
    ...world.ports.foreign,
    createDialogue: () => createDialogue(opening),
    dialler: {
      dial(target, _announced, _budgetMs, signal) {
        asked.push(target.host);
        return target.host === first.host ? frozen(target, signal) : greet(target, true);
      },
    },
  };
  return startScriptedLogin(world);
}

function connect(target: ForeignTarget): ScriptedHome & ForeignConnection {
  const home = createForeignHome();
  homes.set(target.host, home);
  return home;
}

async function greet(target: ForeignTarget, letsIn: boolean): Promise<ForeignDialOutcome> {
  const home = connect(target);
  if (letsIn) home.onWrite = () => home.feed('OK\r\n');
  home.feed('HELLO\r\n');
  return { ok: true, connection: home };
}

const acceptAlone: Dial = async (target) => ({ ok: true, connection: connect(target) });
const greetAlone: Dial = (target) => greet(target, false);
const leaveOpen: Dial = (_target, signal) =>
  new Promise((resolve) => {
    const failure = { ok: false, reason: 'unreachable', detail: 'aborted' } as const;
    signal.addEventListener('abort', () => resolve(failure));
  });

/** As three others see it. */
function condemn({ host, port }: SiteHost): void {
  const target = { site: 'dublin', protocol: 'imap', host, port };
  for (const client of ['198.51.100.1', '198.51.100.2', '198.51.100.3']) {
    const visitor = { address: client, mailbox: client };
    const admission = health.admit(target, async () => ({ ok: true }), visitor);
    if (admission.verdict !== 'open') throw new Error('it is well so far');
    const { visit } = admission;
    visit.noteFailure({ phase: 'greeting', reason: 'site-broke-off', detail: 'silent' });
  }
}

describe('a login at a host that is condemned meanwhile', () => {
  it.each<[string, Dial]>([
    ['is not connected', leaveOpen],
    ['has heard no greeting', acceptAlone],
    ['has shown no secret', greetAlone],
  ])('goes to the next one, if it %s', async (_how, frozen) => {
    const login = logIn(frozen);
    await world.clock.advanceAsync(1_000);
    condemn(first);
    const outcome = await Promise.race([login.outcome, settle()]);
    expect(outcome).toMatchObject({ ok: true, session: { place: second } });
    await login.settled;
    expect(asked).toEqual([first.host, second.host]);
    expect(homes.get(first.host)?.isDestroyed ?? true).toBe(true);
  });

  it('stays, once it has shown its secret: it may be judged there yet', async () => {
    const secret = { kind: 'send-secret', octets: Buffer.from('PASS x\r\n') } as const;
    const login = logIn(greetAlone, secret);
    await world.clock.advanceAsync(1_000);
    condemn(first);
    expect(await Promise.race([login.outcome, settle()])).toBeUndefined();
    homes.get(first.host)?.feed('OK\r\n');
    expect(await login.outcome).toMatchObject({ ok: true, session: { place: first } });
    await login.settled;
    expect(asked).toEqual([first.host]);
  });

  it.each<[string, Dial, string]>([
    ['for a greeting', acceptAlone, 'HELLO\r\n'],
    ['for an answer', greetAlone, 'OK\r\n'],
  ])('stays, where it waits %s at the last one', async (_for, frozen, late) => {
    const login = logIn(frozen, NOOP, [first]);
    await world.clock.advanceAsync(1_000);
    condemn(first);
    expect(await Promise.race([login.outcome, settle()])).toBeUndefined();
    const home = homes.get(first.host);
    if (home !== undefined) home.onWrite = () => home.feed('OK\r\n');
    home?.feed(late);
    expect(await login.outcome).toMatchObject({ ok: true, session: { place: first } });
    await login.settled;
  });

  it('is told so, where the others are condemned, too', async () => {
    condemn(second);
    const login = logIn(acceptAlone);
    await world.clock.advanceAsync(100);
    condemn(first);
    expect(await login.outcome).toMatchObject({ ok: false, reason: 'site-down' });
    await login.settled;
    expect(asked).toEqual([first.host]);
  });
});
