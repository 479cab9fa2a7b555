/** What an MTA is told of a recipient, where no home has said it (RFC 5321 §4.2, RFC 3463 §3). */
import type { Refusal } from '@homeward/smtp/session';
import type { ServerReply } from '@homeward/smtp/upstream';

export const NOT_OURS: Refusal = {
  code: 550,
  enhanced: '5.7.1',
  text: 'Relaying denied: nobody of that domain has a mailbox here',
};
export const SITE_AWAY: Refusal = {
  code: 451,
  enhanced: '4.4.1',
  text: 'The site of the mailbox is away, try again later',
};
/** RFC 3463 §3.4, X.3.5: an operator has to act. */
export const NO_LMTP: Refusal = {
  code: 451,
  enhanced: '4.3.5',
  text: 'The site of the mailbox takes no mail by LMTP',
};
export const STOPPING: Refusal = {
  code: 451,
  enhanced: '4.3.2',
  text: 'This front end takes no mail now, try another one or later',
};

/** @returns undefined: the home has said yes. */
export function refusalOfReply({
  code,
  enhanced,
  lines,
  isLost,
}: ServerReply): Refusal | undefined {
  if (!isLost && code >= 200 && code < 300) return undefined;
  if (isLost || code < 400) return SITE_AWAY;
  return { code, enhanced, text: lines.join(' ') };
}
