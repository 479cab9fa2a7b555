/** `homeward mailbox export`. */
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { unknownAccount } from '../accounts/account-view.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatMailbox } from '@homeward/imap/grammar';
import { matchesName } from '../import/folder-plan.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { startProgress } from '../output/progress-bar.ts';
import type { OwnerConnection } from '../owner/owner-connection.ts';
import { openDeployment } from '../wiring.ts';
import { type ExportFormat, ExportNotes } from './export-notes.ts';
import type { ExportWriter } from './export-writer.ts';
import type { LineEnds } from './line-ends.ts';
import { createMaildirWriter } from './maildir-writer.ts';
import { createMboxWriter } from './mbox-writer.ts';
import { listOwnerFolders, type OwnerFolder } from './owner-folder.ts';
import { type ExportResult, MailboxExport } from './run-export.ts';

export interface ExportMailboxOptions extends OperatorOptions {
  readonly format: ExportFormat;
  readonly lineEnds?: LineEnds;
  readonly folder?: readonly string[];
  readonly exclude?: readonly string[];
}

/** @throws OperatorError if it cannot begin or go on; what was exported until then stays. */
export async function exportMailbox(
  context: CommandContext,
  which: string,
  to: string,
  options: ExportMailboxOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const account = await deployment.accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  const folder = resolve(to);
  const connect = (): Promise<OwnerConnection> => deployment.connectToOwner(account);
  const connection = await connect();
  const folders = chooseFolders(await listOwnerFolders(connection), options);
  const total = await countMessages(connection, folders);
  const { address, id: accountId } = account;
  const { format } = options;
  const notes = await ExportNotes.open(folder, { accountId, address, format });
  const progress = startProgress(context.console, { label: address, total, unit: 'messages' });
  const say = (text: string): void => progress.say(text);
  const writer = openWriter(folder, notes, options, say);
  const run = new MailboxExport(connection, {
    writer,
    connect,
    wait: (delayMs) => setTimeout(delayMs),
    onProgress: (messages) => progress.advance(messages),
    onTrouble: say,
  });
  let result: ExportResult;
  try {
    result = await run.run(folders);
  } finally {
    progress.stop();
    await run.close();
  }
  report(context, options, { account: address, folder, format }, result);
}

function chooseFolders(
  folders: readonly OwnerFolder[],
  { folder: wanted = [], exclude = [] }: ExportMailboxOptions,
): readonly OwnerFolder[] {
  for (const pattern of [...wanted, ...exclude]) {
    if (folders.some(({ path }) => matchesName(pattern, path))) continue;
    throw new OperatorError(`the account has no folder ${pattern}`, EXIT_CODES.refused);
  }
  return folders.filter(
    ({ path }) =>
      (wanted.length === 0 || wanted.some((pattern) => matchesName(pattern, path))) &&
      !exclude.some((pattern) => matchesName(pattern, path)),
  );
}

async function countMessages(
  connection: OwnerConnection,
  folders: readonly OwnerFolder[],
): Promise<number> {
  let total = 0;
  for (const { path } of folders) {
    const { untagged } = await connection.run(`STATUS ${formatMailbox(path)} (MESSAGES)`);
    total += Number(/MESSAGES (\d+)/.exec(untagged.join(' '))?.[1] ?? 0);
  }
  return total;
}

function openWriter(
  folder: string,
  notes: ExportNotes,
  { format, lineEnds }: ExportMailboxOptions,
  say: (text: string) => void,
): ExportWriter {
  if (format === 'mbox') return createMboxWriter(folder, lineEnds ?? 'lf', notes);
  return createMaildirWriter(folder, lineEnds ?? 'exact', (path, count) =>
    say(`${path}: ${count} keyword(s) were left out; a Maildir holds 26 different ones`),
  );
}

function report(
  context: CommandContext,
  options: ExportMailboxOptions,
  about: { readonly account: string; readonly folder: string; readonly format: ExportFormat },
  { folders, problems }: ExportResult,
): void {
  const sum = (key: 'exportedCount' | 'skippedCount' | 'inexactCount'): number =>
    folders.reduce((total, folder) => total + folder[key], 0);
  const counts = {
    exportedCount: sum('exportedCount'),
    skippedCount: sum('skippedCount'),
    inexactCount: sum('inexactCount'),
  };
  printResult(context, options, { ...about, ...counts, folders, problems }, () => {
    const { exportedCount, skippedCount, inexactCount } = counts;
    const parts = [
      `${exportedCount} exported`,
      ...(skippedCount > 0 ? [`${skippedCount} there already`] : []),
    ];
    const summary = `${about.account}: ${parts.join(', ')}, from ${folders.length} folder(s) to ${about.folder}.`;
    const inexact = `${inexactCount} of them cannot be had back octet by octet; see --line-ends.`;
    return inexactCount === 0 ? summary : `${summary}\n${inexact}`;
  });
  for (const { place, reason } of problems) context.console.complain(`${place}: ${reason}`);
  if (problems.length > 0) context.console.exitCode = EXIT_CODES.refused;
}
