/** `homeward mailbox import`. */
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '@homeward/service';
import { unknownAccount } from '../accounts/account-view.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES } from '../output/operator-error.ts';
import { startProgress } from '../output/progress-bar.ts';
import { type Deployment, openDeployment } from '../wiring.ts';
import { type FolderChoice, type FolderPlan, planFolders } from './folder-plan.ts';
import { isSourceUrl } from './imap/source-address.ts';
import { formatPlan, formatResult, viewPlan } from './import-report.ts';
import type { ImportSource } from './import-source.ts';
import { ImportTarget } from './import-target.ts';
import { type MailServerOptions, openMailServer } from './open-mail-server.ts';
import { openImportSource } from './open-source.ts';
import { type ImportResult, runImport } from './run-import.ts';
import { createSoleConnector } from './sole-import.ts';

export interface ImportMailboxOptions extends OperatorOptions, FolderChoice, MailServerOptions {
  readonly dryRun?: boolean;
}

/** @throws OperatorError if it cannot begin or go on; what was imported until then stays. */
export async function importMailbox(
  context: CommandContext,
  which: string,
  from: string,
  options: ImportMailboxOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const account = await deployment.accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  await using stack = new AsyncDisposableStack();
  const source = await openSource(
    context,
    from,
    options,
    deployment,
    () => target.appendLimitBytes,
  );
  stack.defer(() => source.close());
  // Who only looks ends nobody's import.
  const connect =
    options.dryRun === true
      ? () => deployment.connectToOwner(account)
      : createSoleConnector(deployment, account, (text) => context.console.note(text));
  const target = await ImportTarget.open(connect);
  stack.defer(() => target.close());
  const plan = planFolders(source.folders, options, target.pathByUse);
  const about = { account: account.address, source: { kind: source.kind, path: from } };
  if (options.dryRun === true) {
    const folders = viewPlan(plan, target);
    const view = { ...about, dryRun: true, folders, leftOut: plan.leftOut };
    printResult(context, options, view, () => formatPlan(folders, plan.leftOut));
    return;
  }
  const result = await runWithProgress(context, account.address, source, target, plan);
  const view = { ...about, ...result, folderCount: result.folders.length };
  printResult(context, options, view, () => formatResult(result, account.address));
  tellFailures(context, result);
}

function openSource(
  context: CommandContext,
  from: string,
  options: ImportMailboxOptions,
  { folder }: Deployment,
  messageLimitBytes: () => number | undefined,
): Promise<ImportSource> {
  return isSourceUrl(from)
    ? openMailServer(from, options, context, folder, messageLimitBytes)
    : openImportSource(from);
}

async function runWithProgress(
  { console }: CommandContext,
  label: string,
  source: ImportSource,
  target: ImportTarget,
  plan: FolderPlan,
): Promise<ImportResult> {
  const total = plan.planned.reduce((sum, { folder }) => sum + folder.stepCount, 0);
  const progress = startProgress(console, { label, total, unit: source.unit });
  try {
    return await runImport(plan, {
      source,
      target,
      nowMs: () => systemClock.nowMs(),
      wait: (delayMs) => setTimeout(delayMs),
      onProgress: (steps) => progress.advance(steps),
      onTrouble: (text) => progress.say(text),
    });
  } finally {
    progress.stop();
  }
}

function tellFailures({ console }: CommandContext, { failures, failedCount }: ImportResult): void {
  for (const { place, reason } of failures) console.complain(`${place}: ${reason}`);
  const untold = failedCount - failures.length;
  if (untold > 0) console.complain(`and ${untold} more that failed`);
  if (failedCount > 0) console.exitCode = EXIT_CODES.refused;
}
