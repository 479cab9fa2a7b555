/**
 * Rules for the paths of folders: "/" between components, Unicode, the inbox is "INBOX" in
 * any case (RFC 3501 §5.1), children of it included.
 */

/** The folder that every mailbox has. */
export const INBOX = 'INBOX';

/** Not by `toUpperCase`, which makes an ASCII "I" of a dotless "ı". */
const INBOX_IN_ANY_CASE = /^inbox$/i;

/** What a folder's name may not exceed. */
export interface PathBounds {
  readonly pathBytes: number;
  readonly folderDepth: number;
}

/** C0, DEL, C1, line and paragraph separators, and the wildcards of LIST. */
const FORBIDDEN = /[\u0000-\u001F\u007F-\u009F\u2028\u2029%*]/;

/** Spells the inbox as INBOX, as a whole path or as the first component of one. */
export function canonicalPath(path: string): string {
  const slash = path.indexOf('/');
  const first = slash === -1 ? path : path.slice(0, slash);
  if (!INBOX_IN_ANY_CASE.test(first)) return path;
  return slash === -1 ? INBOX : INBOX + path.slice(slash);
}

/** True if a folder may be given this path: what is looked up need not pass. */
export function isValidNewPath(path: string, bounds: PathBounds): boolean {
  if (path === '' || path.length > bounds.pathBytes) return false;
  if (!path.isWellFormed() || FORBIDDEN.test(path)) return false;
  if (Buffer.byteLength(path) > bounds.pathBytes) return false;
  const components = path.split('/');
  return components.length <= bounds.folderDepth && components.every((part) => part !== '');
}

/** The path above, or undefined at the top. */
export function parentPath(path: string): string | undefined {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? undefined : path.slice(0, slash);
}

/** All paths above, topmost first. */
export function ancestorPaths(path: string): string[] {
  const ancestors: string[] = [];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    ancestors.push(path.slice(0, slash));
  }
  return ancestors;
}
