/** Which mailboxes NOTIFY and ESEARCH are about. */

export type PlainFilter = 'selected' | 'selected-delayed' | 'inboxes' | 'personal' | 'subscribed';

/** One filter of NOTIFY or ESEARCH, as sent (RFC 5465 §6, RFC 7377 §2.2). */
export type MailboxFilter =
  | { readonly filter: PlainFilter }
  | {
      readonly filter: 'mailboxes' | 'subtree' | 'subtree-one';
      readonly mailboxes: readonly string[];
    };
