/** Names of others' folders as a session sees them: `Other Users/<address>/<folder>`. Pure. */

/** Before the folders of others (RFC 2342 §5). */
export const OTHER_USERS = 'Other Users';
export const OTHER_USERS_PREFIX: string = `${OTHER_USERS}/`;

export interface OtherPath {
  /** Of the account whose mailbox it is, in the directory's spelling; "" for all of them. */
  readonly address: string;
  /** Within its mailbox; "" for the mailbox as a whole. */
  readonly rest: string;
}

/** @returns undefined for a name of one's own. */
export function parseOtherPath(path: string): OtherPath | undefined {
  if (path === OTHER_USERS) return { address: '', rest: '' };
  if (!path.startsWith(OTHER_USERS_PREFIX)) return undefined;
  const slash = path.indexOf('/', OTHER_USERS_PREFIX.length);
  const end = slash < 0 ? path.length : slash;
  const address = path.slice(OTHER_USERS_PREFIX.length, end).normalize('NFC').toLowerCase();
  return { address, rest: path.slice(end + 1) };
}

export function formatOtherPath(address: string, rest: string): string {
  return rest === ''
    ? `${OTHER_USERS_PREFIX}${address}`
    : `${OTHER_USERS_PREFIX}${address}/${rest}`;
}
