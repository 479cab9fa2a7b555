/**
 * What is said of an address of ours that takes no mail, or that cannot be looked up, by
 * whichever half did so (RFC 5321
 * §4.2, RFC 3463 §3).
 */
import type { Refusal } from './ports.ts';

export const UNKNOWN_RECIPIENT: Refusal = {
  code: 550,
  enhanced: '5.1.1',
  text: 'There is no such mailbox',
};
/** RFC 3463 §3.3, X.2.1: switched off, and maybe on again tomorrow. */
export const RECIPIENT_DISABLED: Refusal = {
  code: 450,
  enhanced: '4.2.1',
  text: 'The mailbox takes no mail now, try again later',
};
/** RFC 3463 §3.5, X.4.3: directory server failure. */
export const DIRECTORY_AWAY: Refusal = {
  code: 451,
  enhanced: '4.4.3',
  text: 'Addresses cannot be looked up now, try again later',
};
/** RFC 3463 §3.3, X.2.4. */
export const GROUP_TOO_LARGE: Refusal = {
  code: 550,
  enhanced: '5.2.4',
  text: 'The group has too many members',
};
