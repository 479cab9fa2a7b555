/** A password that the home is to judge: what it opens, and what it costs, before it is judged. */
import type { AccountRecord, ForeignSite, SessionClaim } from '@homeward/directory';
import type { ForeignDialogue, ForeignStep } from '@homeward/sasl';
import type { Fault } from '@homeward/service';
import { beforeEach, expect, it } from 'vitest';
import type { LoginOutcome } from '../login/login-attempt.ts';
import { createForeignHome, startScriptedLogin } from '../testing/scripted-login.ts';
import {
  createScriptedWorld,
  type ScriptedHome,
  siteRecord,
  type ScriptedWorld,
} from '../testing/scripted-ports.ts';

const FOREIGN: ForeignSite = {
  imap: { hosts: [{ host: '192.0.2.9', port: 143 }], tls: 'none' },
  trust: {},
  login: { kind: 'pass-through' },
  loginName: '{address}',
  clientIdentity: 'none',
};
const TICKET: ForeignSite = { ...FOREIGN, login: { kind: 'ticket' } };

let world: ScriptedWorld;
/** What homes were asked, in order. */
let asked: string[];
/** All claims there were. */
let claimed: SessionClaim[];
let homes: ScriptedHome[];
/** What the home says. */
let answer: ForeignStep;
beforeEach(() => {
  asked = [];
  claimed = [];
  homes = [];
  answer = { kind: 'refused', about: 'session', code: 'UNAVAILABLE', text: 'not now' };
  world = createScriptedWorld(() => ({
    async take() {
      asked.push('own');
      return { ok: false, reason: 'unreachable', detail: 'away' };
    },
  }));
  world.login = { ...world.login, credentials: undefined };
  world.site = siteRecord({ workers: [], foreign: FOREIGN });
  const { registry } = world.ports;
  world.ports.registry = {
    claim(session) {
      claimed.push(session);
      return registry.claim(session);
    },
    release: (session) => registry.release(session),
  };
  world.ports.foreign = {
    ...world.ports.foreign,
    createDialogue,
    dialler: { dial: async () => ({ ok: true, connection: openHome() }) },
  };
});

const LOGGED_IN: ForeignStep = {
  kind: 'logged-in',
  capabilities: undefined,
  early: new Uint8Array(),
};

function openHome() {
  const home = createForeignHome();
  homes.push(home);
  home.feed('HELLO\r\n');
  home.onWrite = () => home.feed('NO\r\n');
  return home;
}

function createDialogue(): ForeignDialogue {
  let isSaid = false;
  return {
    receive: () => (isSaid ? [answer] : [{ kind: 'ready' }]),
    tlsStarted: () => [],
    end: () => undefined,
    login({ secret }) {
      isSaid = true;
      asked.push(secret.kind);
      return [{ kind: 'send', octets: 'LOGIN\r\n' }];
    },
  };
}

async function logIn(): Promise<LoginOutcome> {
  const login = startScriptedLogin(world, { password: 'anything' });
  const outcome = await login.outcome;
  await login.settled;
  return outcome;
}

async function expectRefused(reason: Fault = 'site-refused'): Promise<void> {
  expect(await logIn()).toMatchObject({ ok: false, reason });
}

function reread(site: Partial<ForeignSite> | undefined, account: Partial<AccountRecord>): void {
  const moved = { ...world.login, account: { ...world.login.account, ...account } };
  const renewed =
    site === undefined
      ? siteRecord({ version: 2 })
      : siteRecord({ workers: [], foreign: { ...FOREIGN, ...site }, version: 2 });
  world.ports.accounts.rereadAccount = async () => {
    world.site = renewed;
    return { kind: 'found', record: moved };
  };
}

it.each<[string, Partial<ForeignSite> | undefined, readonly string[]]>([
  ['moved to a site of ours', undefined, ['password']],
  ['that is to be logged in at by tickets now', TICKET, ['password']],
  ['that has another host now', { loginName: '{local}' }, ['password', 'password']],
])('opens nothing at a home %s', async (_how, site, expected) => {
  reread(site, { epoch: 4 });
  await expectRefused();
  expect(asked).toEqual(expected);
});

it.each<[string, ScriptedWorld['site']]>([
  ['a site of ours', siteRecord()],
  ['a site of tickets', siteRecord({ workers: [], foreign: TICKET })],
])('opens nothing at what has become %s while it waited', async (_what, later) => {
  const { accounts } = world.ports;
  let count = 0;
  world.ports.accounts = {
    ...accounts,
    getSite(name) {
      count += 1;
      if (count > 1) world.site = later;
      return accounts.getSite(name);
    },
  };
  await expectRefused();
  expect(asked).toEqual([]);
});

it('takes no place of the account’s sessions before it is judged', async () => {
  answer = { kind: 'refused', about: 'credentials', code: 'AUTHENTICATIONFAILED', text: 'no' };
  await expectRefused('wrong-password');
  expect(claimed).toEqual([]);
});

it('takes one once it was right', async () => {
  answer = LOGGED_IN;
  expect(await logIn()).toMatchObject({ ok: true });
  expect([...world.claims]).toEqual(claimed);
  expect(claimed).toHaveLength(1);
});

it('is told of the limit once it was right, and its session at the home ends', async () => {
  answer = LOGGED_IN;
  world.login = { ...world.login, account: { ...world.login.account, connectionLimit: 0 } };
  await expectRefused('too-many-sessions');
  expect(homes.map(({ isDestroyed }) => isDestroyed)).toEqual([true]);
  expect([claimed.length, world.claims.size]).toEqual([1, 0]);
});

it('is as wrong as that of nobody, where its home has not the protocol', async () => {
  world.site = siteRecord({ workers: [], foreign: { ...FOREIGN, imap: undefined } });
  const logDetail = expect.stringMatching(/does not serve the protocol$/) as string;
  expect(await logIn()).toMatchObject({ ok: false, reason: 'no-secret', logDetail });
  expect([asked, world.verifications]).toEqual([[], ['anna@example.net']]);
});
