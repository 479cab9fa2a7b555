/** `homeward throttle clear`. */
import { listThrottled } from '@homeward/directory';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { selectThrottles, type ThrottleSelectionOptions } from './throttle-selection.ts';

export interface ClearThrottleOptions extends OperatorOptions, ThrottleSelectionOptions {
  readonly all?: boolean | undefined;
}

/**
 * Forgets wrong passwords; where people usually come from stays known.
 *
 * @throws OperatorError if nothing was named, or it is not there.
 */
export async function clearThrottle(
  context: CommandContext,
  options: ClearThrottleOptions,
): Promise<void> {
  const { account, address, all } = options;
  if ((account === undefined && address === undefined) === (all !== true)) {
    throw new OperatorError(
      'name an account or an address, or say --all; see homeward throttle show',
      EXIT_CODES.usage,
    );
  }
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver } = deployment;
  const { matches } = await selectThrottles(deployment, options);
  const entries = await listThrottled(driver.throttle, matches);
  const clearedCount = await driver.throttle.clear(entries.map(({ laneName }) => laneName));
  printResult(context, options, { clearedCount }, () =>
    clearedCount === 0 ? 'There was nothing to clear.' : `Cleared ${clearedCount}.`,
  );
}
