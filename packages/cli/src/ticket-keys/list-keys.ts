/** `homeward ticket-key list`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { viewKey } from './key-view.ts';

/** Those in use first, each by its age. */
export async function listKeys(context: CommandContext, options: OperatorOptions): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver, config } = deployment;
  const keys = (await driver.listFrontEndKeys())
    .map((key) => viewKey(key, config.ticket.keyId))
    .toSorted(
      (a, b) =>
        Number(a.revokedAt !== null) - Number(b.revokedAt !== null) ||
        a.createdAt.localeCompare(b.createdAt) ||
        a.label.localeCompare(b.label),
    );
  printResult(context, options, keys, () =>
    formatTable(
      ['key', 'of', 'made', 'revoked', ''],
      keys.map(({ keyId, label, createdAt, revokedAt, own }) => [
        keyId,
        label,
        createdAt.slice(0, 10),
        revokedAt?.slice(0, 10) ?? '-',
        own ? 'this command line’s' : '',
      ]),
    ),
  );
}
