/** What every command gets, and the options that all operator commands share. */
import type { Environment } from '@homeward/service';
import type { Command } from 'commander';
import type { OperatorConsole } from '../output/operator-console.ts';

export interface CommandContext {
  readonly console: OperatorConsole;
  readonly environment: Environment;
}

/** As commander gives them. */
export interface OperatorOptions {
  /** The deployment's `homeward.yaml`. */
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

const CONFIG_HELP =
  'the deployment; otherwise $HOMEWARD_CONFIG, otherwise homeward.yaml in this folder';

/** Adds `--json`. */
export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print one JSON document');
}

/** Adds `--config` and `--json`. */
export function addOperatorOptions(command: Command): Command {
  return addJsonOption(command).option('-c, --config <file>', CONFIG_HELP);
}

/** Adds `--volume`, for commands that the owner of a mailbox carries out. */
export function addVolumeOption(command: Command): Command {
  return command.option(
    '--volume <folder>',
    'work on this volume itself, on this host, while its site is down',
  );
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Prints a result as JSON or as text. */
export function printResult(
  { console }: Pick<CommandContext, 'console'>,
  { json }: Pick<OperatorOptions, 'json'>,
  result: unknown,
  formatText: () => string,
): void {
  console.print(json === true ? JSON.stringify(result, undefined, 2) : formatText());
}
