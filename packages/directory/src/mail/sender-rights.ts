/** Who may send by which address, and who may send to a group. */
import type { AccountRecord, DelegateRight, GroupMember, GroupRecord } from '../ports.ts';
import type { GroupExpansion } from './expand-group.ts';
import { comparableAddress, parseMailAddress } from './mail-address.ts';
import type { MailDirectory } from './mail-directory.ts';
import { type AddressRules, findAddress } from './resolve-recipient.ts';

export type SenderVerdict = 'yes' | 'no' | 'unavailable';

/** Who wants to send to a group. */
export interface GroupSender {
  /** Who has logged in; undefined for mail that comes from outside. */
  readonly account: AccountRecord | undefined;
  /** The envelope's sender; undefined or empty: the null path, `<>`. */
  readonly address: string | undefined;
}

const SEND_AS: DelegateRight = 'send-as';

/**
 * Whether an account may send by an address, in the envelope or in From: its own ones, with a detail
 * too, and those of mailboxes that have granted it `send-as`. The null path is anybody's: receipts
 * have it (RFC 8098 §3). Nobody sends as a group.
 */
export async function maySendAs(
  directory: MailDirectory,
  rules: Pick<AddressRules, 'detailSeparator'>,
  account: AccountRecord,
  text: string | undefined,
): Promise<SenderVerdict> {
  if (text === undefined || text === '') return 'yes';
  const address = parseMailAddress(text);
  if (address?.domain === undefined) return 'no';
  const found = await findAddress(directory, rules, address);
  if (found.kind === 'unavailable') return 'unavailable';
  if (found.kind !== 'mailbox') return 'no';
  if (found.account.id === account.id) return 'yes';
  const delegate = found.account.delegates.find(({ accountId }) => accountId === account.id);
  return delegate?.rights.includes(SEND_AS) === true ? 'yes' : 'no';
}

/** Whether mail of this sender goes to the group's members. */
export async function maySendToGroup(
  group: GroupRecord,
  sender: GroupSender,
  expand: (members: readonly GroupMember[]) => Promise<GroupExpansion>,
): Promise<SenderVerdict> {
  const { senders } = group;
  switch (senders.kind) {
    case 'anybody':
      return 'yes';
    case 'accounts':
      return sender.account === undefined ? 'no' : 'yes';
    case 'members':
      return isAmong(group.members, sender, expand);
    case 'named':
      return isAmong(senders.named, sender, expand);
  }
}

/**
 * Somebody who has logged in is told by his account. Of mail from outside there is the envelope's
 * sender alone, which anybody can write: it is believed for addresses elsewhere, never for ours.
 */
async function isAmong(
  members: readonly GroupMember[],
  { account, address }: GroupSender,
  expand: (members: readonly GroupMember[]) => Promise<GroupExpansion>,
): Promise<SenderVerdict> {
  if (account === undefined && (address === undefined || address === '')) return 'no';
  const isNamed = members.some((one) => one.kind === 'account' && one.id === account?.id);
  if (isNamed) return 'yes';
  const all = await expand(members);
  if (all.kind === 'unavailable') return 'unavailable';
  if (all.kind === 'too-large') return 'no';
  if (account !== undefined) {
    return all.mailboxes.some((one) => one.account.id === account.id) ? 'yes' : 'no';
  }
  const wanted = comparableAddress(address ?? '');
  return all.elsewhere.some((one) => comparableAddress(one) === wanted) ? 'yes' : 'no';
}
