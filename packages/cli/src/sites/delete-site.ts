/** `homeward site delete`. */
import { parseSiteName } from '@homeward/directory';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';

/** @throws OperatorError if there is no such site, or accounts live there. */
export async function deleteSite(
  context: CommandContext,
  typedName: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const name = parseSiteName(typedName);
  const outcome = name === undefined ? undefined : await deployment.driver.deleteSite(name);
  if (name === undefined || outcome?.ok !== true) {
    const isInUse = outcome?.ok === false && outcome.reason === 'in-use';
    throw new OperatorError(
      isInUse
        ? `accounts live at ${typedName}; see homeward account list --site ${typedName}`
        : `there is no site ${typedName}; see homeward site list`,
      EXIT_CODES.refused,
    );
  }
  printResult(context, options, { name }, () => `Deleted ${name}. What it holds stays there.`);
}
