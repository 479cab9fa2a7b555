/** `homeward mailbox backup` and `homeward mailbox restore`. */
import { isAbsolute, resolve } from 'node:path';
import type { BackupFacts, CareDesk, DeletedFacts } from '@homeward/backend/care';
import type { AccountRecord } from '@homeward/directory';
import { unknownAccount } from '../accounts/account-view.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatSize } from '../output/byte-size.ts';
import { confirm } from '../output/confirm.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { type CareOptions, openCareDesk, valueOf } from './care-door.ts';
import { whileDisabled } from './while-disabled.ts';

export interface BackupOptions extends OperatorOptions, CareOptions {}

export interface RestoreOptions extends BackupOptions {
  readonly replace?: boolean;
  /** What was put aside last, in place of a backup. */
  readonly putAside?: boolean;
  readonly yes?: boolean;
}

/** @throws OperatorError if there is no mailbox, or the folder cannot be written. */
export async function backupMailbox(
  context: CommandContext,
  which: string,
  to: string,
  options: BackupOptions,
): Promise<void> {
  const target = placeOnSite(to, options);
  await using deployment = await openDeployment(options.config, context.environment);
  const account = await deployment.accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  const desk = await openCareDesk(deployment, account.home, account.id, options);
  const answer = await desk.run({ kind: 'backup', accountId: account.id, target });
  const what = `${account.address} cannot be backed up to ${target}`;
  const facts = valueOf(answer, what, { nonexistent: 'nobody has opened the mailbox yet' });
  const view = { account: account.address, folder: target, ...viewBackup(facts) };
  printResult(
    context,
    options,
    view,
    () => `Backed up ${account.address} to ${target}: ${formatFacts(facts)}.`,
  );
  complainOfMissing(context, facts);
}

/** @throws OperatorError if there is no backup, or a mailbox is in its way. */
export async function restoreMailbox(
  context: CommandContext,
  which: string,
  from: string | undefined,
  options: RestoreOptions,
): Promise<void> {
  if ((from === undefined) !== (options.putAside === true)) {
    throw new OperatorError('give the folder of a backup, or --put-aside', EXIT_CODES.usage);
  }
  const source = from === undefined ? undefined : placeOnSite(from, options);
  await using deployment = await openDeployment(options.config, context.environment);
  const account = await deployment.accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  const { address } = account;
  const replaces = options.replace === true || source === undefined;
  if (replaces && options.yes !== true) {
    const text = `The mailbox that ${address} has now is put aside. Type the address to go on: `;
    await confirm({ text, expected: address, otherwise: 'nothing was changed' }, context.console);
  }
  const desk = await openCareDesk(deployment, account.home, account.id, options);
  if (source === undefined) {
    const put = await whileDisabled(deployment, account, () => swap(desk, account));
    const view = { account: address, deletedAt: new Date(put.deletedMs).toISOString() };
    printResult(
      context,
      options,
      view,
      () => `${address} has its mailbox of before ${view.deletedAt} again.`,
    );
    return;
  }
  const answer = await desk.run({ kind: 'restore', accountId: account.id, source, replaces });
  const facts = valueOf(answer, `${address} cannot be restored from ${source}`, {
    nonexistent: 'give the folder that homeward mailbox backup has written',
    'already-exists': 'give --replace to put it aside',
  });
  const view = { account: address, folder: source, replaced: replaces, ...viewBackup(facts) };
  printResult(context, options, view, () => {
    const made = new Date(facts.madeMs).toISOString();
    return `Restored ${address} as it was ${made}: ${formatFacts(facts)}.`;
  });
  complainOfMissing(context, facts);
}

/** Puts the mailbox that is there aside, and the one that was put aside last in its place. */
async function swap(desk: CareDesk, { id, address }: AccountRecord): Promise<DeletedFacts> {
  const kept = valueOf(
    await desk.run({ kind: 'list-deleted' }),
    'the site does not tell what it keeps',
  );
  const latest = kept.find(({ accountId }) => accountId === id);
  const what = `nothing can be put back for ${address}`;
  if (latest === undefined) {
    throw new OperatorError(`${what}: nothing was put aside`, EXIT_CODES.refused);
  }
  const account = JSON.stringify({ account: { address } });
  const moved = await desk.run({ kind: 'delete', accountId: id, account });
  if (!moved.ok && moved.reason !== 'nonexistent') valueOf(moved, what);
  const { deletedMs } = latest;
  return valueOf(await desk.run({ kind: 'undelete', accountId: id, deletedMs }), what);
}

/** A path that means something else here than at the site would be a trap. */
function placeOnSite(path: string, { volume }: CareOptions): string {
  if (volume !== undefined) return resolve(path);
  if (isAbsolute(path)) return resolve(path);
  throw new OperatorError(
    `"${path}" must be a whole path on the site's host, such as /srv/backup/anna`,
    EXIT_CODES.usage,
  );
}

function viewBackup({ madeMs, messageCount, totalBytes, missingCount }: BackupFacts): object {
  return { madeAt: new Date(madeMs).toISOString(), messageCount, totalBytes, missingCount };
}

function formatFacts({ messageCount, totalBytes }: BackupFacts): string {
  return `${messageCount} message(s), ${formatSize(totalBytes)}`;
}

function complainOfMissing({ console }: CommandContext, { missingCount }: BackupFacts): void {
  if (missingCount === 0) return;
  console.complain(`${missingCount} message(s) have lost their octets: their files are not there`);
  console.exitCode = EXIT_CODES.refused;
}
