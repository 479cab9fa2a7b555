/** What every connection of a worker shares. */
import { randomBytes } from 'node:crypto';
import { TokenExpiry } from '@homeward/login-guards';
import { type ServerTls, upgradeToTls } from '@homeward/net';
import { SessionLog } from '@homeward/service';
import { createConnectionLog } from '../connection/logger-log.ts';
import type { ServeParts } from '../connection/serve-connection.ts';
import { SessionsByConversation } from '../connection/sessions-by-conversation.ts';
import type { AccountWatch } from '../login/account-watch.ts';
import type { DirectSessions } from '../connection/direct-sessions.ts';
import { countConnections } from '../metrics/connection-counts.ts';
import { findIdleSeconds } from '../connection/session-idle.ts';
import type { SettingParts } from './directory-wiring.ts';
import type { LoginServeParts } from './login-wiring.ts';
import type { WorkerParts } from './process-parts.ts';

const NONCE_BYTES = 18;

/** What it is made of beside what the worker has. */
export interface ConnectionNeeds extends Pick<SettingParts, 'settings' | 'protocolLog'> {
  readonly login: LoginServeParts;
  readonly accounts: AccountWatch;
  readonly tls: ServerTls;
  /** Undefined: people log in at front ends alone. */
  readonly directSessions: DirectSessions | undefined;
}

export function createServeParts(
  { settings, protocolLog, login, accounts, tls, directSessions }: ConnectionNeeds,
  { config, wheel, clock, log, metrics }: WorkerParts,
  stack: AsyncDisposableStack,
): ServeParts {
  if (directSessions !== undefined) {
    const expiry = new TokenExpiry({
      sessions: directSessions,
      expiryOf: ({ login: { secret } }) =>
        secret?.kind === 'token' ? secret.expiresAtMs : Infinity,
      end: (session) => session.end('token-expired'),
      clock,
    });
    stack.defer(() => expiry.close());
  }
  return {
    ...login,
    makeNonce: () => randomBytes(NONCE_BYTES).toString('base64'),
    log: countConnections(metrics, createConnectionLog(log, config.site)),
    openLines: ({ protocol, conversationId, client }, server) =>
      new SessionLog(protocolLog, { protocol, sessionId: conversationId, server, client }),
    clock,
    watchAccount(about, session) {
      const unwatch = accounts.watch(about, session);
      if (about.secret === undefined) return unwatch;
      const forget = directSessions?.add({ login: about, end: (reason) => session.end(reason) });
      return () => {
        unwatch();
        forget?.();
      };
    },
    sessions: new SessionsByConversation(),
    async upgrade(stream) {
      const limitMs = settings().tls.handshakeLimitSeconds * 1_000;
      return (await upgradeToTls(stream, tls, limitMs, wheel)).ok;
    },
    limits: {
      get preAuthMs() {
        return settings().idleLimits.preAuthenticatedSeconds * 1_000;
      },
      idleMsOf: (about) => findIdleSeconds(about, settings()) * 1_000,
    },
  };
}
