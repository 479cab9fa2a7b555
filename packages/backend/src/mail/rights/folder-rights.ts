/** The rights of RFC 4314 §2.1 on a folder, and what they mean for flags. Pure. */
import type { FlagName } from '@homeward/imap/grammar';

/** Letters of `ALL_RIGHTS`, each at most once, in that order. */
export type FolderRights = string;

/** Lookup, read, seen, write, insert, post, create, delete, delete messages, expunge, admin. */
export const ALL_RIGHTS: FolderRights = 'lrswipkxtea';
/** To look, and to change nothing. */
export const READING_RIGHTS: FolderRights = 'lr';

/** What either gives. */
export function unionOfRights(first: FolderRights, second: FolderRights): FolderRights {
  if (second === '') return first;
  return ALL_RIGHTS.split('')
    .filter((right) => first.includes(right) || second.includes(right))
    .join('');
}

/** The right that changing a flag needs (RFC 4314 §4). */
function rightFor(flag: FlagName): 's' | 't' | 'w' {
  if (flag === '\\Seen') return 's';
  return flag === '\\Deleted' ? 't' : 'w';
}

/** Those of the flags that may be set and cleared. */
export function permittedFlags(
  flags: readonly FlagName[],
  rights: FolderRights,
): readonly FlagName[] {
  return mayChangeEveryFlag(rights) ? flags : flags.filter((one) => rights.includes(rightFor(one)));
}

export function mayChangeEveryFlag(rights: FolderRights): boolean {
  return rights.includes('s') && rights.includes('w') && rights.includes('t');
}

/** What MOVE and REPLACE need where a message goes (RFC 6851 §4.1, RFC 8508 §3.3). */
export function mayTakeOut(rights: FolderRights): boolean {
  return rights.includes('t') && rights.includes('e');
}

/** Nothing can be changed: SELECT answers READ-ONLY (RFC 4314 §5.2). */
export function isForReadingOnly(rights: FolderRights): boolean {
  return !/[iestw]/.test(rights);
}

/**
 * Why something is refused for which a right is missing. Who may not even know of a folder is
 * told that there is none (RFC 4314 §6).
 */
export function refuseWithout(rights: FolderRights): {
  readonly ok: false;
  readonly reason: 'no-permission' | 'nonexistent';
} {
  return { ok: false, reason: rights.includes('l') ? 'no-permission' : 'nonexistent' };
}
