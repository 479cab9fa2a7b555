/** `homeward account show`. */
import {
  type AccountRecord,
  type DirectoryDriver,
  findMailRefusal,
  workerFor,
} from '@homeward/directory';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatSize } from '../output/byte-size.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { type AccountView, unknownAccount, viewAccount } from './account-view.ts';

/** @throws OperatorError if there is no such account. */
export async function showAccount(
  context: CommandContext,
  which: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver, accounts } = deployment;
  const account = await accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  const [login, site, sessionCount] = await Promise.all([
    driver.loadLogin(account.id),
    driver.getSite(account.home),
    driver.countSessions(account.id),
  ]);
  const view = {
    ...viewAccount(account),
    passwordSetAt:
      login?.credentials === undefined ? null : new Date(login.credentials.setAtMs).toISOString(),
    appPasswordCount: login?.appPasswords?.all.length ?? 0,
    worker: (site && workerFor(site, account.id)?.workerIndex) ?? null,
    sessionCount,
    delegateNames: await nameDelegates(account, driver),
  };
  printResult(context, options, view, () =>
    formatTable(undefined, [
      ['address', view.address],
      ['id', view.id],
      ['login names', view.names.join(', ') || '-'],
      ['mail reaches', view.mailAddresses.join(', ') || formatNoMail(account)],
      ['display name', view.displayName ?? '-'],
      ['kind', view.kind],
      ['enabled', view.enabled ? 'yes' : 'no'],
      ['protocols', view.protocols.join(', ') || 'none'],
      ['password', formatPassword(view) + (view.passwordLogin ? '' : '; lets nobody in')],
      ['app passwords', String(view.appPasswordCount)],
      ...(view.loginAtHome === null ? [] : [['login at home', view.loginAtHome] as const]),
      ['site', view.worker === null ? view.site : `${view.site}, worker ${view.worker}`],
      ['epoch', String(view.epoch)],
      ['connection limit', String(view.connectionLimit ?? 'the deployment’s')],
      ['quota', formatQuota(view)],
      ['delegates', view.delegateNames.join(', ') || '-'],
      ['sessions now', String(view.sessionCount)],
      ['created', view.createdAt],
    ]),
  );
}

function formatNoMail(account: AccountRecord): string {
  return findMailRefusal(account) === 'blocked-kind'
    ? `nobody: no mail for accounts of kind ${account.kind}`
    : 'nobody, as long as the account is disabled';
}

/** `anna@example.org (full, send-as)`; an account that is gone by its id. */
function nameDelegates(
  { delegates }: AccountRecord,
  driver: Pick<DirectoryDriver, 'getAccount'>,
): Promise<readonly string[]> {
  return Promise.all(
    delegates.map(async ({ accountId, rights }) => {
      const delegate = await driver.getAccount(accountId);
      return `${delegate?.address ?? accountId} (${rights.join(', ')})`;
    }),
  );
}

function formatQuota({ quotaBytes, quotaMessages }: AccountView): string {
  const parts = [
    ...(quotaBytes === null ? [] : [formatSize(quotaBytes)]),
    ...(quotaMessages === null ? [] : [`${quotaMessages} messages`]),
  ];
  return parts.join(', ') || 'the site’s';
}

function formatPassword({
  passwordSetAt,
  ldap,
}: AccountView & { readonly passwordSetAt: string | null }): string {
  if (ldap === null) return passwordSetAt === null ? 'none' : `set ${passwordSetAt}`;
  const which = ldap.entryId === null ? `as ${ldap.loginName ?? 'its address'}` : ldap.entryId;
  return `judged by LDAP (${which}${ldap.state === 'present' ? '' : `, ${ldap.state}`})`;
}
