/** A group as commands show it. */
import type { DirectoryDriver, GroupMember, GroupRecord } from '@homeward/directory';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

/** The form of `--json`; a contract with scripts. */
export interface GroupView {
  readonly id: string;
  readonly address: string;
  /** Further addresses. */
  readonly aliases: readonly string[];
  readonly displayName: string | null;
  readonly members: readonly MemberView[];
  readonly senders: string;
  /** Empty unless senders are "named". */
  readonly named: readonly MemberView[];
  readonly version: number;
  readonly createdAt: string;
}

export interface MemberView {
  readonly kind: GroupMember['kind'];
  /** Null for an address. */
  readonly id: string | null;
  /** Null: the account or group is gone. */
  readonly address: string | null;
}

/** Looks members up by their ids, a few dozen at once. */
export async function viewGroup(
  group: GroupRecord,
  driver: Pick<DirectoryDriver, 'getAccount' | 'getGroup'>,
): Promise<GroupView> {
  const { id, address, names, displayName, members, senders, version } = group;
  return {
    id,
    address,
    aliases: names.filter((name) => name !== address),
    displayName: displayName ?? null,
    members: await viewMembers(members, driver),
    senders: senders.kind,
    named: senders.kind === 'named' ? await viewMembers(senders.named, driver) : [],
    version,
    createdAt: new Date(group.createdAtMs).toISOString(),
  };
}

const AT_ONCE = 50;

async function viewMembers(
  members: readonly GroupMember[],
  driver: Pick<DirectoryDriver, 'getAccount' | 'getGroup'>,
): Promise<readonly MemberView[]> {
  const views: MemberView[] = [];
  for (let at = 0; at < members.length; at += AT_ONCE) {
    const some = members.slice(at, at + AT_ONCE).map((member) => viewMember(member, driver));
    views.push(...(await Promise.all(some)));
  }
  return views;
}

async function viewMember(
  member: GroupMember,
  driver: Pick<DirectoryDriver, 'getAccount' | 'getGroup'>,
): Promise<MemberView> {
  switch (member.kind) {
    case 'address':
      return { kind: member.kind, id: null, address: member.address };
    case 'account': {
      const account = await driver.getAccount(member.id);
      return { ...member, address: account?.address ?? null };
    }
    case 'group': {
      const group = await driver.getGroup(member.id);
      return { ...member, address: group?.address ?? null };
    }
  }
}

/** `anna@example.org`, `all@example.org (group)`, `01JD… (an account that is gone)`. */
export function formatMember({ kind, id, address }: MemberView): string {
  if (address === null)
    return `${id ?? ''} (${kind === 'group' ? 'a' : 'an'} ${kind} that is gone)`;
  return kind === 'group' ? `${address} (group)` : address;
}

/** Who may send to a group, in words. */
export function formatSenders({ senders, named }: Pick<GroupView, 'senders' | 'named'>): string {
  switch (senders) {
    case 'anybody':
      return 'anybody';
    case 'accounts':
      return 'accounts that have logged in';
    case 'members':
      return 'its members';
    default:
      return named.map(formatMember).join(', ');
  }
}

/** For commands that are given a group that is not there. */
export function unknownGroup(which: string): OperatorError {
  return new OperatorError(
    `there is no group ${which}. Give its id or one of its addresses; see homeward group list`,
    EXIT_CODES.refused,
  );
}
