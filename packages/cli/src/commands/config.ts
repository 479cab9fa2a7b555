/** `homeward config …`: its options and help. What they do is `configuration/`. */
import { Argument, type Command } from 'commander';
import { addJsonOption, addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addConfigCommands(program: Command, context: CommandContext): void {
  const config = program.command('config').description('configuration files');
  const check = config
    .command('check')
    .description('find what is wrong before a service does')
    .argument('[files...]', 'default: homeward.yaml and the service files beside it')
    .option('--offline', 'the files alone: do not ask the directory');
  addOperatorOptions(check).action(async (files: readonly string[], options) => {
    const { checkConfigs } = await import('../configuration/check-configs.ts');
    await checkConfigs(context, files, options);
  });
  const describe = config
    .command('describe')
    .description('every key: what it is, its default, its name in Exchange')
    .addArgument(new Argument('<kind>', 'which file').choices(['frontend', 'backend', 'operator']))
    .argument('[key]', 'only keys that begin so');
  addJsonOption(describe).action(async (kind: string, key: string | undefined, options) => {
    const { describeKeys } = await import('../configuration/describe-keys.ts');
    describeKeys(context, kind, key, options);
  });
}
