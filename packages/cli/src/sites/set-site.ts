/** `homeward site set`. */
import { findSiteProblem, type SiteRecord } from '@homeward/directory';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { parseWorkerAddress, refuseLoop } from './add-site.ts';
import { type ForeignOptions, foreignFromOptions, isForeignSaid } from './foreign-options.ts';
import { getSite } from './get-site.ts';
import { viewSite } from './site-view.ts';

export interface SetSiteOptions extends OperatorOptions, ForeignOptions {
  readonly worker?: readonly string[];
  readonly serverName?: string;
}

/** @throws OperatorError if there is no such site, or its workers would be others. */
export async function setSite(
  context: CommandContext,
  typedName: string,
  options: SetSiteOptions,
): Promise<void> {
  const { worker, serverName } = options;
  const saysForeign = isForeignSaid(options);
  if (worker === undefined && serverName === undefined && !saysForeign) {
    throw new OperatorError('nothing to change; see homeward site set --help', EXIT_CODES.usage);
  }
  const workers = worker?.map(parseWorkerAddress);
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver } = deployment;
  const site = await getSite(driver, typedName);
  if (site.foreign === undefined ? saysForeign : worker !== undefined) {
    throw new OperatorError(
      site.foreign === undefined
        ? `site ${site.name} is one of Homeward, which has workers; see homeward site set --help`
        : `site ${site.name} runs other software, which has no workers; use --imap, --pop3 and --submission`,
      EXIT_CODES.refused,
    );
  }
  // Which worker owns which mailbox goes by their number and order.
  if (workers !== undefined && workers.length !== site.workers.length) {
    throw new OperatorError(
      `site ${site.name} has ${site.workers.length} worker(s); name as many, in the same order`,
      EXIT_CODES.refused,
    );
  }
  const next: SiteRecord = {
    ...site,
    workers: workers ?? site.workers,
    serverName: serverName ?? site.serverName,
    ...(site.foreign !== undefined && {
      foreign: await foreignFromOptions(options, site.foreign),
    }),
    version: site.version + 1,
  };
  refuseLoop(next, deployment.config.hostname);
  const problem = findSiteProblem(next);
  if (problem !== undefined) throw new OperatorError(problem, EXIT_CODES.refused);
  await driver.putSite(next);
  printResult(context, options, viewSite(next), () => `Changed ${next.name}.`);
}
