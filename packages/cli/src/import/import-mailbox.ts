/** `homeward mailbox import`. */
import { systemClock } from '@homeward/service';
import { unknownAccount } from '../accounts/account-view.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES } from '../output/operator-error.ts';
import { startProgressBar } from '../output/progress-bar.ts';
import { openDeployment } from '../wiring.ts';
import { openImportSource } from './open-source.ts';
import { type ImportResult, runImport } from './run-import.ts';

export interface ImportMailboxOptions extends OperatorOptions {
  readonly into?: string;
}

/** @throws OperatorError if it cannot begin or go on; what was imported until then stays. */
export async function importMailbox(
  context: CommandContext,
  which: string,
  path: string,
  options: ImportMailboxOptions,
): Promise<void> {
  const source = await openImportSource(path);
  await using deployment = await openDeployment(options.config, context.environment);
  const account = await deployment.accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  const connection = await deployment.connectToOwner(account);
  const totalBytes = source.folders.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const bar = startProgressBar(context.console.hasProgress, account.address, totalBytes);
  let result: ImportResult;
  try {
    result = await runImport(source, connection, {
      into: options.into,
      nowMs: systemClock.nowMs(),
      onProgress: (bytes) => bar.advance(bytes),
    });
  } finally {
    bar.stop();
    await connection.close();
  }
  const view = { account: account.address, source: { kind: source.kind, path }, ...result };
  printResult(context, options, view, () => formatSummary(result, account.address));
  for (const { place, reason } of result.failures) context.console.complain(`${place}: ${reason}`);
  if (result.failures.length > 0) context.console.exitCode = EXIT_CODES.refused;
}

function formatSummary(result: ImportResult, address: string): string {
  const { importedCount, skippedCount, folderCount, failures } = result;
  const parts = [
    `${importedCount} imported`,
    ...(skippedCount > 0 ? [`${skippedCount} there already`] : []),
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
  ];
  return `${address}: ${parts.join(', ')}, from ${folderCount} folder(s).`;
}
