/**
 * All commands with their options and help texts: what `homeward help` shows, and what
 * `docs/reference/commands.md` is made from. What a command does is loaded when it runs.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addAccountCommands } from './commands/account.ts';
import { addAddressCommands } from './commands/address.ts';
import { addCertificateCommands } from './commands/certificates.ts';
import { addComponentCommands } from './commands/component.ts';
import type { CommandContext } from './commands/command-context.ts';
import { addConfigCommands } from './commands/config.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDomainCommands } from './commands/domain.ts';
import { addExplainCommand } from './commands/explain.ts';
import { addGroupCommands } from './commands/group.ts';
import { addInitCommand } from './commands/init.ts';
import { addLdapCommands } from './commands/ldap.ts';
import { addMailboxCommands } from './commands/mailbox.ts';
import { addProbeCommands } from './commands/probe.ts';
import { addQueueCommands } from './commands/queue.ts';
import { addRulesCommands } from './commands/rules.ts';
import { addServiceCommands } from './commands/service.ts';
import { addSessionCommands } from './commands/session.ts';
import { addSettingsCommands } from './commands/settings.ts';
import { addSiteCommands } from './commands/site.ts';
import { addThrottleCommands } from './commands/throttle.ts';
import { addTicketKeyCommands } from './commands/ticket-key.ts';
import { narrowHelp, narrowText } from './output/narrow-help.ts';
import { EXIT_CODE_MEANINGS } from './output/operator-error.ts';

/** Makes the program; it never exits by itself but throws commander's errors. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('homeward')
    .description('One hostname for POP3, IMAP and submission; mailboxes at many sites.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .helpCommand('help [command]', 'explain a command')
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false, ...narrowHelp })
    .configureOutput({
      writeOut: (text) => context.console.print(narrowText(text.replace(/\n$/, ''))),
      writeErr: (text) => context.console.note(text.replace(/\n$/, '')),
    })
    .exitOverride()
    .addHelpText('after', formatEpilogue());

  program.commandsGroup('Try it:');
  addDemoCommand(program, context);
  program.commandsGroup('Set up:');
  addInitCommand(program, context);
  addConfigCommands(program, context);
  program.commandsGroup('Run:');
  addServiceCommands(program, context);
  program.commandsGroup('Operate:');
  addAccountCommands(program, context);
  addGroupCommands(program, context);
  addAddressCommands(program, context);
  addDomainCommands(program, context);
  addMailboxCommands(program, context);
  addSiteCommands(program, context);
  addExplainCommand(program, context);
  addProbeCommands(program, context);
  addSessionCommands(program, context);
  addQueueCommands(program, context);
  addComponentCommands(program, context);
  addSettingsCommands(program, context);
  addThrottleCommands(program, context);
  addRulesCommands(program, context);
  addLdapCommands(program, context);
  addCertificateCommands(program, context);
  addTicketKeyCommands(program, context);
  tellWhereToLook(program, 'homeward', context);
  return program;
}

/** What is wrong with how a command was called is explained by the help of that command. */
function tellWhereToLook(command: Command, words: string, context: CommandContext): void {
  const help = command.parent === null ? `${words} help` : `${words} --help`;
  command.configureOutput({
    outputError: (text) => context.console.complain(formatUsageError(text, help)),
  });
  for (const below of command.commands) tellWhereToLook(below, `${words} ${below.name()}`, context);
}

function readVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

/** commander's "error: unknown command 'x'\n(Did you mean y?)", as one line of ours. */
function formatUsageError(text: string, help: string): string {
  const [problem = '', hint] = text.trim().split('\n');
  const what = problem.replace(/^error: /, '').replace(/\.$/, '');
  const suggestion = hint === undefined ? '' : ` ${hint}`;
  return `${what}${suggestion}; see ${help}`;
}

function formatEpilogue(): string {
  const codes = EXIT_CODE_MEANINGS.map(
    ([code, meaning]) => `  ${String(code).padEnd(4)}${meaning}`,
  );
  return `
A mail service in three steps:
  homeward init --folder ./mail --hostname mail.example.org --site dublin --protocols imap,pop3
  homeward account add anna@example.org --site dublin --config ./mail/homeward.yaml
  homeward backend --config ./mail/backend-dublin.yaml &
  homeward frontend --config ./mail/frontend.yaml

Exit codes:
${codes.join('\n')}`;
}
