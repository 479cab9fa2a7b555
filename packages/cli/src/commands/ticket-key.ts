/** `homeward ticket-key …`: its options and help. What they do is `ticket-keys/`. */
import type { Command } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addTicketKeyCommands(program: Command, context: CommandContext): void {
  const ticketKey = program
    .command('ticket-key')
    .description('the keys by which front ends, and you, open mailboxes at their sites');
  const list = ticketKey.command('list').description('all keys, those that were revoked too');
  addOperatorOptions(list).action(async (options) => {
    const { listKeys } = await import('../ticket-keys/list-keys.ts');
    await listKeys(context, options);
  });
  const add = ticketKey
    .command('add')
    .description('make a key, or take the one in the file, and tell the directory of it')
    .argument('<file>', 'PEM, Ed25519; made with mode 600 if it is not there')
    .option('--label <text>', 'whose it is (default: the name of the file)')
    .addHelpText('after', ADD_EXPLANATION);
  addOperatorOptions(add).action(async (file: string, options) => {
    const { addKey } = await import('../ticket-keys/add-key.ts');
    await addKey(context, file, options);
  });
  const revoke = ticketKey
    .command('revoke')
    .description('let a key open no more sessions, at all sites, for good')
    .argument('<key>', 'its id, or its label')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', REVOKE_EXPLANATION);
  addOperatorOptions(revoke).action(async (which: string, options) => {
    const { revokeKey } = await import('../ticket-keys/revoke-key.ts');
    await revokeKey(context, which, options);
  });
}

const ADD_EXPLANATION = `
The file may hold the public half alone: a key that was made on the front end's own host then
never leaves it (openssl genpkey -algorithm ed25519; openssl pkey -pubout).`;

const REVOKE_EXPLANATION = `
It applies within a second at all sites that can reach the directory. Sessions that are open go
on. The key of this command line itself is not revoked: name another in homeward.yaml first.
An id that begins with "-" comes last, behind "--": homeward ticket-key revoke -- -3uYi6GfMVASN2TF`;
