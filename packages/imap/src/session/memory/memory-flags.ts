/** Interned flag sets for the store in memory. */
import type { FlagName } from '../../grammar/command.ts';
import type { FlagChange, FlagSet } from '../ports.ts';

const systemFlags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];

/** Gives equal flags the same object. */
export class FlagInterner {
  readonly #sets = new Map<string, FlagSet>();
  readonly #spelling = new Map<string, FlagName>();

  /** Keywords keep the spelling in which they were first used. */
  intern(names: Iterable<FlagName>): FlagSet {
    const kept = new Set<FlagName>();
    for (const name of names) {
      const key = name.toLowerCase();
      if (key === '\\recent') continue;
      if (!this.#spelling.has(key)) {
        const canonical = systemFlags.find((flag) => flag.toLowerCase() === key);
        this.#spelling.set(key, canonical ?? name);
      }
      kept.add(this.#spelling.get(key) ?? name);
    }
    const sorted = [...kept].toSorted();
    const key = sorted.join(' ');
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const lower = new Set(sorted.map((name) => name.toLowerCase()));
    const made: FlagSet = {
      names: sorted,
      isSeen: lower.has('\\seen'),
      isDeleted: lower.has('\\deleted'),
      has: (flag) => lower.has(flag.toLowerCase()),
    };
    this.#sets.set(key, made);
    return made;
  }

  apply(before: FlagSet, change: FlagChange): FlagSet {
    if (change.kind === 'replace') return this.intern(change.flags);
    if (change.kind === 'add') return this.intern([...before.names, ...change.flags]);
    const removed = new Set(change.flags.map((flag) => flag.toLowerCase()));
    return this.intern(before.names.filter((name) => !removed.has(name.toLowerCase())));
  }
}
