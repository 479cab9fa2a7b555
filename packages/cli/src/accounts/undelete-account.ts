/** `homeward account undelete` and `homeward account list-deleted`. */
import type { CareDesk, DeletedFacts } from '@homeward/backend/care';
import type { AccountId, SiteName } from '@homeward/directory';
import { unpackAccount } from '../care/account-keepsake.ts';
import { type CareOptions, openCareDesk, valueOf } from '../care/care-door.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { type Deployment, openDeployment } from '../wiring.ts';
import { refusal, viewAccount } from './account-view.ts';

export interface DeletedOptions extends OperatorOptions, CareOptions {
  readonly site?: string;
}

interface FoundMailbox {
  readonly site: SiteName;
  readonly desk: CareDesk;
  readonly facts: DeletedFacts;
}

/** The latest first. @throws OperatorError if a site is away. */
export async function listDeleted(context: CommandContext, options: DeletedOptions): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const found = await findDeleted(deployment, options);
  const views = found.map(({ site, facts }) => viewDeleted(site, facts));
  printResult(context, options, views, () =>
    views.length === 0
      ? 'No mailbox of a deleted account is kept.'
      : formatTable(
          ['account', 'site', 'deleted', 'kept until', 'id'],
          views.map(({ address, site, deletedAt, keptUntil, id }) => [
            address ?? '-',
            site,
            deletedAt.slice(0, 16),
            keptUntil.slice(0, 10),
            id,
          ]),
        ),
  );
}

/** @throws OperatorError if nothing is kept, or another account has one of its names. */
export async function undeleteAccount(
  context: CommandContext,
  which: string,
  options: DeletedOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const found = chooseDeleted(await findDeleted(deployment, options), which);
  const { desk, facts } = found;
  const { accountId, deletedMs } = facts;
  const text = valueOf(
    await desk.run({ kind: 'read-deleted', accountId, deletedMs }),
    `what was kept of ${which} cannot be read`,
    { nonexistent: 'add the account anew with homeward account add' },
  );
  const { account, credentials } = unpackAccount(text);
  const { driver, accounts } = deployment;
  // Switched off until its mail is there: a login in between would begin an empty mailbox.
  const added = await driver.addAccount({ ...account, isEnabled: false, version: 1 }, credentials);
  if (!added.ok) {
    throw new OperatorError(
      `${account.address} cannot come back: ${added.detail}; change what is in its way first`,
      EXIT_CODES.refused,
    );
  }
  const answer = await desk.run({ kind: 'undelete', accountId, deletedMs });
  if (!answer.ok) await driver.deleteAccount(account.id);
  valueOf(answer, `the mail of ${account.address} cannot come back`);
  const enabled = account.isEnabled ? await accounts.setEnabled(account.id, true) : undefined;
  if (enabled?.ok === false) throw refusal(enabled.problems);
  const view = viewAccount(enabled?.account ?? { ...account, isEnabled: false });
  printResult(
    context,
    options,
    view,
    () => `${view.address} is back, as it was ${new Date(deletedMs).toISOString()}.`,
  );
}

async function findDeleted(
  deployment: Deployment,
  options: DeletedOptions,
): Promise<readonly FoundMailbox[]> {
  // Nobody here can ask a site of other software; who names one hears so.
  const sites = (await deployment.driver.listSites()).filter(({ name, foreign }) =>
    options.site === undefined ? foreign === undefined : name === options.site,
  );
  if (sites.length === 0) {
    const what = options.site === undefined ? 'site of our own' : `site ${options.site}`;
    throw new OperatorError(`there is no ${what}; see homeward site list`, EXIT_CODES.refused);
  }
  const found: FoundMailbox[] = [];
  // One volume is one site's.
  for (const { name } of options.volume === undefined ? sites : sites.slice(0, 1)) {
    const desk = await openCareDesk(deployment, name, undefined, options);
    const answer = await desk.run({ kind: 'list-deleted' });
    for (const facts of valueOf(answer, `site ${name} does not tell what it keeps`)) {
      const owner = await openCareDesk(deployment, name, facts.accountId as AccountId, options);
      found.push({ site: name, desk: owner, facts });
    }
  }
  return found.toSorted((left, right) => right.facts.deletedMs - left.facts.deletedMs);
}

/** By address or id; the latest of several. */
function chooseDeleted(found: readonly FoundMailbox[], which: string): FoundMailbox {
  const wanted = which.toLowerCase();
  const chosen = found.find(
    ({ facts }) => facts.accountId === which || facts.address?.toLowerCase() === wanted,
  );
  if (chosen !== undefined) return chosen;
  throw new OperatorError(
    `no mailbox of a deleted account ${which} is kept; see homeward account list-deleted`,
    EXIT_CODES.refused,
  );
}

function viewDeleted(
  site: SiteName,
  { accountId, address, deletedMs, keptUntilMs }: DeletedFacts,
): {
  readonly id: string;
  readonly address: string | null;
  readonly site: string;
  readonly deletedAt: string;
  readonly keptUntil: string;
} {
  return {
    id: accountId,
    address: address ?? null,
    site,
    deletedAt: new Date(deletedMs).toISOString(),
    keptUntil: new Date(keptUntilMs).toISOString(),
  };
}
