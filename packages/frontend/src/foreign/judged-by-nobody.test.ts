/** A password that the home was to judge, where that home turns out to judge none. */
import type { AccountRecord, ForeignSite } from '@homeward/directory';
import type { ForeignDialogue } from '@homeward/sasl';
import { beforeEach, expect, it } from 'vitest';
import type { ConversationId } from '../conversation/conversation-id.ts';
import { LoginPhases } from '../login/login-phases.ts';
import { startLogin } from '../login/login.ts';
import {
  createScriptedWorld,
  ScriptedHome,
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
beforeEach(() => {
  asked = [];
  world = createScriptedWorld(() => ({
    async take() {
      asked.push('own');
      return { ok: false, reason: 'unreachable', detail: 'away' };
    },
  }));
  world.login = { ...world.login, credentials: undefined };
  world.site = siteRecord({ workers: [], foreign: FOREIGN });
  world.ports.foreign = {
    ...world.ports.foreign,
    createDialogue,
    dialler: { dial: async () => ({ ok: true, connection: openHome() }) },
  };
});

function openHome() {
  const home = Object.assign(new ScriptedHome(), { startTls: async () => ({ ok: true }) as const });
  home.feed('HELLO\r\n');
  home.onWrite = () => home.feed('NO\r\n');
  return home;
}

/** Refuses for a reason of its own. */
function createDialogue(): ForeignDialogue {
  let isSaid = false;
  return {
    receive: () =>
      isSaid
        ? [{ kind: 'refused', about: 'session', code: 'UNAVAILABLE', text: 'not now' }]
        : [{ kind: 'ready' }],
    tlsStarted: () => [],
    login({ secret }) {
      isSaid = true;
      asked.push(secret.kind);
      return [{ kind: 'send', octets: 'LOGIN\r\n' }];
    },
  };
}

async function logIn(): Promise<void> {
  const login = startLogin(
    {
      conversationId: 'C1' as ConversationId,
      protocol: 'imap',
      client: { address: '192.0.2.7', port: 40_000 },
      connectedTo: () => ({ address: '192.0.2.1', port: 993 }),
      whenGone: () => new Promise(() => undefined),
      tls: undefined,
      method: 'LOGIN',
      credentials: {
        kind: 'password',
        loginName: 'anna',
        actAs: undefined,
        password: Buffer.from('anything'),
      },
      earlierLeftovers: Promise.resolve(),
      phases: new LoginPhases(world.clock),
    },
    world.ports,
  );
  expect(await login.outcome).toMatchObject({ ok: false, reason: 'site-refused' });
  await login.settled;
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
  await logIn();
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
  await logIn();
  expect(asked).toEqual([]);
});
