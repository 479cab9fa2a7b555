/**
 * Everybody who gets the mail of a group: members of groups in it too, each account and each outside
 * address once, whatever the way to it. Groups that hold each other are no fault; each is looked at
 * once.
 */
import type { AccountRecord, GroupId, GroupMember, GroupRecord } from '../ports.ts';
import { comparableAddress } from './mail-address.ts';
import { findMailRefusal, type MailDirectory } from './mail-directory.ts';
import type { RecipientResolution } from './resolve-recipient.ts';

/** Groups within groups. */
export const GROUP_DEPTH_LIMIT = 10;
/** Recipients of one message by a group. */
export const GROUP_RECIPIENT_LIMIT = 10_000;
/** Groups that are looked at for one message. */
const GROUP_COUNT_LIMIT = 1_000;
/** Members that are looked at for one message, the same one in several groups each time. */
const MEMBER_COUNT_LIMIT = 50_000;
/** Look-ups under way at once, for one expansion. */
const LOOK_UP_COUNT = 64;

export interface GroupMailbox {
  readonly account: AccountRecord;
  /** Of the address by which it is a member; see `RecipientResolution`. */
  readonly detail: string | undefined;
}

export type GroupExpansion =
  | {
      readonly kind: 'expanded';
      readonly mailboxes: readonly GroupMailbox[];
      /** Addresses that others know of, as the group has them. */
      readonly elsewhere: readonly string[];
      /** Members that get no mail: accounts that are gone, disabled or of such a kind. */
      readonly skippedCount: number;
    }
  /** Beyond one of the limits above: nobody gets anything, rather than some. */
  | { readonly kind: 'too-large' }
  | { readonly kind: 'unavailable' };

interface ExpansionParts {
  readonly directory: MailDirectory;
  readonly resolve: (address: string) => Promise<RecipientResolution>;
}

/** Cost is bounded by the limits above; members in use cost no round trip. */
export async function expandMembers(
  parts: ExpansionParts,
  members: readonly GroupMember[],
  origin?: GroupId,
): Promise<GroupExpansion> {
  const found = new Expansion(parts, origin);
  let level = members;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > GROUP_DEPTH_LIMIT) return { kind: 'too-large' };
    const next: GroupMember[] = [];
    for (let at = 0; at < level.length; at += LOOK_UP_COUNT) {
      const fault = await found.add(level.slice(at, at + LOOK_UP_COUNT), next);
      if (fault !== undefined) return { kind: fault };
    }
    level = next;
  }
  return found.outcome();
}

type MemberRecord = RecipientResolution | { readonly kind: 'gone' | 'group-met-before' };

class Expansion {
  readonly #parts: ExpansionParts;
  readonly #mailboxes = new Map<string, GroupMailbox>();
  /** By the form in which addresses are compared. */
  readonly #elsewhere = new Map<string, string>();
  readonly #groups = new Set<GroupId>();
  #memberCount = 0;
  #skippedCount = 0;

  constructor(parts: ExpansionParts, origin: GroupId | undefined) {
    this.#parts = parts;
    if (origin !== undefined) this.#groups.add(origin);
  }

  /** @param next Gets the members of groups that are met for the first time. */
  async add(
    members: readonly GroupMember[],
    next: GroupMember[],
  ): Promise<'too-large' | 'unavailable' | undefined> {
    this.#memberCount += members.length;
    const records = await Promise.all(members.map((member) => this.#look(member)));
    for (const [index, record] of records.entries()) {
      if (record.kind === 'unavailable') return 'unavailable';
      if (record.kind === 'group') this.#enter(record.group, next);
      else this.#note(record, members[index]);
    }
    const isTooLarge =
      this.#memberCount > MEMBER_COUNT_LIMIT ||
      this.#mailboxes.size + this.#elsewhere.size > GROUP_RECIPIENT_LIMIT ||
      this.#groups.size > GROUP_COUNT_LIMIT;
    return isTooLarge ? 'too-large' : undefined;
  }

  outcome(): GroupExpansion {
    return {
      kind: 'expanded',
      mailboxes: [...this.#mailboxes.values()],
      elsewhere: [...this.#elsewhere.values()],
      skippedCount: this.#skippedCount,
    };
  }

  #enter(group: GroupRecord, next: GroupMember[]): void {
    if (this.#groups.has(group.id)) return;
    this.#groups.add(group.id);
    next.push(...group.members);
  }

  #note(record: MemberRecord, member: GroupMember | undefined): void {
    if (record.kind === 'mailbox') {
      const { account, detail } = record;
      if (!this.#mailboxes.has(account.id)) this.#mailboxes.set(account.id, { account, detail });
    } else if (record.kind === 'elsewhere' && member?.kind === 'address') {
      const key = comparableAddress(member.address);
      if (!this.#elsewhere.has(key)) this.#elsewhere.set(key, member.address);
    } else if (record.kind !== 'group-met-before') this.#skippedCount += 1;
  }

  async #look(member: GroupMember): Promise<MemberRecord> {
    const { directory, resolve } = this.#parts;
    switch (member.kind) {
      case 'address':
        return resolve(member.address);
      case 'group': {
        if (this.#groups.has(member.id)) return { kind: 'group-met-before' };
        const found = await directory.findGroup(member.id);
        if (found.kind !== 'found') return toMissing(found.kind);
        return { kind: 'group', group: found.group, name: found.group.address };
      }
      case 'account': {
        const found = await directory.findAccount(member.id);
        if (found.kind !== 'found') return toMissing(found.kind);
        const { account } = found;
        if (findMailRefusal(account) !== undefined) return { kind: 'gone' };
        return { kind: 'mailbox', account, detail: undefined, name: account.address };
      }
    }
  }
}

function toMissing(kind: 'unknown' | 'unavailable'): MemberRecord {
  return { kind: kind === 'unknown' ? 'gone' : 'unavailable' };
}
