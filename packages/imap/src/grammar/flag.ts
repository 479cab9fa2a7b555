/**
 * Flags (RFC 3501 §2.3.2): one canonical spelling for each system flag. Keywords keep the
 * spelling that they were sent in, and are the same whatever their case.
 */
import type { FlagName } from './command.ts';

const SYSTEM_FLAGS: ReadonlyMap<string, FlagName> = new Map(
  ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft', '\\Recent'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);

/** @returns The canonical spelling of a system flag with its backslash, if there is such a one. */
export function findSystemFlag(name: string): FlagName | undefined {
  return SYSTEM_FLAGS.get(name.toLowerCase());
}

/** Drops flags that were named before; the first spelling stays. */
export function withoutDoubles(flags: readonly FlagName[]): readonly FlagName[] {
  if (flags.length < 2) return flags;
  const seen = new Set<string>();
  return flags.filter((flag) => {
    const folded = flag.toLowerCase();
    if (seen.has(folded)) return false;
    seen.add(folded);
    return true;
  });
}
