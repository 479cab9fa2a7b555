/** Logins at a site of other software, over scripted ports: what real ones do at no set time. */
import type { ForeignSite } from '@homeward/directory';
import type { ForeignDialogue } from '@homeward/sasl';
import { expect, it } from 'vitest';
import type { ConversationId } from '../conversation/conversation-id.ts';
import type { HostVisit } from '../health/host-visit.ts';
import { LoginPhases } from '../login/login-phases.ts';
import { startLogin, type RunningLogin } from '../login/login.ts';
import {
  createScriptedWorld,
  RIGHT_PASSWORD,
  ScriptedHome,
  siteRecord,
  type ScriptedWorld,
} from '../testing/scripted-ports.ts';
import type { ForeignConnection } from './foreign-ports.ts';

function createWorld(clientIdentity: ForeignSite['clientIdentity']): ScriptedWorld {
  const world = createScriptedWorld(() => ({
    take: () => Promise.reject(new Error('no site of our own here')),
  }));
  const foreign: ForeignSite = {
    imap: { hosts: [{ host: '192.0.2.9', port: 143 }], tls: 'none' },
    trust: {},
    login: { kind: 'ticket' },
    loginName: '{address}',
    clientIdentity,
  };
  world.site = siteRecord({ workers: [], foreign });
  return world;
}

function logIn(world: ScriptedWorld, address: string, connectedAddress: string): RunningLogin {
  const credentials = {
    kind: 'password',
    loginName: 'anna',
    actAs: undefined,
    password: Buffer.from(RIGHT_PASSWORD),
  } as const;
  return startLogin(
    {
      conversationId: 'C1' as ConversationId,
      protocol: 'imap',
      client: { address, port: 40_000 },
      connectedTo: () => ({ address: connectedAddress, port: 0 }),
      whenGone: () => new Promise(() => undefined),
      tls: undefined,
      method: 'LOGIN',
      credentials,
      earlierLeftovers: Promise.resolve(),
      phases: new LoginPhases(world.clock),
    },
    world.ports,
  );
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
  const login = logIn(world, address, '');
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
  };
  world.ports.health = { admit: () => ({ verdict: 'open', visit }) };
  const home = new ScriptedHome();
  const startTls: ForeignConnection['startTls'] = async () => ({ ok: true });
  const connection = Object.assign(home, { startTls });
  const dialogue: ForeignDialogue = {
    receive: () => [],
    tlsStarted: () => [],
    login: () => [{ kind: 'send', octets: 'LOGIN\r\n' }],
  };
  const take = () => ({ connection, dialogue, pendingRead: connection.read() });
  world.ports.foreign = { ...world.ports.foreign, warm: { take, noteOpened: () => undefined } };
  const login = logIn(world, '192.0.2.7', '192.0.2.1');
  await world.clock.advanceAsync(5_000);
  expect(await login.outcome).toMatchObject({ ok: false, reason: 'login-deadline' });
  await login.settled;
  expect(home.written).toBe('LOGIN\r\n');
  expect(failures).toEqual(['login login-deadline']);
});
