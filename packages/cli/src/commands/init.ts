/** `homeward init`: its options and help. What it does is `init/`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addJsonOption, collect, type CommandContext } from './command-context.ts';

/** Adds the command. */
export function addInitCommand(program: Command, context: CommandContext): void {
  const init = program
    .command('init')
    .description('make a deployment, or what of it is missing')
    .requiredOption('--folder <dir>', 'where; made if it is not there')
    .option('--hostname <name>', 'the public name that mail programs connect to')
    .option('--site <name[=host]>', 'a site, and where front ends reach it; repeatable', collect)
    .option('--workers <count>', 'processes of each new site', readCount, 1)
    .option('--domain <name>', 'a domain whose mail is here, and all of it; repeatable', collect)
    .option('--frontend <name>', 'a front end, with a key of its own; repeatable', collect)
    .option(
      '--protocols <list>',
      'of imap, pop3, submission: turned on from the start (default: none)',
    )
    .addOption(
      new Option(
        '--redis <url>',
        'keep the directory in Redis: redis://host:6379/0, redis+sentinel://host,host/name, redis+cluster://host,host; rediss… with TLS (default: one file, one host)',
      ),
    )
    .option('--redis-password-file <file>', 'the password of that Redis')
    .option('--redis-sentinel-password-file <file>', 'the password of its Sentinels')
    .option('--redis-prefix <prefix>', 'before every key in that Redis')
    .option(
      '--new-directory',
      'found another directory where Redis has lost that of this deployment',
    )
    .addHelpText('after', EXPLANATION);
  addJsonOption(init).action(async (options) => {
    const { runInit } = await import('../init/run-init.ts');
    await runInit(context, options);
  });
}

const EXPLANATION = `
It makes an authority of the deployment's own, a certificate for each front end and site, a
ticket key for each front end and one for you, keys of TLS sessions for all front ends, commented
configuration files, and the records in the directory. Run it again with more --site, --domain or
--frontend to add to a deployment; what is there is never changed.

A Redis that has lost the directory of a deployment that is there is refused: restore it. With
--new-directory it gets another one, without accounts, and services have to be restarted.

Without --domain every address that somebody here has is ours, and everything else is elsewhere.

Example:
  homeward init --folder /srv/mail --hostname mail.example.org \\
    --domain example.org --site dublin=10.1.0.5 --site oslo=10.2.0.5 --redis redis://10.0.0.7`;

function readCount(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 256) throw new InvalidArgumentError('Give a number from 1 to 256.');
  return count;
}
