/** Opens the volume of a site, with what the back end adds to the store's own ways. */
import { mkdir } from 'node:fs/promises';
import { DEFAULT_STORE_LIMITS, type MailStore, openMailStore } from '@homeward/mailstore';
import type { Clock, Logger } from '@homeward/service';
import type { BackEndConfig } from '../config.ts';
import type { BackEndLogEvents } from '../log-events.ts';
import { createMessageDescriber } from './message-description.ts';

/** Folders that a new mailbox gets beside INBOX. */
const DEFAULT_FOLDERS = [
  { path: 'Drafts', specialUse: '\\Drafts', isSubscribed: true },
  { path: 'Sent', specialUse: '\\Sent', isSubscribed: true },
  { path: 'Archive', specialUse: '\\Archive', isSubscribed: true },
  { path: 'Junk', specialUse: '\\Junk', isSubscribed: true },
  { path: 'Trash', specialUse: '\\Trash', isSubscribed: true },
] as const;

/** Whoever logs in while all slots are taken hears so within the time that front ends give us. */
const OPEN_WAIT_MS = 3_000;

/** Makes the volume's folder if it is missing; the caller closes the store. */
export async function openStore(
  config: Pick<BackEndConfig, 'volumeFolder' | 'limits'>,
  clock: Clock,
  log: Logger<BackEndLogEvents>,
): Promise<MailStore> {
  await mkdir(config.volumeFolder, { recursive: true });
  return openMailStore({
    root: config.volumeFolder,
    describe: createMessageDescriber,
    clock: {
      nowMs: () => clock.nowMs(),
      startTimer: (delayMs, run) => clock.after(delayMs, run),
    },
    limits: {
      ...DEFAULT_STORE_LIMITS,
      openWaitMs: OPEN_WAIT_MS,
      get openMailboxCount() {
        return config.limits.openMailboxes;
      },
      get messageBytes() {
        return config.limits.messageBytes;
      },
      get mailboxBytes() {
        return config.limits.mailboxBytes;
      },
    },
    defaultFolders: DEFAULT_FOLDERS,
    report: ({ name, accountId, code, count }) => log.log(name, { accountId, code, count }),
  });
}
