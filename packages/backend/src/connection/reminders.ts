/** Reminders for sessions that wait, as many as there are, on the one timer of the wheel. */
import type { ImapSessionOptions } from '@homeward/imap/session';
import type { DeadlineWheel } from '@homeward/net';

/** What sessions are given to be reminded by. */
export function createReminders(wheel: DeadlineWheel): ImapSessionOptions['remindRegularly'] {
  return (intervalMs, remind) => {
    const entry = {
      deadlineSlot: 0,
      onDeadline: () => {
        remind();
        return intervalMs;
      },
    };
    wheel.add(entry, intervalMs);
    return () => wheel.remove(entry);
  };
}
