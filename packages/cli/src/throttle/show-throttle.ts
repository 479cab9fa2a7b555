/** `homeward throttle show`. */
import {
  listKnownNetworks,
  listThrottled,
  type AccountId,
  type DirectoryDriver,
  type FailureLane,
  type ThrottleEntry,
} from '@homeward/directory';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { selectThrottles, type ThrottleSelectionOptions } from './throttle-selection.ts';

export interface ShowThrottleOptions extends OperatorOptions, ThrottleSelectionOptions {}

/** @throws OperatorError if there is no such account, or the address is none. */
export async function showThrottle(
  context: CommandContext,
  options: ShowThrottleOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver } = deployment;
  const { account, matches } = await selectThrottles(deployment, options);
  const entries = await listThrottled(driver.throttle, matches);
  const view = {
    entries: await Promise.all(entries.map((entry) => viewEntry(entry, driver))),
    knownNetworks:
      account === undefined
        ? null
        : await listKnownNetworks(driver.throttle, account.id as AccountId),
  };
  printResult(context, options, view, () => {
    const known =
      view.knownNetworks === null
        ? []
        : [`Known networks: ${view.knownNetworks.join(', ') || 'none'}`];
    if (view.entries.length === 0) return ['No wrong passwords lately.', ...known].join('\n');
    return [formatThrottles(view.entries), ...known].join('\n');
  });
}

/** As people see it. */
export function formatThrottles(entries: readonly EntryView[]): string {
  return formatTable(
    ['what', 'network', 'account', 'wrong', 'left'],
    entries.map((entry) => [
      entry.kind,
      entry.network ?? '',
      formatSubject(entry),
      String(entry.failureCount),
      `${entry.forgottenInSeconds} s`,
    ]),
  );
}

function formatSubject({ account, accountId, accountCount }: EntryView): string {
  if (accountCount !== null) return `${accountCount} of them`;
  // The mark of a name says nothing to anybody; `--json` has it.
  return account ?? (accountId?.startsWith('name-') ? 'a name nobody has' : (accountId ?? ''));
}

/** One entry, as JSON shows it. */
export interface EntryView {
  readonly kind: FailureLane['kind'];
  readonly network: string | null;
  readonly accountId: string | null;
  /** Its address; null for a network, and for a name that nobody has. */
  readonly account: string | null;
  readonly failureCount: number;
  readonly accountCount: number | null;
  readonly lastFailureSecondsAgo: number;
  readonly forgottenInSeconds: number;
}

async function viewEntry(
  { lane, failureCount, accountCount, lastFailureAgoMs, leftMs }: ThrottleEntry,
  driver: Pick<DirectoryDriver, 'getAccount'>,
): Promise<EntryView> {
  const subject = lane.kind === 'address' ? undefined : lane.subject;
  const isNobody = subject?.startsWith('name-') ?? true;
  const account = isNobody ? undefined : await driver.getAccount(subject as AccountId);
  return {
    kind: lane.kind,
    network: lane.kind === 'account' ? null : lane.network,
    accountId: subject ?? null,
    account: account?.address ?? null,
    failureCount,
    accountCount: accountCount ?? null,
    lastFailureSecondsAgo: Math.round(lastFailureAgoMs / 1_000),
    forgottenInSeconds: Math.ceil(leftMs / 1_000),
  };
}
