/** `homeward domain …`: its options and help. What they do is `domains/`. */
import { ACCEPTED_DOMAIN_KINDS } from '@homeward/directory/kinds';
import { type Command, Option } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addDomainCommands(program: Command, context: CommandContext): void {
  const domain = program
    .command('domain')
    .description('domains whose mail is ours: the setting mail.acceptedDomains')
    .addHelpText('after', DOMAIN_EXPLANATION);
  const list = domain.command('list').description('all domains whose mail is ours');
  addOperatorOptions(list).action(async (options) => {
    const { listDomains } = await import('../domains/change-domains.ts');
    await listDomains(context, options);
  });
  const add = domain
    .command('add')
    .description('say that mail for a domain is ours, or change what is said of it')
    .argument('<domain>', 'such as example.org; "*.example.org" for all below it, "*" for others')
    .addOption(
      new Option('--kind <kind>', 'whether others may have addresses of it')
        .choices(ACCEPTED_DOMAIN_KINDS)
        .default('authoritative'),
    );
  addOperatorOptions(add).action(async (name: string, options) => {
    const { addDomain } = await import('../domains/change-domains.ts');
    await addDomain(context, name, options);
  });
  const remove = domain
    .command('remove')
    .description('say that mail for a domain is not ours')
    .argument('<domain>', 'as the list has it');
  addOperatorOptions(remove).action(async (name: string, options) => {
    const { removeDomain } = await import('../domains/change-domains.ts');
    await removeDomain(context, name, options);
  });
}

const DOMAIN_EXPLANATION = `
authoritative: an address that nobody here has does not exist. internal-relay: it may exist
elsewhere, and mail for it goes there. As long as the list is empty every address that somebody
here has is ours, and all others are elsewhere. Changes hold within a second.`;
