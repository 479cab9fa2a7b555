/** The special uses that a mailbox may be given (RFC 6154 §2). */
import type { SpecialUse } from './ports.ts';

const USES: readonly SpecialUse[] = [
  '\\All',
  '\\Archive',
  '\\Drafts',
  '\\Flagged',
  '\\Junk',
  '\\Sent',
  '\\Trash',
];

const byName: ReadonlyMap<string, SpecialUse> = new Map(
  USES.map((use) => [use.toLowerCase(), use]),
);

/** @returns undefined if there is no such use. */
export function parseSpecialUse(name: string): SpecialUse | undefined {
  return byName.get(name.toLowerCase());
}
