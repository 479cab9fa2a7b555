/**
 * Mailboxes for sessions, opened within the time that a login has: one that is being restored, or
 * stands in line for that, opens when it is done, and whoever waits is gone by then.
 */
import type { Clock } from '@homeward/service';
import type { OpenedMailbox } from './open-mailbox.ts';

/** Within the limit of a front end's login, so that it hears why. */
const OPEN_LIMIT_MS = 4_000;

export interface OpenInTimeParts {
  readonly clock: Pick<Clock, 'after'>;
  /** Told of a bug where nobody waits any more. */
  readonly onFault: (error: unknown) => void;
}

const LATE: OpenedMailbox = {
  ok: false,
  reason: 'login-deadline',
  detail: 'while the mailbox was opened',
};

/** @returns Opens as `open` does. What comes too late is closed. */
export function openInTime<Wanted>(
  open: (wanted: Wanted) => Promise<OpenedMailbox>,
  { clock, onFault }: OpenInTimeParts,
): (wanted: Wanted) => Promise<OpenedMailbox> {
  return async (wanted) => {
    const late = Promise.withResolvers<OpenedMailbox>();
    const cancel = clock.after(OPEN_LIMIT_MS, () => late.resolve(LATE));
    const opening = open(wanted);
    try {
      const opened = await Promise.race([opening, late.promise]);
      if (opened === LATE) opening.then(closeLate, onFault);
      return opened;
    } finally {
      cancel();
    }
  };
}

function closeLate(opened: OpenedMailbox): void {
  if (opened.ok) opened.mailbox.close();
}
