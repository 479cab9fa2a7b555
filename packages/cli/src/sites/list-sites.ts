/** `homeward site list`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { type SiteView, viewSite } from './site-view.ts';

/** One row for each worker; what else the record says is in `homeward site show`. */
export async function listSites(context: CommandContext, options: OperatorOptions): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const sites = (await deployment.driver.listSites()).map(viewSite);
  printResult(context, options, sites, () => {
    if (sites.length === 0) return 'No sites. Add one with homeward init --site.';
    const rows = sites.flatMap((site) => [
      ...foreignRows(site),
      ...site.workers.map((worker, index) => [
        site.name,
        String(index),
        worker.host,
        String(worker.imapsPort),
        String(worker.pop3sPort),
        String(worker.submissionsPort ?? '-'),
        `${worker.shardCount} of 256`,
      ]),
    ]);
    return formatTable(['site', 'worker', 'host', 'imaps', 'pop3s', 'submissions', 'shards'], rows);
  });
}

/** One row for each host of a site of other software; it may serve one protocol alone. */
function foreignRows({ name, foreign }: SiteView): readonly (readonly string[])[] {
  const { imap, pop3, submission } = foreign ?? {};
  const doors = [imap, pop3, submission];
  const hosts = new Set(doors.flatMap((door) => door?.hosts ?? []).map(({ host }) => host));
  return [...hosts].map((host) => {
    const port = (door: typeof imap): string =>
      String(door?.hosts.find((one) => one.host === host)?.port ?? '-');
    return [name, '-', host, ...doors.map(port), 'other software'];
  });
}
