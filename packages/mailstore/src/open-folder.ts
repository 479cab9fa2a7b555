/**
 * A folder whose index is in memory, shared by all views of it. Belongs to its mailbox, which
 * applies publications to it.
 */
import type { FolderDelta, FolderRecord } from './publication.ts';
import type { PublishedIndex } from './published-index.ts';

/** What a folder tells when something was published. */
export interface FolderWatcher {
  readonly isReadOnly: boolean;
  notify(): void;
}

export class OpenFolder {
  readonly index: PublishedIndex;
  /** The commit that the index was loaded at; publications up to it are in there already. */
  readonly #loadedAtCommit: number;
  readonly #watchers = new Set<FolderWatcher>();
  #record: FolderRecord;
  #recentFrom: number;
  #isGone = false;

  constructor(record: FolderRecord, index: PublishedIndex, loadedAtCommit: number) {
    this.#record = record;
    this.#recentFrom = record.recentFrom;
    this.index = index;
    this.#loadedAtCommit = loadedAtCommit;
  }

  get record(): FolderRecord {
    return this.#record;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  get isInUse(): boolean {
    return this.#watchers.size > 0;
  }

  /** True if new messages become known to a session at once, and so are recent to it alone. */
  get hasWriter(): boolean {
    for (const watcher of this.#watchers) if (!watcher.isReadOnly) return true;
    return false;
  }

  get recentFrom(): number {
    return this.#recentFrom;
  }

  add(watcher: FolderWatcher): void {
    this.#watchers.add(watcher);
  }

  remove(watcher: FolderWatcher): void {
    this.#watchers.delete(watcher);
  }

  /**
   * What is recent now is so for one writer alone.
   *
   * @returns The first UID that is recent for it.
   */
  takeRecent(): number {
    const first = this.#recentFrom;
    this.#recentFrom = Math.max(first, this.index.uidNext);
    return first;
  }

  apply(
    record: FolderRecord,
    delta: FolderDelta | undefined,
    commit: { readonly commitNumber: number; readonly modSeq: number },
  ): void {
    if (commit.commitNumber <= this.#loadedAtCommit) return;
    this.#record = record;
    this.#recentFrom = Math.max(this.#recentFrom, record.recentFrom);
    this.index.apply(record, delta, commit.modSeq);
  }

  /** The folder was deleted. */
  markGone(): void {
    this.#isGone = true;
    this.index.clear();
  }

  /** A group of publications was applied: makes the index whole and tells the watchers. */
  settle(): void {
    this.index.settle();
    for (const watcher of [...this.#watchers]) watcher.notify();
  }
}
