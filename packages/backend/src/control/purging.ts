/** Removes mailboxes of deleted accounts for ever once they were kept for as long as they have to. */
import type { Clock, Logger } from '@homeward/service';
import type { BackEndLogEvents } from '../log-events.ts';
import type { DeletedAccounts } from './deleted-accounts.ts';

const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;

/** Looks now and then, until it is disposed of. */
export function startPurging(
  deleted: Pick<DeletedAccounts, 'purgeDue'>,
  clock: Pick<Clock, 'nowMs' | 'after'>,
  log: Pick<Logger<BackEndLogEvents>, 'log'>,
): AsyncDisposable {
  let running: Promise<void> = Promise.resolve();
  let cancel = (): void => {};
  const purge = async (): Promise<void> => {
    try {
      for (const { accountId } of await deleted.purgeDue(clock.nowMs())) {
        log.log('deleted-mailbox.purged', { accountId });
      }
    } catch (error) {
      log.log('deleted-mailbox.purge-failed', { error });
    }
  };
  const plan = (delayMs: number): void => {
    cancel = clock.after(delayMs, () => {
      running = purge();
      plan(EVERY_MS);
    });
  };
  plan(FIRST_MS);
  return {
    [Symbol.asyncDispose]: async () => {
      cancel();
      await running;
    },
  };
}
