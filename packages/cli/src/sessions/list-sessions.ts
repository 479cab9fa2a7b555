/** `homeward session list`. */
import type { AccountId, DirectoryDriver, ListedSession } from '@homeward/directory';
import { systemClock } from '@homeward/service';
import { type CommandContext, printResult } from '../commands/command-context.ts';
import { formatFoldedTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { clientTest, readSessionFilter, type SessionFilterOptions } from './session-filter.ts';

export interface ListSessionsOptions extends SessionFilterOptions {
  readonly limit: number;
  readonly after?: string;
}

/** One session, as JSON shows it. */
export interface SessionView {
  readonly conversation: string;
  /** Whose mailbox it is. */
  readonly account: string;
  /** Who logged in, if it is another's mailbox. */
  readonly delegate: string | null;
  readonly protocol: string;
  readonly site: string;
  readonly clientAddress: string;
  readonly frontEnd: string;
  readonly startedAt: string;
}

/** @throws OperatorError for an option that cannot be meant. */
export async function listSessions(
  context: CommandContext,
  options: ListSessionsOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver } = deployment;
  const filter = await readSessionFilter(deployment, options);
  const { limit, after } = options;
  const page = await driver.operations.listSessions(
    { ...filter, isFrom: clientTest(filter) },
    { after: after?.toUpperCase(), limit },
  );
  const sessions = await viewSessions(page.sessions, driver);
  const { totalCount } = page;
  const last = sessions.length < limit ? undefined : sessions.at(-1)?.conversation;
  printResult(context, options, { sessions, totalCount, next: last ?? null }, () => {
    const table = formatSessions(sessions, systemClock.nowMs());
    const more = last === undefined ? '' : `; the next page: --after ${last}`;
    return `${table}\n${sessions.length} of ${totalCount} sessions${more}`;
  });
}

async function viewSessions(
  sessions: readonly ListedSession[],
  driver: Pick<DirectoryDriver, 'getAccount'>,
): Promise<readonly SessionView[]> {
  const addresses = new Map<AccountId, Promise<string>>();
  const addressOf = (id: AccountId): Promise<string> => {
    const known = addresses.get(id) ?? driver.getAccount(id).then((found) => found?.address ?? id);
    addresses.set(id, known);
    return known;
  };
  return Promise.all(
    sessions.map(async (one) => ({
      conversation: one.conversationId,
      account: await addressOf(one.mailboxId),
      delegate: one.accountId === one.mailboxId ? null : await addressOf(one.accountId),
      protocol: one.protocol,
      site: one.site,
      clientAddress: one.clientAddress,
      frontEnd: one.frontEnd,
      startedAt: new Date(one.startedAtMs).toISOString(),
    })),
  );
}

/** As people see it. */
export function formatSessions(sessions: readonly SessionView[], nowMs: number): string {
  return formatFoldedTable(
    ['conversation', 'account', 'protocol', 'site', 'for'],
    sessions.map((one) => ({
      cells: [
        one.conversation,
        one.account,
        one.protocol,
        one.site,
        formatAge(nowMs - Date.parse(one.startedAt)),
      ],
      below: [
        `from ${one.clientAddress}, front end ${one.frontEnd}`,
        ...(one.delegate === null ? [] : [`by ${one.delegate}`]),
      ],
    })),
  );
}

function formatAge(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
