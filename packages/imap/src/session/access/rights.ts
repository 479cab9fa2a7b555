/**
 * The letters of access rights (RFC 4314 §2.1) and the two that stand for several of them
 * (§2.1.1): here "c" is "k" and "x", "d" is "e" and "t".
 */

import type { FolderPort } from '../ports.ts';

/** All there are, in the order in which they are told. */
export const ALL_RIGHTS = 'lrswipkxtea';

const MEMBERS: readonly (readonly [virtual: string, members: string])[] = [
  ['c', 'kx'],
  ['d', 'et'],
];

/** Whether the session's user has a right in the folder that is open. */
export function hasRight({ rights }: Pick<FolderPort, 'rights'>, right: string): boolean {
  return rights === undefined || rights.includes(right);
}

/**
 * Those of the flags that the user may change, "\\*" for keywords that are still to be made among
 * them: what PERMANENTFLAGS must tell (RFC 4314 §4, §5.1.1).
 */
export function changeableFlags(
  folder: Pick<FolderPort, 'rights' | 'isReadOnly'>,
  flags: readonly string[],
): readonly string[] {
  if (folder.isReadOnly) return [];
  return flags.filter((flag) => hasRight(folder, RIGHT_OF_FLAG.get(flag) ?? 'w'));
}

const RIGHT_OF_FLAG: ReadonlyMap<string, string> = new Map([
  ['\\Seen', 's'],
  ['\\Deleted', 't'],
]);

/** Makes letters into rights: each once, in order, "c" and "d" replaced by what they mean. */
export function expandRights(letters: string): string {
  const named = MEMBERS.filter(([virtual]) => letters.includes(virtual));
  const all = letters + named.map(([, members]) => members).join('');
  return ALL_RIGHTS.split('')
    .filter((right) => all.includes(right))
    .join('');
}

/** Rights as ACL and MYRIGHTS tell them: with "c" and "d" for old clients. */
export function formatRights(rights: string): string {
  const virtual = MEMBERS.filter(([, members]) =>
    members.split('').some((one) => rights.includes(one)),
  );
  return rights + virtual.map(([letter]) => letter).join('');
}

/** What SETACL makes of the rights that are there. */
export function changeRights(
  before: string,
  change: 'replace' | 'add' | 'remove',
  letters: string,
): string {
  const given = expandRights(letters);
  switch (change) {
    case 'replace':
      return given;
    case 'add':
      return expandRights(before + given);
    case 'remove':
      return before
        .split('')
        .filter((right) => !given.includes(right))
        .join('');
  }
}
