/** `homeward session kick`: asks all front ends, and waits for the answer of each. */
import { randomBytes } from 'node:crypto';
import type { DirectoryDriver, LeaseFacts, SessionEndRequest } from '@homeward/directory';
import { systemClock, waitFor } from '@homeward/service';
import { type CommandContext, printResult } from '../commands/command-context.ts';
import { confirm } from '../output/confirm.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { whoAsks } from '../output/who-asks.ts';
import { openDeployment } from '../wiring.ts';
import { meansAll, readSessionFilter, type SessionFilterOptions } from './session-filter.ts';

export interface KickSessionsOptions extends SessionFilterOptions {
  readonly all?: boolean;
  readonly yes?: boolean;
}

/** Front ends hear of it within a second; those that take longer are told of as silent. */
const ANSWER_LIMIT_MS = 5_000;
const LOOK_PAUSE_MS = 50;

interface Outcome {
  /** Sessions that were told to end. */
  readonly count: number;
  readonly workers: number;
  /** Front ends of workers that did not answer. */
  readonly silent: readonly string[];
}

/** @throws OperatorError if nobody is meant, or a front end does not answer. */
export async function kickSessions(
  context: CommandContext,
  options: KickSessionsOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver } = deployment;
  const filter = await readSessionFilter(deployment, options);
  if (meansAll(filter)) {
    await agreeToAll(context, options);
  } else if (options.all === true) {
    throw new OperatorError(
      '--all means every session, and another option says that some are meant: leave out one of them',
      EXIT_CODES.usage,
    );
  }
  const request: SessionEndRequest = {
    id: randomBytes(9).toString('base64url'),
    ...filter,
    requestedBy: whoAsks(),
    requestedAtMs: systemClock.nowMs(),
  };
  const leases = await driver.operations.listLeases();
  await driver.operations.putSessionEnd(request);
  const outcome = await gatherAnswers(driver, request.id, leases);
  printResult(context, options, outcome, () => formatOutcome(outcome));
  if (outcome.silent.length > 0) {
    throw new OperatorError(
      `a worker of ${outcome.silent.join(', ')} gives no answer. If it was killed, its sessions are ` +
        'over, and the list forgets them within half a minute; if not, they end as soon as it hears of ' +
        'this, within five minutes; see homeward session list',
      EXIT_CODES.unavailable,
    );
  }
}

async function agreeToAll(
  { console }: CommandContext,
  { all, yes }: KickSessionsOptions,
): Promise<void> {
  if (all !== true) {
    throw new OperatorError(
      'say which sessions: --account, --site, --protocol, --network, --front-end, ' +
        '--conversation, or --all',
      EXIT_CODES.usage,
    );
  }
  if (yes === true) return;
  const text = 'Every session at every front end ends. Type all to end them: ';
  await confirm({ text, expected: 'all', otherwise: 'nothing was ended' }, console);
}

async function gatherAnswers(
  { operations }: DirectoryDriver,
  id: string,
  leases: readonly LeaseFacts[],
): Promise<Outcome> {
  const untilMs = systemClock.elapsedMs() + ANSWER_LIMIT_MS;
  for (;;) {
    const answers = await operations.readSessionEndAnswers(id);
    const waited = leases.filter(({ leaseId }) => !answers.has(leaseId));
    if (waited.length === 0 || systemClock.elapsedMs() > untilMs) {
      let count = 0;
      for (const told of answers.values()) count += told;
      const silent = [...new Set(waited.map(({ frontEnd }) => frontEnd))];
      return { count, workers: answers.size, silent };
    }
    await waitFor(systemClock, LOOK_PAUSE_MS);
  }
}

function formatOutcome({ count, workers }: Outcome): string {
  const sessions = count === 1 ? '1 session was' : `${count} sessions were`;
  return `${sessions} told to end, by ${workers} front-end ${workers === 1 ? 'worker' : 'workers'}.`;
}
