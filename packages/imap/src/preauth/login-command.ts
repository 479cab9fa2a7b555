/** Credentials from the LOGIN command (RFC 3501 §6.2.3). */
import { IDENTITY_LIMIT_BYTES, PASSWORD_LIMIT_BYTES } from '@homeward/sasl';
import type { Credentials } from '@homeward/sasl';
import type { CommandOf } from '../grammar/command.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * @returns undefined if name or password is one that no account can have: empty, too long, or
 *   a name that is no UTF-8. Such a login is refused like any other.
 */
export function credentialsOf(command: CommandOf<'login'>): Credentials | undefined {
  const { user, password } = command;
  if (user.length === 0 || user.length > IDENTITY_LIMIT_BYTES) return undefined;
  if (password.length === 0 || password.length > PASSWORD_LIMIT_BYTES) return undefined;
  try {
    return { kind: 'password', loginName: utf8.decode(user), actAs: undefined, password };
  } catch {
    return undefined;
  }
}
