/** Flag lists in responses (RFC 3501 §9 flag-list, flag-perm). */
import type { FlagName } from '../command.ts';
import { isAtom } from '../octet-class.ts';

/**
 * `(\Seen $Forwarded)`. What is no flag (neither an atom nor one behind a backslash, nor `\*`)
 * is left out, so that a name that came from elsewhere cannot break the line.
 */
export function formatFlagList(flags: readonly FlagName[]): string {
  return `(${flags.filter(isFlag).join(' ')})`;
}

function isFlag(flag: string): boolean {
  return flag === '\\*' || isAtom(flag.startsWith('\\') ? flag.slice(1) : flag);
}
