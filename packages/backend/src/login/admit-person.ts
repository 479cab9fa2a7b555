/** Somebody who has proved who he is: whether he may come in, and to which mailbox. */
import {
  type AccountRecord,
  admitLogin,
  type LoginLookup,
  type SessionSecret,
} from '@homeward/directory';
import type { DirectLoginParts } from './direct-parts.ts';
import type { LoginDecision } from './login.ts';
import type { LoginAttempt } from './ports.ts';

/** Who has proved himself, and how. */
export interface ProvedPerson {
  readonly account: AccountRecord;
  /** What was found under the name of another's mailbox; undefined: none was named. */
  readonly other: LoginLookup | undefined;
  /** As typed, or as the token has it. */
  readonly loginName: string;
  readonly secret: SessionSecret;
  readonly serverSignature?: Uint8Array | undefined;
}

/** By the same rules as at a front end; nobody is told why not. */
export function admitPerson(
  attempt: LoginAttempt,
  { account, other, loginName, secret, serverSignature }: ProvedPerson,
  conversationId: string,
  { site }: Pick<DirectLoginParts, 'site'>,
): LoginDecision {
  const admission = admitLogin(account, other, attempt.protocol);
  if (!admission.ok) return admission;
  const { mailbox, access } = admission;
  if (mailbox.home !== site) return { ok: false, reason: 'account-elsewhere' };
  return {
    ok: true,
    serverSignature,
    login: {
      accountId: mailbox.id,
      delegateId: mailbox.id === account.id ? undefined : account.id,
      access,
      quota: { bytes: mailbox.quotaBytes, messages: mailbox.quotaMessages },
      secret,
      connectionLimit: account.connectionLimit,
      isOperator: false,
      epoch: mailbox.epoch,
      protocol: attempt.protocol,
      method: attempt.method,
      conversationId,
      loginName,
      clientAddress: attempt.connection.remoteAddress,
      clientPort: attempt.connection.remotePort,
      via: attempt.connection.via,
    },
  };
}
