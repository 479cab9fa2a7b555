/** `homeward ldap sync`, once. Without end, at an interval, it is `regular-sync.ts`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { openLdap } from './open-ldap.ts';
import { runSync, type SyncChoice } from './run-sync.ts';

/** @throws OperatorError if LDAP fails on the way; what was changed until then stays. */
export async function syncAccounts(
  context: CommandContext,
  options: OperatorOptions & SyncChoice,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  await using ldap = await openLdap(deployment);
  const { dryRun = false, force = false, add = false } = options;
  // Addresses; of those that failed what kept them from it.
  const by = { added: [], changed: [], gone: [], failed: [] } as Record<string, string[]>;
  const { added = [], changed = [], gone = [], failed = [] } = by;
  const checked = await runSync({
    ...{ driver: deployment.driver, ldap, dryRun, force, add },
    onOutcome: (one) => by[one.change]?.push(one.change === 'failed' ? one.detail : one.address),
  });
  if (failed.length > 0) context.console.exitCode = EXIT_CODES.refused;
  for (const text of failed) context.console.complain(text);
  printResult(context, options, { dryRun, checked, added, changed, gone, failed }, () => {
    const wouldBe = dryRun ? 'would be ' : '';
    return [
      `Looked at ${checked} account(s) from LDAP.`,
      ...added.map((address) => `${address}: ${wouldBe}added`),
      ...changed.map((address) => `${address}: ${wouldBe}changed`),
      ...gone.map((address) => `${address}: ${wouldBe}switched off, its entry is gone`),
    ].join('\n');
  });
}
