/**
 * A mailbox in memory: the second supplier of the session's ports, which keeps them honest and
 * lets sessions be tested without a disk. Not for service: everything is copied freely.
 */
import type {
  AppendPort,
  AppendRequest,
  FolderPort,
  FolderStatus,
  FolderSummary,
  MailboxPort,
  MessageFacts,
  Outcome,
  Refusal,
  SpecialUse,
} from '../ports.ts';
import type { Uid, UidValidity } from '../../ids.ts';
import { FlagInterner } from './memory-flags.ts';
import { MemoryFolder, MemoryFolderPort } from './memory-folder.ts';

/** What the mailbox needs from outside. */
export interface MemoryMailboxOptions {
  readonly describe: (uid: Uid, octets: Uint8Array) => MessageFacts;
  readonly nowMs: () => number;
  readonly maxMessageBytes?: number;
  readonly specialUses?: Readonly<Record<string, SpecialUse>>;
}

const done: Outcome<void> = { ok: true, value: undefined };

/** One account's mail in memory. */
export class MemoryMailbox implements MailboxPort {
  readonly #options: MemoryMailboxOptions;
  readonly #interner = new FlagInterner();
  readonly #folders = new Map<string, MemoryFolder>();
  readonly #deadSubscriptions = new Set<string>();
  #uidValidity = 1_000;

  constructor(options: MemoryMailboxOptions) {
    this.#options = options;
    this.#make('INBOX');
    for (const [path, use] of Object.entries(options.specialUses ?? {})) this.#make(path, use);
  }

  async listFolders(): Promise<readonly FolderSummary[]> {
    const paths = new Set(this.#folders.keys());
    for (const path of this.#folders.keys())
      for (const parent of parentsOf(path)) paths.add(parent);
    return [...paths].map((path) => {
      const folder = this.#folders.get(path);
      return {
        path,
        isSelectable: folder !== undefined,
        hasChildren: this.#hasChildren(path),
        isSubscribed: folder?.isSubscribed ?? false,
        specialUse: folder?.specialUse,
      };
    });
  }

  async listDeadSubscriptions(): Promise<readonly string[]> {
    return [...this.#deadSubscriptions];
  }

  async statusOf(path: string): Promise<Outcome<FolderStatus>> {
    const folder = this.#folders.get(path);
    if (folder === undefined) return refuse('nonexistent');
    const { messages } = folder;
    return {
      ok: true,
      value: {
        messageCount: messages.length,
        recentCount: messages.filter(({ uid }) => uid >= folder.recentFrom).length,
        unseenCount: messages.filter(({ flags }) => !flags.isSeen).length,
        uidNext: folder.uidNext,
        uidValidity: folder.uidValidity,
        highestModSeq: folder.highestModSeq,
        mailboxId: folder.mailboxId,
      },
    };
  }

  async openFolder(path: string, isReadOnly: boolean): Promise<Outcome<FolderPort>> {
    const folder = this.#folders.get(path);
    if (folder === undefined) return refuse('nonexistent');
    const siblings = { find: (name: string) => this.#folders.get(name) };
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
    if (folder === undefined)
      return refuse(this.#hasChildren(path) ? 'has-children' : 'nonexistent');
    this.#folders.delete(path);
    folder.remove(new Set(folder.messages.map(({ uid }) => uid)));
    folder.isGone = true;
    folder.publish();
    return done;
  }

  async renameFolder(from: string, to: string): Promise<Outcome<void>> {
    const folder = this.#folders.get(from);
    if (folder === undefined && !this.#hasChildren(from)) return refuse('nonexistent');
    if (!isValidPath(to) || to.startsWith(`${from}/`)) return refuse('invalid-name');
    if (this.#folders.has(to)) return refuse('already-exists');
    if (from === 'INBOX') return this.#emptyInboxInto(to);
    for (const parent of parentsOf(to)) if (!this.#folders.has(parent)) this.#make(parent);
    for (const path of [...this.#folders.keys()]) {
      const moved = this.#folders.get(path);
      if (moved === undefined || (path !== from && !path.startsWith(`${from}/`))) continue;
      this.#folders.delete(path);
      this.#folders.set(`${to}${path.slice(from.length)}`, moved);
    }
    return done;
  }

  async setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>> {
    const folder = this.#folders.get(path);
    if (folder !== undefined) folder.isSubscribed = isSubscribed;
    else if (isSubscribed) this.#deadSubscriptions.add(path);
    else this.#deadSubscriptions.delete(path);
    return done;
  }

  async startAppend(request: AppendRequest): Promise<Outcome<AppendPort>> {
    const { path, flags, internalDate, sizeBytes } = request;
    if (!this.#folders.has(path)) return refuse('nonexistent');
    if (sizeBytes > (this.#options.maxMessageBytes ?? Infinity)) return refuse('too-big');
    const pieces: Uint8Array[] = [];
    const append: AppendPort = {
      write: (octets) => {
        pieces.push(Uint8Array.from(octets));
        return undefined;
      },
      abort: async () => undefined,
      commit: async () => {
        const folder = this.#folders.get(path);
        if (folder === undefined) return refuse('nonexistent');
        const octets = Buffer.concat(pieces);
        const uid = folder.add({
          flags,
          octets,
          internalDate: internalDate ?? { epochMs: this.#options.nowMs(), zoneMinutes: 0 },
          describe: (given) => this.#options.describe(given, octets),
        });
        return { ok: true, value: { uidValidity: folder.uidValidity, uid } };
      },
    };
    return { ok: true, value: append };
  }

  async #emptyInboxInto(to: string): Promise<Outcome<void>> {
    const created = await this.createFolder(to, true);
    const inbox = await this.openFolder('INBOX', true);
    if (!created.ok) return created;
    if (!inbox.ok) return inbox;
    const uids = [...inbox.value.index.uids.values] as Uid[];
    const moved = await inbox.value.move(uids, to);
    return moved.ok ? done : moved;
  }

  #make(path: string, specialUse?: SpecialUse): MemoryFolder {
    this.#uidValidity += 1;
    const uidValidity = this.#uidValidity as UidValidity;
    const folder = new MemoryFolder(uidValidity, this.#interner, specialUse);
    this.#folders.set(path, folder);
    this.#deadSubscriptions.delete(path);
    return folder;
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
