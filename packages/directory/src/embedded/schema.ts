/**
 * Tables of the embedded directory. Records are JSON, as in Redis; columns beside them are what
 * queries need. A change of the tables is one more step: a new file takes all of them, an older
 * one those that it lacks.
 */

/** How many changes are kept for processes that lag; one that lags more reads everything anew. */
export const CHANGE_HISTORY_LIMIT = 1_000;

const VERSION_1 = `
CREATE TABLE sites (name TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  address TEXT NOT NULL UNIQUE,
  site TEXT NOT NULL REFERENCES sites (name),
  version INTEGER NOT NULL,
  record TEXT NOT NULL,
  credentials TEXT
) STRICT;
CREATE INDEX accounts_by_site ON accounts (site);
CREATE TABLE names (
  name TEXT PRIMARY KEY,
  id TEXT NOT NULL REFERENCES accounts (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX names_by_id ON names (id);
CREATE TABLE front_end_keys (key_id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE changes (number INTEGER PRIMARY KEY AUTOINCREMENT, change TEXT NOT NULL) STRICT;
CREATE TABLE leases (
  lease_id TEXT PRIMARY KEY,
  expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
  account_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  lease_id TEXT NOT NULL,
  claim TEXT NOT NULL,
  PRIMARY KEY (account_id, conversation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_lease ON sessions (lease_id);
`;

/** `shares` says whose mailboxes somebody may use: `source` is "delegate". */
const VERSION_2 = `
CREATE TABLE shares (
  grantee TEXT NOT NULL,
  owner TEXT NOT NULL REFERENCES accounts (id),
  source TEXT NOT NULL,
  PRIMARY KEY (grantee, owner, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX shares_by_owner ON shares (owner);
`;

/** Secrets of all processes, by what they are for. */
const VERSION_3 = `
CREATE TABLE secrets (name TEXT PRIMARY KEY, secret TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Lanes of the brute-force throttle; all of it may be lost. */
const VERSION_4 = `
CREATE TABLE throttle_members (
  lane TEXT NOT NULL,
  member TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  PRIMARY KEY (lane, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX throttle_members_by_expiry ON throttle_members (expires_at_ms);
CREATE TABLE throttle_turns (
  lane TEXT PRIMARY KEY,
  next_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX throttle_turns_by_time ON throttle_turns (next_at_ms);
CREATE TABLE throttle_recent (
  lane TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX throttle_recent_by_time ON throttle_recent (at_ms);
`;

/** Sessions are counted by their clients' addresses, too. */
const VERSION_5 = `
CREATE INDEX sessions_by_address ON sessions (json_extract(claim, '$.clientAddress'));
`;

/** App passwords beside the password, and when each was used. */
const VERSION_6 = `
ALTER TABLE accounts ADD COLUMN app_passwords TEXT;
CREATE TABLE app_password_uses (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  app_password_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (account_id, app_password_id)
) STRICT, WITHOUT ROWID;
`;

/** What operators want of running front ends, and their answers. */
const VERSION_7 = `
CREATE TABLE session_ends (
  id TEXT PRIMARY KEY,
  requested_at_ms INTEGER NOT NULL,
  request TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE session_end_answers (
  id TEXT NOT NULL,
  lease_id TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (id, lease_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE components (
  component TEXT NOT NULL,
  requester TEXT NOT NULL,
  request TEXT NOT NULL,
  PRIMARY KEY (component, requester)
) STRICT, WITHOUT ROWID;
`;

/** Groups; their names and those of accounts are never the same, which the writes look to. */
const VERSION_8 = `
CREATE TABLE groups (
  id TEXT PRIMARY KEY,
  address TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE group_names (
  name TEXT PRIMARY KEY,
  id TEXT NOT NULL REFERENCES groups (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_names_by_id ON group_names (id);
`;

/**
 * Sessions by what their clients are counted as. An expression, since processes of an earlier
 * release that still run write rows of four columns; the claims they write have the address alone.
 */
const VERSION_9 = `
CREATE INDEX sessions_by_client ON sessions (
  coalesce(json_extract(claim, '$.clientNetwork'), json_extract(claim, '$.clientAddress'))
);
`;

/** Who does what one process does at a time. */
const VERSION_10 = `
CREATE TABLE duties (
  duty TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** The n-th step leads to version n. */
export const SCHEMA_STEPS: readonly string[] = [
  VERSION_1,
  VERSION_2,
  VERSION_3,
  VERSION_4,
  VERSION_5,
  VERSION_6,
  VERSION_7,
  VERSION_8,
  VERSION_9,
  VERSION_10,
];
export const SCHEMA_VERSION: number = SCHEMA_STEPS.length;
