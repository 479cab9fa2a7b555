/** What the parts of the store contract share: a store for each test, and its first mailbox. */
import { afterEach, beforeEach } from 'vitest';
import type { FactName, Mailbox, MailStore, StoreLimits } from '../../api.ts';
import { openMailbox } from '../mail-steps.ts';

/** A store under test. New mailboxes get "Sent" (\\Sent, subscribed) beside INBOX. */
export interface StoreHarness {
  readonly store: MailStore;
  /** Closes the store in good order and opens another on the same data. */
  restart(): Promise<void>;
  /** The store's time. */
  readonly clock: { nowMs(): number; advance(ms: number): void };
  /** Bounds for the following calls. */
  setLimits(limits: Partial<StoreLimits>): void;
  dispose(): Promise<void>;
}

export type OpenHarness = () => Promise<StoreHarness>;

/** All that can be asked for. */
export const ALL_FACTS: ReadonlySet<FactName> = new Set([
  'envelope',
  'body',
  'body-structure',
  'header',
  'shape',
  'octets',
  'email-id',
  'save-date',
  'preview',
  'sort-facts',
]);
/** Large enough to be a file. */
export const LARGE_BYTES = 400_000;

/** The store of the running test. */
export interface StoreInUse {
  readonly harness: StoreHarness;
  readonly mailbox: Mailbox;
  /** Opens store and mailbox anew, on the same data. */
  restart(): Promise<void>;
  /** Of all folders, sorted. */
  paths(): Promise<string[]>;
}

/** Opens one before each test of the caller, and disposes of it afterwards. */
export function useStore(open: OpenHarness): StoreInUse {
  let harness: StoreHarness;
  let mailbox: Mailbox;

  beforeEach(async () => {
    harness = await open();
    mailbox = await openMailbox(harness.store);
  });

  afterEach(async () => {
    await harness.dispose();
  });

  return {
    get harness() {
      return harness;
    },
    get mailbox() {
      return mailbox;
    },
    restart: async () => {
      mailbox.close();
      await harness.restart();
      mailbox = await openMailbox(harness.store);
    },
    paths: async () => (await mailbox.listFolders()).map(({ path }) => path).toSorted(),
  };
}
