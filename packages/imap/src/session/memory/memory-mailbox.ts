/**
 * A mailbox in memory: the second supplier of the session's ports, which keeps them honest and
 * lets sessions be tested without a disk. Not for service: everything is copied freely.
 */
import type { MemoryMailboxOptions } from './memory-options.ts';
import type { Uid, UidValidity } from '../../ids.ts';
import type {
  AccessList,
  AppendPort,
  FolderPort,
  FolderStatus,
  FolderSummary,
  MailboxEvent,
  MailboxPort,
  Metadata,
  Outcome,
  QuotaRoot,
  Refusal,
  SpecialUse,
} from '../ports.ts';
import { FlagInterner } from './memory-flags.ts';
import { MemoryFolderPort } from './memory-folder-port.ts';
import { MemoryAppend } from './memory-append.ts';
import { MemoryFolder } from './memory-folder.ts';

const METADATA_ENTRIES = 5;

const done: Outcome<void> = { ok: true, value: undefined };

/** One account's mail in memory. */
export class MemoryMailbox implements MailboxPort {
  readonly #options: MemoryMailboxOptions;
  readonly #interner = new FlagInterner();
  readonly #folders = new Map<string, MemoryFolder>();
  readonly #all: MemoryFolder[] = [];
  /** Names, whether or not a folder has them (RFC 3501 §6.3.6). */
  readonly #subscriptions = new Set<string>();
  readonly #listeners = new Set<(event: MailboxEvent) => void>();
  readonly #metadata = new Map<string, Uint8Array>();
  readonly metadataValueBytes: number = 100;
  #uidValidity = 1_000;

  constructor(options: MemoryMailboxOptions) {
    this.#options = options;
    this.#make('INBOX');
    for (const [path, use] of Object.entries(options.specialUses ?? {})) this.#make(path, use);
    for (const path of this.#folders.keys()) this.#subscriptions.add(path);
  }

  /** Open folders and listeners that nobody has given back yet, deleted folders included. */
  get holdCount(): number {
    return this.#all.reduce((sum, folder) => sum + folder.holdCount, this.#listeners.size);
  }

  subscribeMailbox(listener: (event: MailboxEvent) => void): () => void {
    const entry = (event: MailboxEvent): void => listener(event);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** Lets a folder forget its expunges, as a store does some day. */
  forgetExpunged(path: string): void {
    this.#folders.get(path)?.forgetExpunged();
  }

  async listFolders(): Promise<readonly FolderSummary[]> {
    return [...this.#paths()].map((path) => ({
      path,
      isSelectable: this.#folders.has(path),
      hasChildren: this.#hasChildren(path),
      isSubscribed: this.#subscriptions.has(path),
      specialUse: this.#folders.get(path)?.specialUse,
    }));
  }

