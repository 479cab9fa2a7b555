/** All logins at a back end: by ticket always, a person's own only where that is switched on. */
import { shardOf } from '@homeward/directory';
import { namesIssuer } from '@homeward/token-issuers';
import { judgePerson } from './direct-login.ts';
import type { DirectLoginParts } from './direct-parts.ts';
import type { LoginDecision } from './login.ts';
import type { LoginAttempt, LoginJudge, TicketJudge, WorkerDirectory } from './ports.ts';
import { judgeTicket } from './ticket-login.ts';

export interface LoginJudgeParts {
  readonly judgeTicket: TicketJudge;
  /** Undefined: `directLogin` is off. */
  readonly direct: DirectLoginParts | undefined;
  readonly directory: WorkerDirectory;
  /** Which of the site's workers this process is. */
  readonly workerIndex: number;
}

/** Makes the judge of one worker. */
export function createLoginJudge(parts: LoginJudgeParts): LoginJudge {
  return async (attempt) => {
    const { credentials } = attempt;
    if (credentials.kind === 'bearer' && !isPersons(attempt, credentials.token, parts)) {
      return checkOwner(await judgeTicket(attempt, credentials.token, parts.judgeTicket), parts);
    }
    if (parts.direct === undefined) return { ok: false, reason: 'direct-login-off' };
    return checkOwner(await judgePerson(attempt, parts.direct), parts);
  };
}

/** Our tickets come by OAUTHBEARER and name no issuer, as every issuer's token does. */
function isPersons(
  { method }: LoginAttempt,
  token: string,
  { direct }: Pick<LoginJudgeParts, 'direct'>,
): boolean {
  return direct !== undefined && (method === 'XOAUTH2' || namesIssuer(token));
}

/**
 * One mailbox, one owner process: a worker refuses accounts that the shard table gives to
 * another, and names the table's version. A front end may have heard of a new table first, so
 * ours is read again before that. Without a table (the directory was never reached) the
 * mailbox's own lock still holds.
 */
async function checkOwner(
  decision: LoginDecision,
  { directory, workerIndex }: LoginJudgeParts,
): Promise<LoginDecision> {
  if (!decision.ok) return decision;
  const shard = shardOf(decision.login.accountId);
  let table = directory.findOwnSite()?.shardTable;
  if (table !== undefined && table.workerOfShard[shard] !== workerIndex) {
    table = (await directory.rereadOwnSite())?.shardTable;
  }
  const owner = table?.workerOfShard[shard];
  if (table === undefined || owner === workerIndex) return decision;
  const detail = `worker ${owner ?? 'none'} by shard table version ${table.version}`;
  const { login } = decision;
  const isDirect = login.secret !== undefined;
  const about = { conversationId: login.conversationId, isDirect, login };
  return { ok: false, reason: 'not-this-worker', detail, about };
}
