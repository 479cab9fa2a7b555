/** `homeward session count`. */
import type { DirectoryDriver } from '@homeward/directory';
import { type CommandContext, printResult } from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import {
  clientTest,
  readSessionFilter,
  type SessionFilter,
  type SessionFilterOptions,
} from './session-filter.ts';

/** @throws OperatorError for an option that cannot be meant. */
export async function countSessions(
  context: CommandContext,
  options: SessionFilterOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver } = deployment;
  const filter = await readSessionFilter(deployment, options);
  const leases = await driver.operations.listLeases();
  const { frontEnd, ...others } = filter;
  const isSummed = Object.values(others).every((value) => value === undefined);
  const wanted = leases.filter((one) => frontEnd === undefined || one.frontEnd === frontEnd);
  if (frontEnd !== undefined && wanted.length === 0) {
    // A misspelt name would else look like a front end that is empty and may be stopped.
    context.console.note(`No front end ${frontEnd} runs now; see homeward component list.`);
  }
  const frontEnds = isSummed ? sumUp(wanted) : undefined;
  const count = frontEnds
    ? frontEnds.reduce((sum, one) => sum + one.sessionCount, 0)
    : await countMeant(driver, filter);
  printResult(context, options, { count, ...(frontEnds && { frontEnds }) }, () => {
    if (frontEnds === undefined || frontEnds.length === 0) return String(count);
    const rows = frontEnds.map((one) => [
      one.frontEnd,
      String(one.workerCount),
      String(one.sessionCount),
    ]);
    return `${formatTable(['front end', 'workers', 'sessions'], rows)}\n${count} in all`;
  });
}

interface FrontEndCount {
  readonly frontEnd: string;
  readonly workerCount: number;
  readonly sessionCount: number;
}

/** What each lease counts by itself: nothing has to be looked at. */
function sumUp(
  leases: Awaited<ReturnType<DirectoryDriver['operations']['listLeases']>>,
): readonly FrontEndCount[] {
  const sums = new Map<string, FrontEndCount>();
  for (const { frontEnd, sessionCount } of leases) {
    const known = sums.get(frontEnd);
    sums.set(frontEnd, {
      frontEnd,
      workerCount: (known?.workerCount ?? 0) + 1,
      sessionCount: (known?.sessionCount ?? 0) + sessionCount,
    });
  }
  return [...sums.values()];
}

async function countMeant(driver: DirectoryDriver, filter: SessionFilter): Promise<number> {
  const query = { ...filter, isFrom: clientTest(filter) };
  const page = await driver.operations.listSessions(query, { after: undefined, limit: 0 });
  return page.totalCount;
}
