/** `homeward certificates …`: its options and help. What they do is `certificates/`. */
import { type Command, InvalidArgumentError } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addCertificateCommands(program: Command, context: CommandContext): void {
  const certificates = program
    .command('certificates')
    .description('of front ends and sites, issued by the deployment’s own authority');
  const list = certificates
    .command('list')
    .description('the authority and all certificates in tls/, and when they expire');
  addOperatorOptions(list).action(async (options) => {
    const { listCertificates } = await import('../certificates/list-certificates.ts');
    await listCertificates(context, options);
  });
  const renew = certificates
    .command('renew')
    .description('issue certificates anew, for the same names, with new keys')
    .argument('[names...]', 'such as site-dublin (default: those that expire soon)')
    .option('--within <days>', 'what counts as soon', readDays, 60)
    .option('--all', 'all that the deployment’s own authority issued')
    .addHelpText('after', EXPLANATION);
  addOperatorOptions(renew).action(async (names: readonly string[], options) => {
    const { renewCertificates } = await import('../certificates/renew-certificates.ts');
    await renewCertificates(context, names, options);
  });
}

const EXPLANATION = `
It needs ca/ca.key in the deployment's folder. Services read the new files without a restart.
Safe to run daily: without names it does nothing until a certificate expires soon. A certificate
of a public authority is left alone.`;

function readDays(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('Give a number of days.');
  return Number(text);
}
