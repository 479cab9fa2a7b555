/** Of what the sender of a message wants to hear (RFC 3461 §4.1). */
import type { NotifyOccasion, RecipientParameters } from '@homeward/smtp/grammar';

/** Without NOTIFY: failures and delays. Nobody hears of what became of a notice itself. */
export function isNoticeWanted(
  sender: string,
  { notify }: RecipientParameters,
  occasion: NotifyOccasion,
): boolean {
  if (sender === '') return false;
  return notify?.includes(occasion) ?? occasion !== 'SUCCESS';
}
