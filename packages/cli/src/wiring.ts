/**
 * Joins the command line with the packages behind it. The only file that constructs other
 * packages' classes.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  type AccountRecord,
  type AccountService,
  type AppPasswordService,
  createAccountService,
  createAppPasswordService,
  createDirectoryView,
  createGroupService,
  createMailAddresses,
  createPasswordService,
  type DirectoryDriver,
  DirectoryUnavailableError,
  type GroupService,
  type MailAddresses,
  type MailAddressSettings,
  type PasswordService,
  VerifiedSecrets,
} from '@homeward/directory';
import { LdapAccounts, type LdapSettings } from '@homeward/ldap';
import {
  AcceptLimits,
  type ClientTls,
  DeadlineWheel,
  type Listener,
  loadClientTls,
  openListener,
} from '@homeward/net';
import { type Environment, readSecretFile, systemClock } from '@homeward/service';
import { createTicketSigner } from '@homeward/ticket';
import { openConfiguredDirectory } from './deployment/open-directory.ts';
import { type OperatorConfig, readOperatorConfig } from './deployment/operator-config.ts';
import type { HomeChecker } from './explain/check-home.ts';
import { EXIT_CODES, OperatorError } from './output/operator-error.ts';
import type { OwnerConnection, OwnerParts } from './owner/owner-connection.ts';

/** An opened deployment: what operators' commands work with. */
export interface Deployment extends AsyncDisposable {
  readonly folder: string;
  readonly config: OperatorConfig;
  readonly driver: DirectoryDriver;
  readonly accounts: AccountService;
  readonly appPasswords: AppPasswordService;
  readonly groups: GroupService;
  /**
   * Opens an account's mailbox at the worker that owns it; the caller closes it.
   *
   * @param conversationId By what the worker knows the session; one of its own by default.
   */
  connectToOwner(account: AccountRecord, conversationId?: string): Promise<OwnerConnection>;
}

/** The caller disposes of it. @throws OperatorError if a part cannot be opened. */
export async function openDeployment(
  configFile: string | undefined,
  environment: Environment,
): Promise<Deployment> {
  const { config, folder } = await readOperatorConfig(configFile, environment);
  await using stack = new AsyncDisposableStack();
  const driver = await openConfiguredDirectory(config.directory);
  stack.defer(() => driver.close());
  const passwords = createPasswordService();
  stack.defer(() => passwords.close());
  const accounts = createAccountService({ driver, passwords });
  const connect = createOwnerConnector(config, driver);
  const opened = stack.move();
  return {
    folder,
    config,
    driver,
    accounts,
    appPasswords: createAppPasswordService({ driver }),
    groups: createGroupService({ driver }),
    connectToOwner: connect,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Connects with the operator's ticket; key and authority are read when first needed. */
export function createOwnerConnector(
  config: Pick<OperatorConfig, 'homes' | 'ticket'>,
  driver: Pick<DirectoryDriver, 'getSite'>,
): Deployment['connectToOwner'] {
  let parts: Promise<Omit<OwnerParts, 'conversationId'>> | undefined;
  return async (account, conversationId = `cli-${randomBytes(6).toString('base64url')}`) => {
    parts ??= openOwnerParts(config);
    const site = await driver.getSite(account.home);
    if (site === undefined) {
      throw new OperatorError(
        `the directory has no site ${account.home}, the home of ${account.address}; ` +
          'see homeward site list',
        EXIT_CODES.refused,
      );
    }
    // It brings IMAP along, which most commands can do without.
    const { connectToOwner } = await import('./owner/owner-connection.ts');
    return connectToOwner(account, site, { ...(await parts), conversationId });
  };
}

async function openOwnerParts({
  homes,
  ticket,
}: Pick<OperatorConfig, 'homes' | 'ticket'>): Promise<Omit<OwnerParts, 'conversationId'>> {
  try {
    const clientTls: ClientTls = await loadClientTls(homes.caFile);
    const signer = createTicketSigner({
      keyId: ticket.keyId,
      privateKey: await readSecretFile(ticket.keyFile),
      nowMs: () => systemClock.nowMs(),
    });
    return { clientTls, signer, wheel: new DeadlineWheel(systemClock) };
  } catch (error) {
    const text = error instanceof Error ? error.message : 'unknown';
    throw new OperatorError(
      `homes.caFile or ticket.keyFile cannot be used: ${text}`,
      EXIT_CODES.configuration,
    );
  }
}

/** Who gets the mail of an address; the caller closes it before the directory. */
export function openMailAddresses(
  driver: DirectoryDriver,
  settings: MailAddressSettings,
): { readonly addresses: MailAddresses; close(): void } {
  const directory = createDirectoryView(driver);
  return {
    addresses: createMailAddresses({ directory, settings: () => settings }),
    close: () => directory.close(),
  };
}

/** Asks homes whether they answer. @throws OperatorError if the authority cannot be read. */
export async function openHomeChecker(caFile: string): Promise<HomeChecker> {
  // It brings the front end along.
  const { createHomeChecker } = await import('./explain/check-home.ts');
  try {
    return createHomeChecker(await loadClientTls(caFile), new DeadlineWheel(systemClock));
  } catch (error) {
    const text = error instanceof Error ? error.message : 'unknown';
    throw new OperatorError(`homes.caFile cannot be used: ${text}`, EXIT_CODES.configuration);
  }
}

/** Accounts from LDAP, as the front ends have them; the caller closes it. */
export function createLdapAccounts(settings: LdapSettings, store: DirectoryDriver): LdapAccounts {
  return new LdapAccounts({
    settings,
    store,
    nowMs: () => systemClock.nowMs(),
    elapsedMs: () => systemClock.elapsedMs(),
    after: (delayMs, run) => systemClock.after(delayMs, run),
    readFile: (file) => readFile(file, 'utf8'),
    readSecretFile,
    rememberSecrets: () => new VerifiedSecrets(systemClock, 0, 0),
    onEvent: () => undefined,
  });
}

/** For many passwords at once; the caller closes it. */
export function openPasswords(threadCount: number): PasswordService {
  return createPasswordService({ threadCount });
}

/** Takes a port so that nobody else does; the caller closes it. Undefined if it is not free. */
export async function holdPort(host: string, port: number): Promise<Listener | undefined> {
  const opened = await openListener(
    { host, port, limits: new AcceptLimits(), onConnection: (stream) => stream.destroy('no') },
    new DeadlineWheel(systemClock),
  );
  return opened.ok ? opened.listener : undefined;
}

/** Says what an operator can do about an error, if it is one of those. */
export function explainError(error: unknown): OperatorError | undefined {
  if (error instanceof OperatorError) return error;
  if (error instanceof DirectoryUnavailableError) {
    return new OperatorError(
      `the directory is not there: ${error.message}; is it running, and at the right place?`,
      EXIT_CODES.unavailable,
    );
  }
  return undefined;
}
