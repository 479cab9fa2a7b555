/**
 * The flags of a mailbox, interned: every combination in use has one small number in the
 * database and one object in memory, so a message's flags cost one integer in either place.
 *
 * Keywords compare without regard to case; the spelling seen first is kept (RFC 3501 §2.3.2
 * leaves both to the server).
 */
import type { Database } from '@homeward/durable-store';
import type { FlagChange, FlagName, FlagSet } from './api.ts';

/** In the order in which they are shown. */
const SYSTEM_FLAGS = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'] as const;
const SYSTEM_FLAG_BY_FOLDED = new Map(SYSTEM_FLAGS.map((name) => [name.toLowerCase(), name]));
const RECENT = '\\recent';
/** A flag-keyword is an atom (RFC 3501 §9): no controls, spaces or specials. */
const KEYWORD =
  /^[\u0021\u0023-\u0024\u0026-\u0027\u002B-\u005B\u005E-\u007A\u007C-\u007E]{1,255}$/;
/** A row may be there already, if what forgot it in memory did not get to the database. */
const INSERT_SET = `INSERT INTO flag_set (names) VALUES (?)
  ON CONFLICT (names) DO UPDATE SET names = excluded.names RETURNING id`;
/** Results of changes that are remembered; then the memory starts anew. */
const MEMO_LIMIT = 4096;

/** What one message, and one mailbox, may have. */
export interface FlagBounds {
  readonly keywordCount: number;
  readonly flagsPerMessage: number;
}

/** Why flags were refused. */
export type FlagRefusal = 'not-permitted' | 'too-many';

/** A flag set with its number. */
export class InternedFlags implements FlagSet {
  readonly id: number;
  readonly names: readonly FlagName[];
  readonly keywords: readonly FlagName[];
  readonly isSeen: boolean;
  readonly isDeleted: boolean;
  readonly #folded: ReadonlySet<string>;

  constructor(id: number, names: readonly FlagName[]) {
    this.id = id;
    this.names = names;
    this.keywords = names.filter((name) => !name.startsWith('\\'));
    this.#folded = new Set(names.map((name) => name.toLowerCase()));
    this.isSeen = this.#folded.has('\\seen');
    this.isDeleted = this.#folded.has('\\deleted');
  }

  has(flag: FlagName): boolean {
    return this.#folded.has(flag.toLowerCase());
  }
}

/** All flag sets of one mailbox. Additions made in a transaction are undone with it. */
export class FlagSetTable {
  readonly #database: Database;
  readonly #byId = new Map<number, InternedFlags>();
  readonly #byKey = new Map<string, InternedFlags>();
  readonly #spellings = new Map<string, FlagName>();
  readonly #memo = new Map<string, InternedFlags>();
  #uncommitted: InternedFlags[] = [];
  #uncommittedKeywords: string[] = [];

  constructor(database: Database) {
    this.#database = database;
    for (const [id, names] of database.statement('SELECT id, names FROM flag_set').rows()) {
      this.#keep(new InternedFlags(Number(id), splitNames(String(names))));
    }
    this.commit();
  }

  /** How many combinations are known; those out of use are among them until `forget`. */
  get count(): number {
    return this.#byId.size;
  }

  /** @param id One that the database gave. */
  getById(id: number): InternedFlags {
    const flags = this.#byId.get(id);
    if (flags === undefined) throw new Error(`flag set ${id} is missing`);
    return flags;
  }

