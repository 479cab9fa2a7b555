/**
 * A front end's login: an account's session is opened with a ticket, which the front end
 * signed after it had checked the person. Nothing here asks the directory, so that sites go on
 * while it is away.
 */
import type { AccountId } from '@homeward/directory';
import type { LoginDecision } from './login.ts';
import type { LoginAttempt, TicketJudge } from './ports.ts';

/** Checks the ticket of an attempt. */
export async function judgeTicket(
  attempt: LoginAttempt,
  token: string,
  judge: TicketJudge,
): Promise<LoginDecision> {
  const { exporter } = attempt.connection;
  const verdict = await judge(token, { proto: attempt.protocol, exporter });
  if (!verdict.ok) {
    const about = { conversationId: verdict.sid, login: undefined };
    return { ok: false, reason: `ticket-${verdict.reason}`, detail: verdict.keyId, about };
  }
  const { claims } = verdict;
  return {
    ok: true,
    login: {
      accountId: claims.sub as AccountId,
      delegateId: claims.act as AccountId | undefined,
      access: claims.access ?? 'full',
      quota: claims.quota,
      isOperator: claims.operator === true,
      epoch: claims.epoch,
      protocol: attempt.protocol,
      method: attempt.method,
      conversationId: claims.sid,
      loginName: claims.login,
      clientAddress: claims.client.address,
      clientPort: claims.client.port,
      clientTls: claims.client.tls,
    },
  };
}
