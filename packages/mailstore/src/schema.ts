/**
 * The database of one mailbox, as a list of migrations: entry N brings version N to N + 1
 * (`PRAGMA user_version`), in place, in one transaction. An entry never changes once released.
 *
 * What changes (flags) lies apart from what never does (placement, message), and both apart
 * from octets: rewriting a row rewrites all of it.
 *
 * `mailbox.oldest_code_version` says which schema version's code can still work on the
 * database, so that two adjacent releases can run side by side: a newer release adds columns
 * and tables and leaves it as it is until the older one is out of use.
 */
import type { Database } from '@homeward/durable-store';

const MIGRATIONS: readonly string[] = [
  `
  -- One row. next_* are counters that only grow.
  CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    account_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'sealed')),
    sealed_to TEXT,
    mod_seq INTEGER NOT NULL,
    next_uid_validity INTEGER NOT NULL,
    next_message_id INTEGER NOT NULL,
    message_count INTEGER NOT NULL,
    total_bytes INTEGER NOT NULL,
    oldest_code_version INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
  ) STRICT;

  -- path is NULL once the folder is deleted, until its contents are removed.
  CREATE TABLE folder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT UNIQUE,
    object_id TEXT NOT NULL UNIQUE,
    uid_validity INTEGER NOT NULL UNIQUE,
    uid_next INTEGER NOT NULL,
    highest_mod_seq INTEGER NOT NULL,
    recent_from INTEGER NOT NULL,
    message_count INTEGER NOT NULL,
    unseen_count INTEGER NOT NULL,
    recent_count INTEGER NOT NULL,
    total_bytes INTEGER NOT NULL,
    special_use TEXT,
    is_selectable INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
  ) STRICT;

  -- Apart from folders: a subscription outlives its folder (RFC 3501 §6.3.9).
  CREATE TABLE subscription (path TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

  -- Every combination of flags in use, names joined by one space, in canonical order.
  CREATE TABLE flag_set (id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE placement (
    folder_id INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    internal_ms INTEGER NOT NULL,
    zone_minutes INTEGER NOT NULL,
    PRIMARY KEY (folder_id, uid)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE flag_state (
    folder_id INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    flag_set_id INTEGER NOT NULL,
    mod_seq INTEGER NOT NULL,
    PRIMARY KEY (folder_id, uid)
  ) STRICT, WITHOUT ROWID;

  -- UIDs that are gone, for clients that come back (RFC 7162 §3.2.5).
  CREATE TABLE expunged (
    folder_id INTEGER NOT NULL,
    mod_seq INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    PRIMARY KEY (folder_id, mod_seq, uid)
  ) STRICT, WITHOUT ROWID;

  -- file is the name below messages/; NULL: the octets are a row.
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    ref_count INTEGER NOT NULL,
    digest BLOB NOT NULL,
    file TEXT
  ) STRICT;
  CREATE INDEX unreferenced_message ON message (id) WHERE ref_count = 0;

  CREATE TABLE summary (
    message_id INTEGER PRIMARY KEY,
    envelope BLOB NOT NULL,
    body_structure BLOB NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE header (message_id INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;
  CREATE TABLE shape (message_id INTEGER PRIMARY KEY, json BLOB NOT NULL) STRICT;
  CREATE TABLE content (message_id INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;
  `,
  `
  -- Expunges after history_from are all in \`expunged\`; earlier ones were pruned.
  ALTER TABLE folder ADD COLUMN history_from INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE folder ADD COLUMN history_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE folder ADD COLUMN deleted_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE folder ADD COLUMN deleted_bytes INTEGER NOT NULL DEFAULT 0;
  -- highest_mod_seq and uid_next as code that knows this version left them. If they differ
  -- from the present ones, older code was here: \`heal-folders.ts\` makes up for it.
  ALTER TABLE folder ADD COLUMN known_mod_seq INTEGER NOT NULL DEFAULT -1;
  ALTER TABLE folder ADD COLUMN known_uid_next INTEGER NOT NULL DEFAULT 1;

  -- When messages came into a folder (RFC 8514): UIDs from this one to the next row's. NULL:
  -- not known.
  CREATE TABLE save_date (
    folder_id INTEGER NOT NULL,
    from_uid INTEGER NOT NULL,
    saved_ms INTEGER,
    PRIMARY KEY (folder_id, from_uid)
  ) STRICT, WITHOUT ROWID;

  -- Messages of an append that has not ended have a ref_count of -1.
  CREATE INDEX staged_message ON message (id) WHERE ref_count = -1;

  -- Facts that only newer messages have.
  CREATE TABLE preview (message_id INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;
  CREATE TABLE sort_fact (message_id INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;

  -- Folder 0 is the mailbox as a whole. Names are in lower case.
  CREATE TABLE metadata (
    folder_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (folder_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE access_right (
    folder_id INTEGER NOT NULL,
    identifier TEXT NOT NULL,
    rights TEXT NOT NULL,
    PRIMARY KEY (folder_id, identifier)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** The version this code writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;
/** The oldest code that can work on what this code writes. */
export const OLDEST_CODE_VERSION = 1;

/** Thrown for a database that a later release made and that this code must not touch. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
}

/**
 * Brings the database up to `SCHEMA_VERSION`. Runs off the event loop: a migration of a large
 * mailbox takes its time.
 *
 * @param toVersion Tests stop earlier.
 * @throws SchemaTooNewError
 */
export function migrateSchema(database: Database, toVersion: number = SCHEMA_VERSION): void {
  const version = Number(database.statement('PRAGMA user_version').row()?.[0]);
  if (version > SCHEMA_VERSION) {
    const oldest = database.statement('SELECT oldest_code_version FROM mailbox').row()?.[0];
    if (Number(oldest) > SCHEMA_VERSION) {
      throw new SchemaTooNewError(`schema ${version} needs code of version ${String(oldest)}`);
    }
    return;
  }
  for (let from = version; from < toVersion; from += 1) {
    database.exec(
      `BEGIN IMMEDIATE; ${MIGRATIONS[from]}; PRAGMA user_version = ${from + 1}; COMMIT`,
    );
  }
}