  async listDeadSubscriptions(): Promise<readonly string[]> {
    const paths = this.#paths();
    return [...this.#subscriptions].filter((path) => !paths.has(path));
  }

  async statusOf(path: string): Promise<Outcome<FolderStatus>> {
    const folder = this.#folders.get(path);
    if (folder === undefined) return refuse('nonexistent');
    const { messages, uidNext, highestModSeq } = folder.index;
    return {
      ok: true,
      value: {
        messageCount: messages.length,
        recentCount: messages.filter(({ uid }) => uid >= folder.recentFrom).length,
        unseenCount: messages.filter(({ flags }) => !flags.isSeen).length,
        totalBytes: messages.reduce((sum, { octets }) => sum + octets.length, 0),
        deletedCount: messages.filter(({ flags }) => flags.isDeleted).length,
        deletedBytes: messages.reduce(
          (sum, { flags, octets }) => sum + (flags.isDeleted ? octets.length : 0),
          0,
        ),
        uidNext,
        uidValidity: folder.uidValidity,
        highestModSeq,
        mailboxId: folder.mailboxId,
      },
    };
  }

  async openFolder(path: string, isReadOnly: boolean): Promise<Outcome<FolderPort>> {
    await this.#pause();
    const folder = this.#folders.get(path);
    if (folder === undefined) return refuse('nonexistent');
    const siblings = {
      find: (name: string) => this.#folders.get(name),
      pause: () => this.#pause(),
      nowMs: this.#options.nowMs,
    };
    return { ok: true, value: new MemoryFolderPort(path, folder, isReadOnly, siblings) };
  }

  async createFolder(
    path: string,
    _isSelectable: boolean,
    specialUse?: SpecialUse,
  ): Promise<Outcome<string>> {
    if (!isValidPath(path)) return refuse('invalid-name');
    if (this.#folders.has(path)) return refuse('already-exists');
    if (this.#isUseTaken(specialUse)) return refuse('not-permitted');
    for (const parent of parentsOf(path)) if (!this.#folders.has(parent)) this.#make(parent);
    return { ok: true, value: this.#make(path, specialUse).mailboxId };
  }

  async setSpecialUse(path: string, specialUse: SpecialUse | undefined): Promise<Outcome<void>> {
    const folder = this.#folders.get(path);
    if (folder === undefined) return refuse('nonexistent');
    if (folder.specialUse !== specialUse && this.#isUseTaken(specialUse)) {
      return refuse('not-permitted');
    }
    folder.specialUse = specialUse;
    this.#emit({ kind: 'metadata', path });
    return done;
  }

  async deleteFolder(path: string): Promise<Outcome<void>> {
    const folder = this.#folders.get(path);
    if (path === 'INBOX') return refuse('not-permitted');
    if (folder === undefined) {
      return refuse(this.#hasChildren(path) ? 'has-children' : 'nonexistent');
    }
    this.#folders.delete(path);
    folder.markGone();
    this.#emit({ kind: 'deleted', path });
    return done;
  }

  async renameFolder(from: string, to: string): Promise<Outcome<void>> {
    if (!this.#paths().has(from)) return refuse('nonexistent');
    if (!isValidPath(to)) return refuse('invalid-name');
    if (this.#paths().has(to)) return refuse('already-exists');
    if (from === 'INBOX') return this.#emptyInboxInto(to);
    if (to.startsWith(`${from}/`)) return refuse('not-permitted');
    for (const parent of parentsOf(to)) if (!this.#folders.has(parent)) this.#make(parent);
    for (const [path, folder] of [...this.#folders]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#folders.delete(path);
      this.#folders.set(`${to}${path.slice(from.length)}`, folder);
    }
    this.#emit({ kind: 'renamed', path: to, oldPath: from });
    return done;
  }

  async setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>> {
    if (!isSubscribed) this.#subscriptions.delete(path);
    else if (isValidPath(path)) this.#subscriptions.add(path);
    else return refuse('invalid-name');
    this.#emit({ kind: isSubscribed ? 'subscribed' : 'unsubscribed', path });
    return done;
  }

  async startAppend(path: string): Promise<Outcome<AppendPort>> {
    if (!this.#folders.has(path)) return refuse('nonexistent');
    return {
      ok: true,
      value: new MemoryAppend({
        options: this.#options,
        findFolder: () => this.#folders.get(path),
        pause: () => this.#pause(),
      }),
    };
  }

  async quotaRootOf(_path: string): Promise<Outcome<QuotaRoot>> {
    return { ok: true, value: this.#quotaRoot() };
  }

  async findQuotaRoot(name: string): Promise<QuotaRoot | undefined> {
    return name === '' ? this.#quotaRoot() : undefined;
  }

  async readMetadata(path: string | undefined): Promise<Outcome<Metadata>> {
    const values = this.#metadataOf(path);
    if (values === undefined) return refuse('nonexistent');
    const all = new Map(values);
    const use = path === undefined ? undefined : this.#folders.get(path)?.specialUse;
    if (use !== undefined) all.set('/private/specialuse', Buffer.from(use));
    return { ok: true, value: all };
  }

  async setMetadata(
    path: string | undefined,
    changes: ReadonlyMap<string, Uint8Array | undefined>,
  ): Promise<Outcome<void>> {
    const values = this.#metadataOf(path);
    if (values === undefined) return refuse('nonexistent');
    const after = new Map(values);
    for (const [entry, value] of changes) {
      if (value === undefined) after.delete(entry);
      else if (value.length > this.metadataValueBytes) return refuse('too-big');
      else after.set(entry, value);
    }
    if (after.size > METADATA_ENTRIES) return refuse('too-many');
    values.clear();
    for (const [entry, value] of after) values.set(entry, value);
    if (path !== undefined) this.#folders.get(path)?.index.nextModSeq();
    this.#emit({ kind: 'metadata', path });
    return done;
  }

  readonly otherUsersPrefix: undefined = undefined;

  /** Whatever is asked for is somebody. */
  async canonicalIdentifier(identifier: string): Promise<Outcome<string>> {
    return { ok: true, value: identifier };
  }

  async rightsOf(path: string): Promise<Outcome<string>> {
    return this.#paths().has(path) ? { ok: true, value: 'lrswipkxtea' } : refuse('nonexistent');
  }

  async readAccessList(path: string): Promise<Outcome<AccessList>> {
    const folder = this.#folders.get(path);
    if (folder === undefined) return refuse('nonexistent');
    return { ok: true, value: { owner: 'owner', rights: new Map(folder.access) } };
  }

  async setAccess(
    path: string,
    identifier: string,
    rights: string | undefined,
  ): Promise<Outcome<void>> {
    const access = this.#folders.get(path)?.access;
    if (access === undefined) return refuse('nonexistent');
    if (rights === undefined) access.delete(identifier);
    else access.set(identifier, rights);
    return done;
  }

  #metadataOf(path: string | undefined): Map<string, Uint8Array> | undefined {
    return path === undefined ? this.#metadata : this.#folders.get(path)?.metadata;
  }

  #isUseTaken(use: SpecialUse | undefined): boolean {
    if (use === undefined) return false;
    return [...this.#folders.values()].some(({ specialUse }) => specialUse === use);
  }

  #quotaRoot(): QuotaRoot {
    const messages = [...this.#folders.values()].flatMap(({ index }) => index.messages);
    const usedBytes = messages.reduce((sum, { octets }) => sum + octets.length, 0);
    const { quotaBytes, quotaMessages } = this.#options;
    return {
      name: '',
      storageBytes: { used: usedBytes, limit: quotaBytes },
      messages: { used: messages.length, limit: quotaMessages },
    };
  }

  async #pause(): Promise<void> {
    await this.#options.pause?.();
  }

  async #emptyInboxInto(to: string): Promise<Outcome<void>> {
    const created = await this.createFolder(to, true);
    if (!created.ok) return created;
    const inbox = await this.openFolder('INBOX', false);
    if (!inbox.ok) return inbox;
    const { values, length } = inbox.value.index.uids;
    const uids = [...values.subarray(0, length)] as Uid[];
    const moved = await inbox.value.move(uids, to);
    inbox.value.close();
    return moved.ok ? done : moved;
  }

  #make(path: string, specialUse?: SpecialUse): MemoryFolder {
    this.#uidValidity += 1;
    const uidValidity = this.#uidValidity as UidValidity;
    const folder = new MemoryFolder(uidValidity, this.#interner, specialUse);
    folder.subscribe(() => this.#emitMessages(folder));
    this.#folders.set(path, folder);
    this.#all.push(folder);
    this.#emit({ kind: 'created', path });
    return folder;
  }

  /** Later, as the port promises. */
  #emit(event: MailboxEvent): void {
    for (const listener of this.#listeners) queueMicrotask(() => listener(event));
  }

  #emitMessages(folder: MemoryFolder): void {
    for (const [path, one] of this.#folders) {
      if (one === folder) this.#emit({ kind: 'messages', path });
    }
  }

  /** All folders and their parents. */
  #paths(): Set<string> {
    const paths = new Set(this.#folders.keys());
    for (const path of this.#folders.keys()) {
      for (const parent of parentsOf(path)) paths.add(parent);
    }
    return paths;
  }

  #hasChildren(path: string): boolean {
    return [...this.#folders.keys()].some((other) => other.startsWith(`${path}/`));
  }
}

function refuse(reason: Refusal): { readonly ok: false; readonly reason: Refusal } {
  return { ok: false, reason };
}

function isValidPath(path: string): boolean {
  return path !== '' && path.split('/').every((level) => level !== '');
}

function parentsOf(path: string): string[] {
  const levels = path.split('/');
  return levels.slice(1).map((_, count) => levels.slice(0, count + 1).join('/'));
}
