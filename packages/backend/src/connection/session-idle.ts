/** How long a session may be silent. */
import type { Login } from '../login/login.ts';
import type { BackEndSettings } from '../settings.ts';

/** Whoever came by a ticket has his front end's limit; ours is for when that does not keep it. */
export function findIdleSeconds(
  { protocol, secret }: Pick<Login, 'protocol' | 'secret'>,
  { submission, idleLimits }: Pick<BackEndSettings, 'submission' | 'idleLimits'>,
): number {
  const isOwnSubmission = protocol === 'submission' && secret !== undefined;
  return isOwnSubmission ? submission.idleSeconds : idleLimits.authenticatedSeconds;
}
