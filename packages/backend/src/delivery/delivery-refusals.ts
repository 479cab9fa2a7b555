/**
 * Why a message does not get into a mailbox, as the other side is told (RFC 5321 §4.2, RFC 3463
 * §3): one row for each reason. 4yz: it is tried again later, and may find the mailbox elsewhere.
 */
import type { Refusal as StoreRefusal } from '@homeward/mailstore';
import {
  DIRECTORY_AWAY,
  RECIPIENT_DISABLED,
  type Refusal,
  UNKNOWN_RECIPIENT,
} from '@homeward/smtp/session';
import type { LoginRefusalReason } from '../login/login.ts';

export const OVER_QUOTA: Refusal = {
  code: 552,
  enhanced: '5.2.2',
  text: 'The mailbox is full',
};
export const NOT_HERE: Refusal = {
  code: 451,
  enhanced: '4.4.1',
  text: 'The mailbox is elsewhere, try again later',
};
export const MAILBOX_AWAY: Refusal = {
  code: 451,
  enhanced: '4.3.0',
  text: 'The mailbox cannot be used now, try again later',
};
const MOVING: Refusal = {
  code: 451,
  enhanced: '4.3.2',
  text: 'The mailbox is being moved, try again later',
};
const TOO_BIG: Refusal = {
  code: 552,
  enhanced: '5.3.4',
  text: 'The message is too big for the mailbox',
};
export const NO_WORKER: Refusal = {
  code: 451,
  enhanced: '4.4.4',
  text: 'The site has no worker for the mailbox',
};
export const NO_SINGLE_MAILBOX: Refusal = {
  code: 550,
  enhanced: '5.1.1',
  text: 'The address is a group’s by now',
};
export const NO_RELAY: Refusal = {
  code: 550,
  enhanced: '5.7.1',
  text: 'Nobody of that domain has a mailbox here',
};
export const NO_WAY_OUT: Refusal = {
  code: 550,
  enhanced: '5.4.4',
  text: 'There is no way to that address from here',
};
/** RFC 5321 §4.5.3.1.10, of those that groups lead to. */
export const TOO_MANY_ADDRESSEES: Refusal = {
  code: 452,
  enhanced: '4.5.3',
  text: 'Groups and recipients together are too many, send to the rest in another message',
};
/** RFC 3463 §3.5, X.4.6. */
export const LOOP: Refusal = {
  code: 554,
  enhanced: '5.4.6',
  text: 'The message goes in circles',
};
export const NO_LEAVE_FOR_GROUP: Refusal = {
  code: 550,
  enhanced: '5.7.1',
  text: 'You may not send to this group',
};

/** An address of ours that leads to nobody. */
export function refusalOfAddress(reason: 'nobody' | 'blocked-kind' | 'account-disabled'): Refusal {
  return reason === 'account-disabled' ? RECIPIENT_DISABLED : UNKNOWN_RECIPIENT;
}

/** A mailbox that could not be opened. */
export function refusalOfOpening(reason: LoginRefusalReason): Refusal {
  switch (reason) {
    case 'directory-away':
      return DIRECTORY_AWAY;
    case 'account-elsewhere':
    case 'not-this-worker':
      return NOT_HERE;
    case 'stale-epoch':
    case 'unconfirmed-epoch':
    case 'mailbox-sealed':
      return MOVING;
    case 'unknown-account':
      return UNKNOWN_RECIPIENT;
    default:
      return MAILBOX_AWAY;
  }
}

/** A message that the mailbox did not take. */
export function refusalOfStoring(reason: StoreRefusal): Refusal {
  switch (reason) {
    case 'over-quota':
      return OVER_QUOTA;
    case 'too-big':
      return TOO_BIG;
    default:
      return MAILBOX_AWAY;
  }
}
