/**
 * Addresses of mail over the directory: who gets the mail of an address, everybody behind a group,
 * and who may send by an address or to a group. Front ends and homes ask it for each recipient.
 */
import type { AccountRecord, GroupRecord } from '../ports.ts';
import { DomainTable } from './accepted-domains.ts';
import { expandMembers, type GroupExpansion } from './expand-group.ts';
import type { MailAddressSettings } from './mail-address-settings.ts';
import type { MailDirectory } from './mail-directory.ts';
import {
  type AddressRules,
  resolveRecipient,
  type RecipientResolution,
} from './resolve-recipient.ts';
import {
  type GroupSender,
  maySendAs,
  maySendToGroup,
  type SenderVerdict,
} from './sender-rights.ts';

/** Calls never reject; what is in use costs no round trip. */
export interface MailAddresses {
  /** @param address A mailbox as in RCPT, without angle brackets. */
  resolveRecipient(address: string): Promise<RecipientResolution>;
  expandGroup(group: GroupRecord): Promise<GroupExpansion>;
  /** @param address As above; undefined or empty for the null path. */
  maySendAs(account: AccountRecord, address: string | undefined): Promise<SenderVerdict>;
  maySendToGroup(group: GroupRecord, sender: GroupSender): Promise<SenderVerdict>;
}

export interface MailAddressesParts {
  readonly directory: MailDirectory;
  /** Those in force; asked at each call. */
  readonly settings: () => MailAddressSettings;
}

/** Owns nothing. */
export function createMailAddresses({ directory, settings }: MailAddressesParts): MailAddresses {
  const rules = createRules(settings);
  const resolve = (address: string): Promise<RecipientResolution> =>
    resolveRecipient(directory, rules(), address);
  const parts = { directory, resolve };
  return {
    resolveRecipient: resolve,
    expandGroup: (group) => expandMembers(parts, group.members, group.id),
    maySendAs: (account, address) => maySendAs(directory, rules(), account, address),
    maySendToGroup: (group, sender) =>
      maySendToGroup(group, sender, (members) => expandMembers(parts, members)),
  };
}

/** The table of domains is made anew when the setting is another one. */
function createRules(settings: () => MailAddressSettings): () => AddressRules {
  let source: MailAddressSettings['acceptedDomains'] | undefined;
  let domains = new DomainTable({});
  return () => {
    const { acceptedDomains, detailSeparator } = settings();
    if (acceptedDomains !== source) {
      source = acceptedDomains;
      domains = new DomainTable(acceptedDomains);
    }
    return { domains, detailSeparator };
  };
}