  /** Checks flags and spells them as this mailbox does; \Recent is left out. */
  canonicalize(
    flags: readonly FlagName[],
    bounds: FlagBounds,
  ):
    | { readonly ok: true; readonly names: readonly FlagName[] }
    | { ok: false; reason: FlagRefusal } {
    const names = new Map<string, FlagName>();
    for (const flag of flags) {
      const folded = flag.toLowerCase();
      if (folded === RECENT || names.has(folded)) continue;
      const system = SYSTEM_FLAG_BY_FOLDED.get(folded);
      if (system === undefined && !KEYWORD.test(flag))
        return { ok: false, reason: 'not-permitted' };
      names.set(folded, system ?? this.#spellings.get(folded) ?? flag);
    }
    const unknown = [...names.values()].filter((name) => !this.#isKnown(name));
    if (names.size > bounds.flagsPerMessage) return { ok: false, reason: 'too-many' };
    if (unknown.length > 0 && this.#spellings.size + unknown.length > bounds.keywordCount) {
      return { ok: false, reason: 'too-many' };
    }
    return { ok: true, names: [...names.values()] };
  }

  /** Within a transaction: the set with just these canonical names. */
  intern(names: readonly FlagName[]): InternedFlags {
    const ordered = orderNames(names);
    const key = ordered.join(' ');
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const insert = this.#database.statement(INSERT_SET);
    const added = new InternedFlags(Number(insert.row(key)?.[0]), ordered);
    this.#uncommitted.push(added);
    this.#keep(added);
    return added;
  }

  /**
   * Within a transaction: what `change` makes of `before`.
   *
   * @param change With canonical names.
   * @returns undefined if the message would have more flags than it may.
   */
  applyChange(
    before: InternedFlags,
    change: FlagChange,
    bounds: FlagBounds,
  ): InternedFlags | undefined {
    const memoKey = `${before.id} ${change.kind} ${change.flags.join(' ')}`;
    const remembered = this.#memo.get(memoKey);
    if (remembered !== undefined) return remembered;
    const names = changedNames(before, change);
    if (names.length > bounds.flagsPerMessage && names.length > before.names.length)
      return undefined;
    const after = this.intern(names);
    if (this.#memo.size >= MEMO_LIMIT) this.#memo.clear();
    this.#memo.set(memoKey, after);
    return after;
  }

  /** The transaction that added sets was committed. */
  commit(): void {
    if (this.#uncommitted.length > 0) this.#uncommitted = [];
    if (this.#uncommittedKeywords.length > 0) this.#uncommittedKeywords = [];
  }

  /** It was rolled back. */
  rollback(): void {
    for (const flags of this.#uncommitted) {
      this.#byId.delete(flags.id);
      this.#byKey.delete(flags.names.join(' '));
    }
    for (const folded of this.#uncommittedKeywords) this.#spellings.delete(folded);
    if (this.#uncommitted.length > 0) this.#memo.clear();
    this.commit();
  }

  /**
   * Within a transaction: forgets combinations that no message has in the database. What is
   * still published keeps its object until `dropRetired`.
   */
  retireUnused(): void {
    this.#database
      .statement('DELETE FROM flag_set WHERE id NOT IN (SELECT flag_set_id FROM flag_state)')
      .run();
    const rows = this.#database.statement('SELECT id FROM flag_set').rows();
    const used = new Set(rows.map(([id]) => Number(id)));
    this.#memo.clear();
    this.#spellings.clear();
    this.#byKey.clear();
    for (const flags of this.#byId.values()) if (used.has(flags.id)) this.#keep(flags);
    this.#uncommittedKeywords = [];
  }

  /** Once that transaction is published: lets go of what is not published either. */
  dropRetired(isPublished: (id: number) => boolean): void {
    for (const flags of [...this.#byId.values()]) {
      const isCurrent = this.#byKey.get(flags.names.join(' ')) === flags;
      if (!isCurrent && !isPublished(flags.id)) this.#byId.delete(flags.id);
    }
  }

  #keep(flags: InternedFlags): void {
    this.#byId.set(flags.id, flags);
    this.#byKey.set(flags.names.join(' '), flags);
    for (const keyword of flags.keywords) {
      const folded = keyword.toLowerCase();
      if (this.#spellings.has(folded)) continue;
      this.#spellings.set(folded, keyword);
      this.#uncommittedKeywords.push(folded);
    }
  }

  #isKnown(name: FlagName): boolean {
    return name.startsWith('\\') || this.#spellings.has(name.toLowerCase());
  }
}

function splitNames(joined: string): FlagName[] {
  return joined === '' ? [] : joined.split(' ');
}

function orderNames(names: readonly FlagName[]): FlagName[] {
  const system = SYSTEM_FLAGS.filter((name) => names.includes(name));
  const keywords = names.filter((name) => !name.startsWith('\\'));
  return [...system, ...keywords.toSorted()];
}

function changedNames(before: InternedFlags, change: FlagChange): FlagName[] {
  switch (change.kind) {
    case 'replace':
      return [...change.flags];
    case 'add':
      return [...before.names, ...change.flags.filter((flag) => !before.has(flag))];
    case 'remove': {
      const removed = new Set(change.flags.map((flag) => flag.toLowerCase()));
      return before.names.filter((name) => !removed.has(name.toLowerCase()));
    }
  }
}
