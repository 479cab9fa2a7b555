/** A worker's control port, if it has one, and the removal of what was kept for long enough. */
import { type AccountId, shardOf, type SiteRecord } from '@homeward/directory';
import type { QueueDesk } from '@homeward/mail-queue';
import type { MailStore } from '@homeward/mailstore';
import { openServerTls, type ServerTls } from '@homeward/net';
import type { Clock, Logger } from '@homeward/service';
import type { SessionsByConversation } from '../connection/sessions-by-conversation.ts';
import type { BackEndConfig } from '../config.ts';
import type { BackEndLogEvents } from '../log-events.ts';
import { StartError } from '../start-error.ts';
import { createCareDesk } from './care-desk.ts';
import { type ControlServerOptions, openControlServer } from './control-server.ts';
import { DeletedAccounts } from './deleted-accounts.ts';
import { startPurging } from './purging.ts';

export interface ControlParts {
  readonly config: BackEndConfig;
  readonly workerIndex: number;
  readonly store: MailStore;
  readonly findOwnSite: () => SiteRecord | undefined;
  readonly sessions: Pick<SessionsByConversation, 'end'>;
  readonly queue: QueueDesk;
  readonly clock: Clock;
  readonly log: Logger<BackEndLogEvents>;
}

/**
 * Leaves to `stack` what is to be closed.
 *
 * @returns Its certificates; undefined where there is no port.
 * @throws StartError
 */
export async function openControl(
  parts: ControlParts,
  stack: AsyncDisposableStack,
): Promise<ServerTls | undefined> {
  const { config, workerIndex, store, sessions, queue, clock, log } = parts;
  const { keepDays } = config.deletedMailboxes;
  const root = config.volumeFolder;
  // One of the workers of a volume is enough.
  if (workerIndex === 0) {
    stack.use(startPurging(new DeletedAccounts({ root, keepDays }), clock, log));
  }
  const address = config.workers[workerIndex]?.control;
  const { clientCaFile } = config.control;
  if (address === undefined || clientCaFile === undefined) return undefined;
  const { certificates } = config.tls;
  const nowMs = (): number => clock.nowMs();
  const opened = await openServerTls({ certificates, clientCaFile, nowMs, clock });
  if (!opened.ok) {
    const { file, reason, detail } = opened;
    throw new StartError(`control.clientCaFile: ${file}: ${reason} (${detail})`);
  }
  stack.defer(() => opened.tls.close());
  const server = await openControlServer({
    ...address,
    tls: opened.tls,
    desk: createCareDesk({ root, keepDays, store, nowMs }),
    findForeignOwner: (accountId) => findForeignOwner(accountId, parts),
    onDone: (...done) => logCare(log, ...done),
    queue,
    onQueueChange: ({ action }, caller, answer) =>
      log.log('queue.changed', {
        action,
        caller,
        messageCount: answer.ok ? answer.value.changedCount : undefined,
        outcome: answer.ok ? 'ok' : answer.reason,
      }),
    endSession: (conversationId, reason) => sessions.end(conversationId, reason),
    onEndsAsked: ({ reason, conversationIds }, caller, askedCount) =>
      log.log('sessions.end-asked', {
        caller,
        reason,
        askedCount,
        unknownCount: conversationIds.length - askedCount,
      }),
  }).catch((error: unknown) => {
    const text = error instanceof Error ? error.message : 'unknown';
    throw new StartError(`workers[${workerIndex}].control: cannot listen: ${text}`);
  });
  stack.defer(() => server.close());
  log.log('listener.opened', { protocol: 'control', address: server.address, tls: 'implicit' });
  return opened.tls;
}

/** Without a table (the directory was never reached) the mailbox's own lock still holds. */
function findForeignOwner(
  accountId: string,
  { findOwnSite, workerIndex }: ControlParts,
): string | undefined {
  const table = findOwnSite()?.shardTable;
  const owner = table?.workerOfShard[shardOf(accountId as AccountId)];
  if (table === undefined || owner === workerIndex) return undefined;
  return `worker ${owner ?? 'none'} by shard table version ${table.version}`;
}

function logCare(
  log: Logger<BackEndLogEvents>,
  ...[job, caller, answer]: Parameters<ControlServerOptions['onDone']>
): void {
  log.log('care.done', {
    job: job.kind,
    caller,
    accountId: 'accountId' in job ? job.accountId : undefined,
    outcome: answer.ok ? 'ok' : answer.reason,
    detail: answer.ok ? undefined : answer.detail,
  });
}
