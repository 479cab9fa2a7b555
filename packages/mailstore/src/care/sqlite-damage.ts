/**
 * Which errors of SQLite say that the file itself is damaged: only then may care replace it. A
 * full volume, a busy file or a disk that fails at the moment says nothing of what is in it.
 */

const SQLITE_ERROR = 1;
const SQLITE_CORRUPT = 11;
const SQLITE_CONSTRAINT = 19;
const SQLITE_MISMATCH = 20;
const SQLITE_NOTADB = 26;
/** What SQLite says where `sqlite_schema` has text that makes no sense. */
const SCHEMA_DAMAGE = /malformed|no such (?:table|column)/;

/** True if the file is no sound database (https://www.sqlite.org/rescode.html). */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  if (code === SQLITE_ERROR) return error instanceof Error && SCHEMA_DAMAGE.test(error.message);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** True if a row was refused for what is in it. */
export function isUnfitRow(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_CONSTRAINT || code === SQLITE_MISMATCH;
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return Number(error.errcode) & 0xff;
}
