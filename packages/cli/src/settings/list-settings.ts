/** `homeward settings list`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { listSettableSettings } from './known-settings.ts';

export interface ListSettingsOptions extends OperatorOptions {
  readonly changed?: boolean;
}

/** Longer ones are cut in the table; `--json` has all of them. */
const SHOWN_VALUE_LENGTH = 20;
/** What stands for no limit in the schemas. */
const UNLIMITED = 2_147_483_647;

/**
 * What services have of themselves is in their files; here is what overrides it.
 *
 * @param beginning Of the names that are meant, such as `imap`; all if left out.
 * @throws OperatorError if no name begins so.
 */
export async function listSettings(
  context: CommandContext,
  beginning: string | undefined,
  options: ListSettingsOptions,
): Promise<void> {
  const known = listSettableSettings().filter(({ key }) => key.startsWith(beginning ?? ''));
  if (known.length === 0) {
    throw new OperatorError(
      `no live setting begins with ${beginning}; see homeward settings list`,
      EXIT_CODES.refused,
    );
  }

  await using deployment = await openDeployment(options.config, context.environment);
  const overrides = await deployment.driver.getSettings();
  const all = known.map(({ key, type, defaultValue, exchangeName, help }) => ({
    name: key,
    override: overrides[key] ?? null,
    default: defaultValue ?? null,
    type,
    exchangeName: exchangeName ?? null,
    help: help ?? null,
  }));
  const settings = options.changed ? all.filter(({ override }) => override !== null) : all;
  printResult(context, options, settings, () =>
    formatTable(
      ['setting', 'override', 'default'],
      settings.map((setting) => [setting.name, show(setting.override), show(setting.default)]),
    ),
  );
}

function show(value: unknown): string {
  if (value === null) return '';
  if (value === UNLIMITED) return 'unlimited';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > SHOWN_VALUE_LENGTH ? `${text.slice(0, SHOWN_VALUE_LENGTH - 1)}…` : text;
}
