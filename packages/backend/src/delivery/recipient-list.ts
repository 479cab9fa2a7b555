/**
 * The recipients of one transaction: looked up and judged one by one, groups as all their members,
 * so that each mailbox gets a message once, however many ways lead to it.
 */
import type { AccountRecord, GroupRecord, GroupSender, MailAddresses } from '@homeward/directory';
import { formatMailbox, type RecipientParameters } from '@homeward/smtp/grammar';
import {
  DIRECTORY_AWAY,
  type EnvelopeRecipient,
  GROUP_TOO_LARGE,
  type Refusal,
} from '@homeward/smtp/session';
import { NO_LEAVE_FOR_GROUP, TOO_MANY_ADDRESSEES, refusalOfAddress } from './delivery-refusals.ts';
import type { Addressee } from './distribution.ts';
import type { LocalDelivery, LocalRecipient } from './local-delivery.ts';

export interface RecipientListParts {
  readonly addresses: Pick<MailAddresses, 'resolveRecipient' | 'expandGroup' | 'maySendToGroup'>;
  readonly local: Pick<LocalDelivery, 'judge'>;
  readonly isLocal: (recipient: Pick<LocalRecipient, 'account'>) => boolean;
  /** Whether mail for a mailbox that cannot be used now waits here; members of groups do always. */
  readonly isQueued: boolean;
  /** Why a mailbox of another worker is refused; undefined: it is not. */
  readonly refuseAway: (account: AccountRecord) => Promise<Refusal | undefined>;
  /** Why an address that is none of ours is refused; undefined: it is not. */
  readonly refuseElsewhere: () => Refusal | undefined;
}

/** Of one transaction, members of groups each: twice what the largest group has. */
const FOUND_COUNT = 20_000;
/**
 * So many mailboxes of a transaction are opened to see whether they would take the message. Of the
 * rest each is opened once, to write it: who is full then is refused behind the message, or its
 * sender is told.
 */
const JUDGED_COUNT = 100;

/** Somebody behind an address. */
type Found = Pick<Addressee, 'local' | 'isQueued'> & { readonly address: string };

/** Whom a message is for, once all are judged. */
export interface Addressed {
  /** Each once. */
  readonly addressees: readonly Addressee[];
  /** For each recipient of the envelope, the indexes of those behind it. */
  readonly behind: readonly (readonly number[])[];
}

/** One session's. */
export class RecipientList {
  readonly #parts: RecipientListParts;
  readonly #found = new Map<string, readonly Found[]>();
  #foundCount = 0;
  #sender: GroupSender = { account: undefined, address: undefined };
  #sizeBytes: number | undefined;

  constructor(parts: RecipientListParts) {
    this.#parts = parts;
  }

  /** A transaction begins. @param sizeBytes As the client says it. */
  start(sender: GroupSender, sizeBytes: number | undefined): void {
    this.#found.clear();
    this.#foundCount = 0;
    this.#sender = sender;
    this.#sizeBytes = sizeBytes;
  }

  /** @returns Why not; undefined: he is one of them. */
  async judge(address: string): Promise<Refusal | undefined> {
    const found = await this.#find(address);
    if ('code' in found) return found;
    const foundCount = this.#foundCount + found.length - (this.#found.get(address)?.length ?? 0);
    if (foundCount > FOUND_COUNT) return TOO_MANY_ADDRESSEES;
    this.#found.set(address, found);
    this.#foundCount = foundCount;
    return undefined;
  }

  /** @param recipients Accepted ones. */
  address(recipients: readonly EnvelopeRecipient[]): Addressed {
    const addressees = new Map<string, Addressee>();
    const indexes = new Map<string, number>();
    const behind = recipients.map(({ path, parameters }) =>
      (this.#found.get(formatMailbox(path)) ?? []).map((one) => {
        const key = keyOf(one);
        const index = indexes.get(key) ?? indexes.size;
        if (index === indexes.size) addressees.set(key, addresseeOf(one, parameters));
        indexes.set(key, index);
        return index;
      }),
    );
    return { addressees: [...addressees.values()], behind };
  }

  async #find(address: string): Promise<readonly Found[] | Refusal> {
    const found = await this.#parts.addresses.resolveRecipient(address);
    switch (found.kind) {
      case 'unavailable':
        return DIRECTORY_AWAY;
      case 'unknown':
        return refusalOfAddress(found.reason);
      case 'elsewhere':
        return this.#parts.refuseElsewhere() ?? [{ address, local: undefined, isQueued: true }];
      case 'group':
        return this.#findMembers(found.group);
      case 'mailbox': {
        const { account, detail } = found;
        return this.#judgeMailbox({ account, detail, address });
      }
    }
  }

  async #judgeMailbox(recipient: LocalRecipient): Promise<readonly Found[] | Refusal> {
    const { isLocal, local, isQueued, refuseAway } = this.#parts;
    const { address } = recipient;
    if (!isLocal(recipient)) {
      const refusal = await refuseAway(recipient.account);
      return refusal ?? [{ address, local: undefined, isQueued: true }];
    }
    if (this.#found.size >= JUDGED_COUNT) return [{ address, local: recipient, isQueued }];
    const refusal = await local.judge(recipient, this.#sizeBytes);
    // What cannot be asked now may take the message a moment later.
    const canWait = refusal !== undefined && refusal.code < 500 && isQueued;
    return refusal === undefined || canWait ? [{ address, local: recipient, isQueued }] : refusal;
  }

  async #findMembers(group: GroupRecord): Promise<readonly Found[] | Refusal> {
    const { addresses, isLocal } = this.#parts;
    const verdict = await addresses.maySendToGroup(group, this.#sender);
    if (verdict !== 'yes') return verdict === 'no' ? NO_LEAVE_FOR_GROUP : DIRECTORY_AWAY;
    const expanded = await addresses.expandGroup(group);
    if (expanded.kind === 'unavailable') return DIRECTORY_AWAY;
    if (expanded.kind === 'too-large') return GROUP_TOO_LARGE;
    const members: Found[] = expanded.mailboxes.map(({ account, detail }) => {
      const recipient = { account, detail, address: account.address };
      const local = isLocal(recipient) ? recipient : undefined;
      return { address: account.address, local, isQueued: true };
    });
    members.push(
      ...expanded.elsewhere.map((address) => ({ address, local: undefined, isQueued: true })),
    );
    return members;
  }
}

function keyOf({ address, local }: Found): string {
  return local === undefined ? address : `${local.account.id} ${local.detail ?? ''}`;
}

function addresseeOf(
  { address, local, isQueued }: Found,
  parameters: RecipientParameters,
): Addressee {
  return { requested: { address, parameters }, local, isQueued };
}
