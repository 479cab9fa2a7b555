/** What `homeward address show` tells; the form of its `--json` is a contract with scripts. */
import type { GroupView } from '../groups/group-view.ts';

export interface AddressView {
  readonly address: string;
  readonly mail: MailView;
  readonly maySend: readonly SenderView[];
  /** Of an account or a group: the addresses of groups that it is itself a member of. */
  readonly memberOf: readonly string[];
}

export type MailView =
  | {
      readonly goes: 'mailbox';
      readonly account: string;
      readonly foundBy: string;
      readonly detail: string | null;
      readonly site: string;
    }
  | {
      readonly goes: 'group';
      readonly group: string;
      readonly foundBy: string;
      /** Null: there are too many of them. */
      readonly recipients: RecipientsView | null;
      readonly sendersToIt: Pick<GroupView, 'senders' | 'named'>;
    }
  | { readonly goes: 'elsewhere' }
  | { readonly goes: 'nowhere'; readonly why: 'nobody' | 'blocked-kind' | 'account-disabled' };

export interface RecipientsView {
  /** Accounts by address. */
  readonly mailboxes: readonly string[];
  readonly elsewhere: readonly string[];
  /** Members that get nothing: gone, disabled or of such a kind. */
  readonly skippedCount: number;
}

export interface SenderView {
  readonly account: string;
  readonly because: 'own' | 'send-as';
}
