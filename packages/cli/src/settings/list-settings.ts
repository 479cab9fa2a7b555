/** `homeward settings list`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { listKnownSettings } from './known-settings.ts';

/** What services have of themselves is in their files; here is what overrides it. */
export async function listSettings(
  context: CommandContext,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const overrides = await deployment.driver.getSettings();
  const settings = listKnownSettings().map(({ key, type, defaultValue, exchangeName, help }) => ({
    name: key,
    override: overrides[key] ?? null,
    default: defaultValue ?? null,
    type,
    exchangeName: exchangeName ?? null,
    help: help ?? null,
  }));
  printResult(context, options, settings, () =>
    formatTable(
      ['setting', 'override', 'default', 'Exchange'],
      settings.map((setting) => [
        setting.name,
        show(setting.override, ''),
        show(setting.default, ''),
        setting.exchangeName ?? '',
      ]),
    ),
  );
}

function show(value: unknown, empty: string): string {
  if (value === null) return empty;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
