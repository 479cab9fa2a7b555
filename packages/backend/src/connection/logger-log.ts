/** Connections' news as log events. */
import type { Logger } from '@homeward/service';
import type { BackEndLogEvents } from '../log-events.ts';
import { type Login, refusalOf } from '../login/login.ts';
import type { ConnectionLog } from './connection-log.ts';

/** Of what anybody may type, in the log. */
const NAME_LIMIT = 256;

/** Writes to the worker's logger; `site` is in every line about a login. */
export function createConnectionLog(logger: Logger<BackEndLogEvents>, site: string): ConnectionLog {
  return {
    started: (login) => logger.log('session.started', describeLogin(login)),
    ended: (login, reason, durationMs) => {
      logger.log('session.ended', { ...describeLogin(login), site, reason, durationMs });
    },
    refused: (reason, attempt, detail, about) => {
      const fields = {
        protocol: attempt.protocol,
        clientAddress: attempt.remoteAddress,
        via: attempt.via,
        conversationId: about?.conversationId,
        loginName: attempt.loginName?.slice(0, NAME_LIMIT),
        ...(about?.login !== undefined && describeLogin(about.login)),
        reason,
        detail,
      };
      if (reason.startsWith('ticket-')) {
        logger.log('ticket.refused', { ...fields, keyId: detail });
      } else if (refusalOf(reason) === 'unavailable') {
        logger.log('login.failed', { ...fields, method: attempt.method, site });
      } else {
        logger.log('login.rejected', { ...fields, method: attempt.method, site });
      }
    },
    failed: (protocol, error) => logger.log('session.failed', { protocol, error }),
  };
}

function describeLogin(login: Login): {
  readonly conversationId: string;
  readonly protocol: string;
  readonly clientAddress: string;
  readonly via: string | undefined;
  readonly method: string;
  readonly loginName: string;
  readonly accountId: string;
  readonly delegateId: string | undefined;
  readonly access: string | undefined;
  readonly tls: string | undefined;
  readonly cipher: string | undefined;
} {
  const { conversationId, protocol, clientAddress, method, loginName, accountId } = login;
  const { delegateId, access, clientTls, via } = login;
  return {
    conversationId,
    protocol,
    clientAddress,
    via,
    method,
    loginName,
    accountId,
    delegateId,
    access: access === 'full' ? undefined : access,
    tls: clientTls?.version,
    cipher: clientTls?.cipher,
  };
}
