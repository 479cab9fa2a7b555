/**
 * Which errors of SQLite say that the file itself is damaged: only then may care replace it. A
 * full volume, a busy file or a disk that fails at the moment says nothing of what is in it.
 */

const SQLITE_CORRUPT = 11;
const SQLITE_CONSTRAINT = 19;
const SQLITE_MISMATCH = 20;
const SQLITE_NOTADB = 26;
/** What Node says of a number that none of our code has ever written. */
const NUMBER_TOO_LARGE = 'ERR_OUT_OF_RANGE';

/** True if what was read is no sound database (https://www.sqlite.org/rescode.html). */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) return true;
  return error instanceof Error && 'code' in error && error.code === NUMBER_TOO_LARGE;
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
