/** The SQLite store passes the contract, and keeps its own rules about opening mailboxes. */
import { afterEach, describe, expect, it } from 'vitest';
import { createInlineMaintenance } from './maintenance.ts';
import {
  append,
  asUid,
  asUids,
  makeMessage,
  openFolder,
  openMailbox,
  readMessage,
  reasonOf,
  valueOf,
} from './testing/mail-steps.ts';
import { openSqliteHarness, type SqliteHarness } from './testing/sqlite-harness.ts';
import { describeMailStore } from './testing/store-contract.ts';

// A thread for each of its tests would be most of their time; the tests below have one.
describeMailStore('SQLite store', () =>
  openSqliteHarness({ maintenance: createInlineMaintenance() }),
);
