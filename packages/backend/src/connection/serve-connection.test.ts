/** What a connection holds is given back, wherever a bug strikes. */
import type { AccountId } from '@homeward/directory';
import type { SocketStream } from '@homeward/net';
import type { LoginDialogue } from '@homeward/sasl';
import { FakeClock } from '@homeward/testkit';
import { expect, it } from 'vitest';
import type { Login } from '../login/login.ts';
import type { ProtocolService, RunnableSession } from './protocol-service.ts';
import { serveConnection, type ServeParts } from './serve-connection.ts';
import { SessionsByConversation } from './sessions-by-conversation.ts';

const end = { address: '192.0.2.7', port: 4_711 };
const login = { accountId: 'a' as AccountId, conversationId: 'c1', protocol: 'imap' } as Login;

interface Bugs {
  readonly inAnswer?: boolean;
  readonly inCreation?: boolean;
  readonly inWatch?: boolean;
  readonly inRun?: boolean;
  readonly inRelease?: boolean;
}

/** Serves somebody who logs in at once. @returns What happened, in order. */
async function serve(bugs: Bugs): Promise<string[]> {
  const seen: string[] = [];
  const strike = (does: boolean | undefined): void => {
    if (does === true) throw new Error('a bug');
  };
  const stream = {
    ...{ tls: undefined, via: undefined, remote: end, local: end, peerEnded: Promise.resolve() },
    ...{ read: async () => 'ended', write: () => undefined, setIdleLimit: () => undefined },
    exportKeyingMaterial: () => undefined,
    end: async () => void seen.push('closed'),
    destroy: () => void seen.push('cut'),
  } as unknown as SocketStream;
  const credentials = { kind: 'bearer', loginName: undefined, token: 't' } as const;
  const dialogue = {
    greet: () => [{ kind: 'authenticate', method: 'OAUTHBEARER', credentials }],
    loginAccepted() {
      strike(bugs.inAnswer);
      return { octets: 'a OK\r\n', early: Buffer.alloc(0) };
    },
  } as unknown as LoginDialogue;
  const session: RunnableSession = {
    async run() {
      strike(bugs.inRun);
      return 'logged-out';
    },
    requestEnd: () => undefined,
  };
  const service: ProtocolService<string> = {
    protocol: 'imap',
    capabilities: undefined,
    createDialogue: () => dialogue,
    open: async () => ({ ok: true, login, resource: 'mailbox' }),
    createSession() {
      strike(bugs.inCreation);
      return session;
    },
    setQuota: () => undefined,
    onLost: () => () => void seen.push('forgotten'),
    async release(resource) {
      seen.push(`${resource} released`);
      strike(bugs.inRelease);
    },
  };
  const parts: ServeParts = {
    judge: async () => ({ ok: true, login }),
    findScramParameters: async () => ({ ok: false, reason: 'direct-login-off' }),
    makeNonce: () => 'n',
    tokenHint: () => ({}) as ReturnType<ServeParts['tokenHint']>,
    log: {
      started: () => void seen.push('started'),
      refused: () => void seen.push('refused'),
      ended: (_login, reason) => void seen.push(`ended: ${reason}`),
      failed: () => void seen.push('bug told'),
    },
    openLines: () => ({ add: () => undefined }) as unknown as ReturnType<ServeParts['openLines']>,
    clock: new FakeClock(),
    limits: { preAuthMs: 1_000, idleMsOf: () => 1_000 },
    upgrade: async () => false,
    watchAccount() {
      strike(bugs.inWatch);
      return () => void seen.push('unwatched');
    },
    sessions: new SessionsByConversation(),
  };
  await serveConnection(stream, service, parts).done;
  return seen;
}

it.each<[string, Bugs, readonly string[]]>([
  ['nowhere', {}, ['unwatched', 'forgotten', 'mailbox released', 'ended: logged-out', 'closed']],
  ['in the answer to a login', { inAnswer: true }, ['mailbox released', 'bug told', 'cut']],
  ['where a session is made', { inCreation: true }, ['mailbox released', 'bug told', 'cut']],
  [
    'where it is begun to be watched',
    { inWatch: true },
    ['forgotten', 'mailbox released', 'bug told', 'cut'],
  ],
  [
    'in the session',
    { inRun: true },
    ['unwatched', 'forgotten', 'mailbox released', 'ended: failed', 'bug told', 'cut'],
  ],
  [
    'where it is released',
    { inRelease: true },
    ['unwatched', 'forgotten', 'mailbox released', 'ended: logged-out', 'bug told', 'cut'],
  ],
])(
  'what a session holds is released once where a bug strikes %s',
  async (_where, bugs, expected) => {
    const seen = await serve(bugs);
    expect(seen.filter((what) => what !== 'started')).toEqual(expected);
    expect(seen.includes('started')).toBe(expected.some((what) => what.startsWith('ended')));
  },
);
