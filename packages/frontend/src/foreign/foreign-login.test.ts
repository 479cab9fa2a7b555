/** Logins at a site of other software, over scripted ports: what real ones do at no set time. */
import type { ForeignSite } from '@homeward/directory';
import { createForeignPop3 } from '@homeward/pop3/upstream';
import type { ForeignDialogue, ForeignStep } from '@homeward/sasl';
import { describe, expect, it } from 'vitest';
import { HomeHealth } from '../health/home-health.ts';
import type { HostVisit } from '../health/host-visit.ts';
import { PROBE_RULES } from '../health/probe-rules.ts';
import type { LoginOutcome } from '../login/login-attempt.ts';
import { createForeignHome, startScriptedLogin } from '../testing/scripted-login.ts';
import {
  createScriptedWorld,
  siteRecord,
  SOME_CREDENTIALS,
  type ScriptedWorld,
} from '../testing/scripted-ports.ts';
import type { ForeignConnection, ReadyForeign } from './foreign-ports.ts';

function createWorld(
  clientIdentity: ForeignSite['clientIdentity'],
  login: ForeignSite['login'] = { kind: 'ticket' },
): ScriptedWorld {
  const world = createScriptedWorld(() => ({
    take: () => Promise.reject(new Error('no site of our own here')),
  }));
  const foreign: ForeignSite = {
    imap: { hosts: [{ host: '192.0.2.9', port: 143 }], tls: 'none' },
    trust: {},
    login,
    loginName: '{address}',
    clientIdentity,
  };
  world.site = siteRecord({ workers: [], foreign });
  return world;
}

/** Greeted by anything; says LOGIN, and is let in by anything. */
function ready(connection: ForeignConnection): ReadyForeign {
  let isSaid = false;
  const dialogue: ForeignDialogue = {
    receive: () =>
      isSaid
        ? [{ kind: 'logged-in', capabilities: undefined, early: new Uint8Array() }]
        : [{ kind: 'ready' }],
    tlsStarted: () => [],
    end: () => undefined,
    login() {
      isSaid = true;
      return [{ kind: 'send', octets: 'LOGIN\r\n' }];
    },
  };
  return { connection, dialogue };
}

it.each([
  ['192.0.2.7', '0.0.0.0'],
  ['2001:db8::7', '::'],
])('a client that has left meanwhile (%s) is announced at %s', async (address, unspecified) => {
  const world = createWorld('proxy-v2');
  const announced: unknown[] = [];
  world.ports.foreign = {
    ...world.ports.foreign,
    dialler: {
      dial: async (_target, told) => {
        announced.push(told);
        return { ok: false, reason: 'unreachable', detail: 'away' };
      },
    },
  };
  // As the system says it of a socket that is closed.
  const login = startScriptedLogin(world, { address, connectedAddress: '' });
  expect(await login.outcome).toMatchObject({ ok: false, reason: 'site-unreachable' });
  await login.settled;
  expect(announced).toMatchObject([{ address, connectedAddress: unspecified }]);
});

it('a host that hangs has failed, also over a connection that was ready', async () => {
  const world = createWorld('protocol');
  const failures: string[] = [];
  const visit: HostVisit = {
    noteAnswer: () => void failures.push('answered'),
    noteFailure: ({ phase, reason }) => void failures.push(`${phase} ${reason}`),
    leave: () => undefined,
    whenCondemned: () => () => undefined,
  };
  world.ports.health = { admit: () => ({ verdict: 'open', visit }) };
  const home = createForeignHome();
  const take = () => ({ ...ready(home), pendingRead: home.read() });
  world.ports.foreign = { ...world.ports.foreign, warm: { take, noteOpened: () => undefined } };
  const login = startScriptedLogin(world);
  await world.clock.advanceAsync(5_000);
  expect(await login.outcome).toMatchObject({ ok: false, reason: 'login-deadline' });
  await login.settled;
  expect(home.written).toBe('LOGIN\r\n');
  expect(failures).toEqual(['login login-deadline']);
});

it.each([
  ['with a password of ours', SOME_CREDENTIALS],
  ['whose password the home judges', undefined],
])('an app password of an account %s is shown to no home', async (_who, credentials) => {
  const world = createWorld('protocol', { kind: 'pass-through' });
  world.login = { ...world.login, credentials };
  const said: string[] = [];
  const home = createForeignHome();
  home.feed('HELLO\r\n');
  world.ports.foreign = {
    ...world.ports.foreign,
    dialler: { dial: async () => ({ ok: true, connection: home }) },
    createDialogue: () => ({
      ...ready(home).dialogue,
      login({ secret }) {
        if (secret.kind === 'password') said.push(Buffer.from(secret.password).toString());
        return [{ kind: 'refused', about: 'credentials', code: undefined, text: 'no' }];
      },
    }),
  };
  const login = startScriptedLogin(world, { password: 'app-password' });
  expect(await login.outcome).toMatchObject({ ok: false, reason: 'mechanism-not-accepted' });
  await login.settled;
  expect([said, world.verifications]).toEqual([[], ['app1']]);
});

