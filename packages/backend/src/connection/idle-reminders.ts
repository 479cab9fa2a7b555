/** Reminders for sessions in IDLE, as many as there are, on the one timer of the wheel. */
import type { ImapSessionOptions } from '@homeward/imap/session';
import type { DeadlineWheel } from '@homeward/net';

/** Home routers forget silent connections after five minutes, phone networks after less. */
const REMIND_MS = 120_000;

/** What sessions are given to be reminded by. */
export function createIdleReminders(wheel: DeadlineWheel): ImapSessionOptions['remindRegularly'] {
  return (remind) => {
    const entry = {
      deadlineSlot: 0,
      onDeadline: () => {
        remind();
        return REMIND_MS;
      },
    };
    wheel.add(entry, REMIND_MS);
    return () => wheel.remove(entry);
  };
}
