/** `homeward settings …`: its options and help. What they do is `settings/`. */
import type { Command } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addSettingsCommands(program: Command, context: CommandContext): void {
  const settings = program
    .command('settings')
    .description('what applies live to all front ends and sites, without a restart');
  const list = settings
    .command('list')
    .description('all settings, and which of them override the configuration files')
    .argument('[beginning]', 'of the names to be shown, such as imap or throttle')
    .option('--changed', 'only those that override the files');
  addOperatorOptions(list).action(async (beginning: string | undefined, options) => {
    const { listSettings } = await import('../settings/list-settings.ts');
    await listSettings(context, beginning, options);
  });
  const set = settings
    .command('set')
    .description('override a setting on all front ends and sites, within a second')
    .argument('<name>', 'such as connectionLimits.perUser')
    .argument('<value>', 'as it would stand in a configuration file; lists and sections as JSON');
  addOperatorOptions(set).action(async (name: string, value: string, options) => {
    const { setSetting } = await import('../settings/set-setting.ts');
    await setSetting(context, name, value, options);
  });
  const unset = settings
    .command('unset')
    .description('let the configuration files decide again')
    .argument('<name>', 'such as connectionLimits.perUser');
  addOperatorOptions(unset).action(async (name: string, options) => {
    const { setSetting } = await import('../settings/set-setting.ts');
    await setSetting(context, name, undefined, options);
  });
}
