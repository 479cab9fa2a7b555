/** Verifying tickets with the keys that the directory has. */
import type { SiteName } from '@homeward/directory';
import type { Clock } from '@homeward/service';
import { createTicketVerifier } from '@homeward/ticket';
import type { DirectoryWatch } from '../directory/directory-watch.ts';
import type { TicketJudge } from './ports.ts';

/** A key that is not known may be new: the directory is asked before it is refused. */
export function createTicketJudge(
  site: SiteName,
  watch: DirectoryWatch,
  clock: Pick<Clock, 'nowMs'>,
): TicketJudge {
  const verifier = createTicketVerifier({
    site,
    findKey: (keyId) => watch.findKey(keyId),
    nowMs: () => clock.nowMs(),
  });
  return async (ticket, connection) => {
    const verdict = verifier.verify(ticket, connection);
    if (verdict.ok || verdict.reason !== 'unknown-key') return verdict;
    return (await watch.readOnDoubt()) ? verifier.verify(ticket, connection) : verdict;
  };
}
