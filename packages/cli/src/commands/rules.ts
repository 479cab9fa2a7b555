/** `homeward rules …`: its options and help. What they do is `rules/`. */
import { RULE_MECHANISMS, RULE_PROTOCOLS } from '@homeward/login-guards/rule-words';
import { type Command, Option } from 'commander';
import { addRuleOptions } from '../rules/rule-options.ts';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addRulesCommands(program: Command, context: CommandContext): void {
  const rules = program
    .command('rules')
    .description('who may log in how, and from where, at all front ends')
    .addHelpText('after', RULES_EXPLANATION);
  const list = rules.command('list').description('all rules, in the order in which they are asked');
  addOperatorOptions(list).action(async (options) => {
    const { listRules } = await import('../rules/change-rules.ts');
    await listRules(context, options);
  });
  const add = rules
    .command('add')
    .description('add a rule, behind the others unless a place is given')
    .argument('<action>', 'allow or deny')
    .argument('<name>', 'what to call it')
    .option('--at <place>', 'its place, from 1 on');
  addOperatorOptions(addRuleOptions(add)).action(async (action: string, name: string, options) => {
    const { addRule } = await import('../rules/change-rules.ts');
    await addRule(context, action, name, options);
  });
  const remove = rules
    .command('remove')
    .description('remove a rule')
    .argument('<rule>', 'its name, or its place');
  addOperatorOptions(remove).action(async (which: string, options) => {
    const { removeRule } = await import('../rules/change-rules.ts');
    await removeRule(context, which, options);
  });
  const move = rules
    .command('move')
    .description('have a rule asked earlier or later')
    .argument('<rule>', 'its name, or its place')
    .argument('<place>', 'where it is to be, from 1 on');
  addOperatorOptions(move).action(async (which: string, place: string, options) => {
    const { moveRule } = await import('../rules/change-rules.ts');
    await moveRule(context, which, place, options);
  });
  addTestCommand(rules, context);
}

function addTestCommand(rules: Command, context: CommandContext): void {
  const test = rules
    .command('test')
    .description('tell which rule decides about a login')
    .addOption(new Option('--protocol <name>').choices(RULE_PROTOCOLS).makeOptionMandatory())
    .requiredOption('--address <address>', 'where the client is')
    .option('--account <name>', 'whose login: an address or a login name')
    .addOption(new Option('--mechanism <name>').choices(RULE_MECHANISMS).default('PLAIN'))
    .addOption(new Option('--tls <answer>').choices(['yes', 'no']).default('yes'));
  addOperatorOptions(test).action(async (options) => {
    const { testRules } = await import('../rules/test-rules.ts');
    await testRules(context, options);
  });
}

const RULES_EXPLANATION = `
The first rule that applies decides; where none does, logins are let on. A rule applies if all
its conditions are met and none of its exceptions is. Changes hold within a second, for logins
that come. What a rule says of the connection alone is told as that; what depends on the account
or its site is told as a wrong password. In patterns of accounts * stands for anything.

  homeward rules add deny "no pop abroad" --protocol pop3 --except-network 203.0.113.0/24
  homeward rules test --protocol pop3 --address 198.51.100.7 --account anna@example.org`;
