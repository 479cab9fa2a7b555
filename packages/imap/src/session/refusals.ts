/**
 * What a store's refusal means to an IMAP client: the one place where reasons become response
 * codes (RFC 5530) and words.
 */
import type { Refusal } from './ports.ts';

const answers: Readonly<Record<Refusal, string>> = {
  nonexistent: '[NONEXISTENT] There is no such mailbox',
  'already-exists': '[ALREADYEXISTS] There is a mailbox of that name',
  'has-children': '[HASCHILDREN] Delete the mailboxes below it first',
  'not-permitted': '[CANNOT] That is not possible with this mailbox',
  'invalid-name': '[CANNOT] That is no valid mailbox name',
  'too-many': '[LIMIT] There are too many of them',
  'too-big': '[TOOBIG] The message is larger than this server takes',
  'over-quota': '[OVERQUOTA] There is no room left',
  expunged: '[EXPUNGEISSUED] Some of the messages are gone',
  'no-permission': '[NOPERM] You may not do that with this mailbox',
  unavailable: '[UNAVAILABLE] The mail store cannot do that now; try again later',
};

/** Code and text of a tagged NO. */
export function refusalText(reason: Refusal): string {
  return answers[reason];
}

/** The same for APPEND, COPY and MOVE, where a missing target may be created (RFC 3501 §6.3.11). */
export function targetRefusalText(reason: Refusal): string {
  return reason === 'nonexistent' ? '[TRYCREATE] There is no such mailbox' : answers[reason];
}
