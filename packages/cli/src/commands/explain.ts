/** `homeward explain`: its options and help. What it does is `explain/`. */
import { RULE_MECHANISMS } from '@homeward/login-guards/rule-words';
import { type Command, Option } from 'commander';
import type { ExplainOptions } from '../explain/explain-login.ts';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the command. */
export function addExplainCommand(program: Command, context: CommandContext): void {
  const explain = program
    .command('explain')
    .description('what is known of a login, and what would happen now; changes nothing')
    .argument('<login>', 'as typed at login: a name, or a delegate form')
    .option('--act-as <name>', 'another’s mailbox, as an authorization identity')
    .option('--address <ip>', 'where the client is, for rules, limits and the throttle')
    .addOption(
      new Option('--mechanism <name>', 'how it would log in')
        .choices(RULE_MECHANISMS)
        .default('PLAIN'),
    )
    .addOption(
      new Option('--tls <answer>', 'whether its connection is encrypted')
        .choices(['yes', 'no'])
        .default('yes'),
    )
    .option('--no-check', 'do not connect to the home to see whether it answers')
    .addHelpText(
      'after',
      `
The steps are those of a front end, in their order; the first that refuses is named by the
reason that its log would have. Nothing is counted, claimed or logged in; the home is asked for
its greeting alone. What a front end’s own file says is not known here.`,
    );
  addOperatorOptions(explain).action(async (login: string, options) => {
    const { explainLogin } = await import('../explain/explain-login.ts');
    await explainLogin(context, login, options as ExplainOptions);
  });
}
