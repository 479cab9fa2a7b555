/** `homeward settings set` and `unset`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { openDeployment } from '../wiring.ts';
import { findSetting, parseSettingValue } from './known-settings.ts';

/** @param text Undefined removes the override. @throws OperatorError if it is not possible. */
export async function setSetting(
  context: CommandContext,
  name: string,
  text: string | undefined,
  options: OperatorOptions,
): Promise<void> {
  findSetting(name);
  const value = text === undefined ? undefined : parseSettingValue(name, text);
  await using deployment = await openDeployment(options.config, context.environment);
  await deployment.driver.setSetting(name, value);
  printResult(context, options, { name, override: value ?? null }, () =>
    value === undefined
      ? `${name} is as the configuration files say.`
      : `${name} is ${JSON.stringify(value)} everywhere.`,
  );
}
