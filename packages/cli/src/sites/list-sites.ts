/** `homeward site list`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { viewSite } from './site-view.ts';

/** One row for each worker. */
export async function listSites(context: CommandContext, options: OperatorOptions): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const sites = (await deployment.driver.listSites()).map(viewSite);
  printResult(context, options, sites, () => {
    if (sites.length === 0) return 'No sites. Add one with homeward init --site.';
    const rows = sites.flatMap((site) =>
      site.workers.map((worker, index) => [
        site.name,
        String(index),
        worker.host,
        String(worker.imapsPort),
        String(worker.pop3sPort),
        String(worker.controlPort ?? '-'),
        `${worker.shardCount} of 256`,
        site.serverName,
      ]),
    );
    return formatTable(
      ['site', 'worker', 'host', 'imaps', 'pop3s', 'control', 'shards', 'certificate for'],
      rows,
    );
  });
}
