/**
 * A mailbox in memory: the second supplier of the session's ports, which keeps them honest and
 * lets sessions be tested without a disk. Not for service: everything is copied freely.
 */
import type { Uid, UidValidity } from '../../ids.ts';
import type {
  AppendPort,
  FolderPort,
  FolderStatus,
  FolderSummary,
  MailboxPort,
  MessageFacts,
  Outcome,
  Refusal,
  SpecialUse,
} from '../ports.ts';
import { FlagInterner } from './memory-flags.ts';
import { MemoryFolderPort } from './memory-folder-port.ts';
import { MemoryAppend } from './memory-append.ts';
import { MemoryFolder } from './memory-folder.ts';

/** What the mailbox needs from outside. */
export interface MemoryMailboxOptions {
  readonly describe: (uid: Uid, octets: Uint8Array) => MessageFacts;
  readonly nowMs: () => number;
  readonly maxMessageBytes?: number;
  readonly specialUses?: Readonly<Record<string, SpecialUse>>;
  /** Awaited before and after each change: what happens meanwhile comes in between. */
  readonly pause?: () => Promise<void>;
}

const done: Outcome<void> = { ok: true, value: undefined };

/** One account's mail in memory. */
export class MemoryMailbox implements MailboxPort {
  readonly #options: MemoryMailboxOptions;
  readonly #interner = new FlagInterner();
  readonly #folders = new Map<string, MemoryFolder>();
  readonly #all: MemoryFolder[] = [];
  /** Names, whether or not a folder has them (RFC 3501 §6.3.6). */
  readonly #subscriptions = new Set<string>();
  #uidValidity = 1_000;

  constructor(options: MemoryMailboxOptions) {
    this.#options = options;
    this.#make('INBOX');
    for (const [path, use] of Object.entries(options.specialUses ?? {})) this.#make(path, use);
    for (const path of this.#folders.keys()) this.#subscriptions.add(path);
  }

  /** Open folders and listeners that nobody has given back yet, deleted folders included. */
  get holdCount(): number {
    return this.#all.reduce((sum, folder) => sum + folder.holdCount, 0);
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
    };
    return { ok: true, value: new MemoryFolderPort(path, folder, isReadOnly, siblings) };
  }

  async createFolder(path: string, _isSelectable: boolean): Promise<Outcome<string>> {
    if (!isValidPath(path)) return refuse('invalid-name');
    if (this.#folders.has(path)) return refuse('already-exists');
    for (const parent of parentsOf(path)) if (!this.#folders.has(parent)) this.#make(parent);
    return { ok: true, value: this.#make(path).mailboxId };
  }

  async deleteFolder(path: string): Promise<Outcome<void>> {
    const folder = this.#folders.get(path);
    if (path === 'INBOX') return refuse('not-permitted');
    if (folder === undefined) {
      return refuse(this.#hasChildren(path) ? 'has-children' : 'nonexistent');
    }
    this.#folders.delete(path);
    folder.markGone();
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
    return done;
  }

  async setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>> {
    if (!isSubscribed) this.#subscriptions.delete(path);
    else if (isValidPath(path)) this.#subscriptions.add(path);
    else return refuse('invalid-name');
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
    this.#folders.set(path, folder);
    this.#all.push(folder);
    return folder;
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
