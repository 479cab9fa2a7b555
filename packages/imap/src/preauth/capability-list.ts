/**
 * What is advertised before login (RFC 3501 §6.1.1, §6.2.1, §6.2.3): the truth about this
 * connection at this moment, no more and no less.
 */
import { isLoginAllowed, offeredMechanisms } from '@homeward/sasl';
import type { ImapLoginOptions } from './options.ts';

/** Capabilities as atoms with blanks between. `isEncrypted` as it is now. */
export function listCapabilities(options: ImapLoginOptions, isEncrypted: boolean): string {
  const connection = { isEncrypted, loginType: options.loginType };
  const mechanisms = offeredMechanisms(options.mechanisms, connection);
  const words = [...options.capabilities];
  if (mechanisms.length > 0) words.push('SASL-IR');
  if (options.offersStartTls && !isEncrypted) words.push('STARTTLS');
  if (!isLoginAllowed(true, connection)) words.push('LOGINDISABLED');
  words.push(...mechanisms.map(({ name }) => `AUTH=${name}`));
  return words.join(' ');
}
