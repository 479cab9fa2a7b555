/**
 * The database of one queue, as a list of migrations: entry N brings version N to N + 1
 * (`PRAGMA user_version`), in place, in one transaction. An entry never changes once released.
 *
 * States of a recipient:
 * - `waiting`: for its own time, `due_ms`;
 * - `lined-up`: for its destination, which rests or has enough to do;
 * - `trying`: an attempt is under way, or was when the process died;
 * - `delivered`, `relayed`, `failed`: done, but its sender is still to be told. Recipients of
 *   whom nothing is to be told have no row any more, messages without recipients neither.
 */
import type { Database } from '@homeward/durable-store';

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    reference TEXT NOT NULL,
    -- Empty for the null sender.
    sender TEXT NOT NULL,
    parameters TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    -- Received lines of its header.
    hop_count INTEGER NOT NULL,
    queued_ms INTEGER NOT NULL,
    is_held INTEGER NOT NULL,
    -- When something is to be done for one of its recipients.
    due_ms INTEGER NOT NULL,
    -- The name below messages/; NULL: the octets are a row.
    file TEXT
  ) STRICT;
  CREATE INDEX due_message ON message (due_ms, id) WHERE is_held = 0;
  CREATE INDEX held_message ON message (id) WHERE is_held = 1;

  CREATE TABLE content (message_id INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;

  CREATE TABLE recipient (
    message_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    address TEXT NOT NULL,
    parameters TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Where it was to go at the last attempt.
    destination TEXT,
    attempt_count INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    is_delay_told INTEGER NOT NULL,
    -- Of the last attempt.
    last_ms INTEGER,
    code INTEGER,
    enhanced TEXT,
    text TEXT,
    remote TEXT,
    PRIMARY KEY (message_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX lined_up_recipient ON recipient (destination, message_id) WHERE state = 'lined-up';
  `,
];

/** The version that this code writes and the only one that it reads. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** Thrown for a database that a later release made. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
  readonly code = 'SCHEMA_TOO_NEW';
}

/**
 * Brings the database up to `SCHEMA_VERSION`.
 *
 * @returns Whether it was made anew.
 * @throws SchemaTooNewError
 */
export function migrateSchema(database: Database): boolean {
  const version = Number(database.statement('PRAGMA user_version').row()?.[0]);
  if (version > SCHEMA_VERSION) throw new SchemaTooNewError(`schema ${version}`);
  for (let from = version; from < SCHEMA_VERSION; from += 1) {
    database.exec(
      `BEGIN IMMEDIATE; ${MIGRATIONS[from]}; PRAGMA user_version = ${from + 1}; COMMIT`,
    );
  }
  return version === 0;
}
