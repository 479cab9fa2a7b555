/** `homeward address show`: asks as those ask who deliver. */
import type { AddressView, MailView, RecipientsView, SenderView } from './address-view.ts';
import type {
  AccountRecord,
  DirectoryDriver,
  GroupRecord,
  MailAddresses,
  RecipientResolution,
} from '@homeward/directory';
import { DirectoryUnavailableError } from '@homeward/directory';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { eachGroup } from '../groups/each-group.ts';
import { viewGroup } from '../groups/group-view.ts';
import { EXIT_CODES } from '../output/operator-error.ts';
import { openDeployment, openMailAddresses } from '../wiring.ts';
import { formatAddress } from './format-address.ts';
import { readMailSettings } from './mail-settings.ts';

/** Shown is done; ends with 1 if nobody gets mail for it. */
export async function showAddress(
  context: CommandContext,
  address: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver } = deployment;
  const settings = readMailSettings(await driver.getSettings());
  const opened = openMailAddresses(driver, settings);
  const { addresses } = opened;
  try {
    const found = await addresses.resolveRecipient(address);
    const view: AddressView = {
      address,
      mail: await viewMail(found, addresses, driver),
      maySend: found.kind === 'mailbox' ? await listSenders(found.account, driver) : [],
      memberOf: await listGroupsOf(found, driver),
    };
    printResult(context, options, view, () => formatAddress(view));
    if (view.mail.goes === 'nowhere') context.console.exitCode = EXIT_CODES.refused;
  } finally {
    opened.close();
  }
}

async function viewMail(
  found: RecipientResolution,
  addresses: MailAddresses,
  driver: DirectoryDriver,
): Promise<MailView> {
  switch (found.kind) {
    case 'mailbox': {
      const { account, name, detail = null } = found;
      const { address, home } = account;
      return { goes: 'mailbox', account: address, foundBy: name, detail, site: home };
    }
    case 'group': {
      const { group, name } = found;
      const { senders, named } = await viewGroup(group, driver);
      const recipients = await listRecipients(group, addresses);
      const sendersToIt = { senders, named };
      return { goes: 'group', group: group.address, foundBy: name, recipients, sendersToIt };
    }
    case 'elsewhere':
      return { goes: 'elsewhere' };
    case 'unknown':
      return { goes: 'nowhere', why: found.reason };
    case 'unavailable':
      throw new DirectoryUnavailableError('it does not answer');
  }
}

async function listRecipients(
  group: GroupRecord,
  addresses: MailAddresses,
): Promise<RecipientsView | null> {
  const all = await addresses.expandGroup(group);
  switch (all.kind) {
    case 'too-large':
      return null;
    case 'unavailable':
      throw new DirectoryUnavailableError('it does not answer');
    case 'expanded': {
      const { elsewhere, skippedCount } = all;
      const mailboxes = all.mailboxes.map(({ account, detail }) =>
        detail === undefined ? account.address : `${account.address} (${detail})`,
      );
      return { mailboxes, elsewhere, skippedCount };
    }
  }
}

/** The account itself, then who has its word for it. */
async function listSenders(
  account: AccountRecord,
  driver: Pick<DirectoryDriver, 'getAccount'>,
): Promise<readonly SenderView[]> {
  const allowed = account.delegates.filter(({ rights }) => rights.includes('send-as'));
  const delegates = await Promise.all(allowed.map(({ accountId }) => driver.getAccount(accountId)));
  const present = delegates.filter((one) => one !== undefined);
  return [
    { account: account.address, because: 'own' },
    ...present.map(({ address }) => ({ account: address, because: 'send-as' as const })),
  ];
}

async function listGroupsOf(
  found: RecipientResolution,
  driver: Pick<DirectoryDriver, 'listGroups'>,
): Promise<readonly string[]> {
  if (found.kind !== 'mailbox' && found.kind !== 'group') return [];
  const id: string = found.kind === 'mailbox' ? found.account.id : found.group.id;
  const groups: string[] = [];
  for await (const { address, members } of eachGroup(driver)) {
    if (members.some((one) => one.kind !== 'address' && one.id === id)) groups.push(address);
  }
  return groups;
}
