/**
 * What a client thinks after STORE….SILENT: that its change, and nothing else, was made of what
 * it knew. Where that is not so, it must be told (RFC 3501 §6.4.6).
 */
import type { FlagChange, FlagSet } from './ports.ts';

/** Compares by sets of flags, which are shared by messages: each pair is looked at once. */
export class FlagExpectation {
  readonly #change: FlagChange;
  readonly #flags: ReadonlySet<string>;
  readonly #verdicts = new Map<FlagSet, Map<FlagSet, boolean>>();

  constructor(change: FlagChange) {
    this.#change = change;
    this.#flags = foldedSet(change.flags);
  }

  /** @returns whether `now` is what the change makes of `before`. */
  isMet(before: FlagSet, now: FlagSet): boolean {
    let known = this.#verdicts.get(before);
    if (known === undefined) {
      known = new Map();
      this.#verdicts.set(before, known);
    }
    let verdict = known.get(now);
    if (verdict === undefined) {
      verdict = areEqual(this.#expect(before), foldedSet(now.names));
      known.set(now, verdict);
    }
    return verdict;
  }

  #expect(before: FlagSet): ReadonlySet<string> {
    switch (this.#change.kind) {
      case 'replace':
        return this.#flags;
      case 'add':
        return new Set([...foldedSet(before.names), ...this.#flags]);
      case 'remove':
        return new Set([...foldedSet(before.names)].filter((flag) => !this.#flags.has(flag)));
    }
  }
}

/** \Recent is the session's, and nobody changes it (RFC 3501 §2.3.2). */
function foldedSet(names: readonly string[]): ReadonlySet<string> {
  const folded = new Set(names.map((name) => name.toLowerCase()));
  folded.delete('\\recent');
  return folded;
}

function areEqual(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  return left.size === right.size && [...left].every((flag) => right.has(flag));
}