it.each([
  ['send', 4500],
  ['send-secret', 20_000],
] as const)('a home that hangs behind %s has %i ms', async (kind, limitMs) => {
  const world = createWorld('protocol', { kind: 'pass-through' });
  world.login = { ...world.login, credentials: undefined };
  const home = createForeignHome();
  const octets = 'LOGIN\r\n';
  const opening: ForeignStep =
    kind === 'send' ? { kind, octets } : { kind, octets: Buffer.from(octets) };
  const dialogue = { ...ready(home).dialogue, login: () => [opening] };
  const take = () => ({ connection: home, dialogue, pendingRead: home.read() });
  world.ports.foreign = { ...world.ports.foreign, warm: { take, noteOpened: () => undefined } };
  let outcome: LoginOutcome | undefined;
  const login = startScriptedLogin(world);
  void login.outcome.then((came) => {
    outcome = came;
  });
  await world.clock.advanceAsync(limitMs - 1);
  expect(outcome).toBeUndefined();
  await world.clock.advanceAsync(1);
  expect(outcome).toMatchObject({ ok: false, reason: 'login-deadline' });
  await login.settled;
});

it.each([
  ['USER', '-ERR no CAPA\r\n'],
  ['AUTH', '+OK\r\nSASL PLAIN\r\n.\r\n'],
])('a goodbye in place of an answer to %s is no wrong password', async (command, capa) => {
  const world = createWorld('none', { kind: 'pass-through' });
  world.login = { ...world.login, credentials: undefined };
  const said: string[] = [];
  const homes = ['idle', 'fresh'].map((which) => {
    const home = createForeignHome();
    home.onWrite = (text) => {
      const verb = text.slice(0, 4);
      said.push(`${which} ${verb}`);
      if (verb === 'CAPA') home.feed(capa);
      else if (which === 'idle') home.feed('-ERR Disconnected for inactivity.\r\n');
      else home.feed(verb === 'AUTH' ? '+ \r\n' : '+OK\r\n');
    };
    return home;
  });
  const [idle = createForeignHome(), fresh = createForeignHome()] = homes;
  fresh.feed('+OK hi\r\n');
  const dialogue = createForeignPop3({ startsTls: false });
  for (const line of ['+OK hi\r\n', capa]) dialogue.receive(Buffer.from(line));
  world.ports.foreign = {
    ...world.ports.foreign,
    warm: {
      take: () => ({ connection: idle, dialogue, pendingRead: idle.read() }),
      noteOpened: () => undefined,
    },
    dialler: { dial: async () => ({ ok: true, connection: fresh }) },
    createDialogue: () => createForeignPop3({ startsTls: false }),
  };
  const login = startScriptedLogin(world);
  expect(await login.outcome).toMatchObject({ ok: true });
  await login.settled;
  expect(said.slice(0, 3)).toEqual([`idle ${command}`, 'fresh CAPA', `fresh ${command}`]);
  expect(said).toHaveLength(4);
});

describe('a login over a connection that died waiting, while its host', () => {
  const HOST = { site: 'dublin', protocol: 'imap', host: '192.0.2.9', port: 143 };
  const noProbe = async () => ({ ok: true }) as const;

  function condemn(health: HomeHealth): void {
    for (const client of ['198.51.100.1', '198.51.100.2', '198.51.100.3']) {
      const admission = health.admit(HOST, noProbe, { address: client, mailbox: client });
      if (admission.verdict !== 'open') throw new Error('it is well so far');
      const { visit } = admission;
      visit.noteFailure({ phase: 'greeting', reason: 'site-unreachable', detail: 'refused' });
    }
  }

  it.each(['is on trial', 'recovers'])('%s, goes on by the admission that it has', async (how) => {
    const world = createWorld('protocol');
    const { clock, log } = world;
    const counts = { probed: () => undefined, condemned: () => undefined };
    const health = new HomeHealth({ clock, log, counts, probes: false, random: () => 0 });
    world.ports.health = health;
    condemn(health);
    clock.advance(PROBE_RULES.fastestMs);
    if (how === 'recovers') {
      const trial = health.admit(HOST, noProbe, { address: '198.51.100.4', mailbox: 'd' });
      if (trial.verdict === 'open') trial.visit.noteAnswer();
    }
    const dead = createForeignHome();
    dead.onWrite = () => dead.finish();
    const fresh = createForeignHome();
    fresh.onWrite = () => fresh.feed('OK\r\n');
    fresh.feed('HELLO\r\n');
    const take = () => ({ ...ready(dead), pendingRead: dead.read() });
    world.ports.foreign = {
      ...world.ports.foreign,
      warm: { take, noteOpened: () => undefined },
      dialler: { dial: async () => ({ ok: true, connection: fresh }) },
      createDialogue: () => ready(fresh).dialogue,
    };
    const login = startScriptedLogin(world);
    expect(await login.outcome).toMatchObject({ ok: true });
    await login.settled;
    expect([dead.isDestroyed, health.countStates().condemned]).toEqual([true, 0]);
    await health.close();
  });
});
