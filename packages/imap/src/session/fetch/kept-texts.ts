/**
 * Answers of FETCH that cost more to make than to keep: formatted items of messages, which never
 * change, shared by all sessions of a process and bounded in size. What was used longest ago
 * goes first; a client that asks again has it read again.
 *
 * Texts belong to a folder's index in memory: the store makes a new one whenever it opens a
 * folder anew, so nothing outlives what it was made from.
 */
import type { Uid } from '../../ids.ts';
import type { FolderIndex } from '../ports.ts';

/** Longer items are not kept. */
const LONGEST_TEXT = 8 * 1024;
/** What an entry takes beside its text, roughly. */
const ENTRY_BYTES = 64;
/** What a kind takes beside its entries, roughly, its name included. */
const KIND_BYTES = 1024;
/** Names of kinds that are longer are not kept: clients do not ask for them again. */
export const LONGEST_KIND = 256;
/** Kinds kept for one folder: clients ask for the same few lists of header fields. */
const KINDS_OF_FOLDER = 16;

/** One kind of item of one folder's messages. */
export class MessageTexts {
  readonly #texts = new Map<Uid, string>();
  readonly #onGrown: (texts: MessageTexts, byteCount: number) => void;
  #sizeBytes = 0;

  constructor(onGrown: (texts: MessageTexts, byteCount: number) => void) {
    this.#onGrown = onGrown;
  }

  get(uid: Uid): string | undefined {
    return this.#texts.get(uid);
  }

  /** Keeps `text`, octets as Latin-1, unless it is too long. */
  set(uid: Uid, text: string): void {
    if (text.length > LONGEST_TEXT || this.#texts.has(uid)) return;
    // In one piece: what was put together is a tree of its parts otherwise, several times larger.
    this.#texts.set(uid, Buffer.from(text, 'latin1').toString('latin1'));
    const isFirst = this.#texts.size === 1;
    const byteCount = text.length + ENTRY_BYTES + (isFirst ? KIND_BYTES : 0);
    this.#sizeBytes += byteCount;
    this.#onGrown(this, byteCount);
  }

  /** @returns what it took. */
  clear(): number {
    const sizeBytes = this.#sizeBytes;
    this.#texts.clear();
    this.#sizeBytes = 0;
    return sizeBytes;
  }
}

/** All that one process keeps. */
export class KeptTexts {
  readonly #limitBytes: number;
  readonly #byIndex = new WeakMap<FolderIndex, Map<string, MessageTexts>>();
  /** Used longest ago first. */
  readonly #recent = new Set<MessageTexts>();
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Texts of one kind; ask again for each command. */
  of(index: FolderIndex, kind: string): MessageTexts {
    let kinds = this.#byIndex.get(index);
    if (kinds === undefined) {
      kinds = new Map();
      this.#byIndex.set(index, kinds);
    }
    const texts = kinds.get(kind) ?? this.#add(kinds, kind);
    // What holds nothing is no burden: it is remembered by its folder alone.
    if (this.#recent.delete(texts)) this.#recent.add(texts);
    return texts;
  }

  #add(kinds: Map<string, MessageTexts>, kind: string): MessageTexts {
    if (kinds.size >= KINDS_OF_FOLDER) {
      const [oldest] = kinds;
      if (oldest !== undefined) {
        kinds.delete(oldest[0]);
        this.#drop(oldest[1]);
      }
    }
    const texts = new MessageTexts((grown, byteCount) => this.#grow(grown, byteCount));
    kinds.set(kind, texts);
    return texts;
  }

  #grow(grown: MessageTexts, byteCount: number): void {
    this.#sizeBytes += byteCount;
    this.#recent.add(grown);
    for (const texts of this.#recent) {
      if (this.#sizeBytes <= this.#limitBytes) return;
      this.#drop(texts);
    }
  }

  #drop(texts: MessageTexts): void {
    this.#recent.delete(texts);
    this.#sizeBytes -= texts.clear();
  }
}

/** @param limitBytes For all together; 0 keeps nothing for longer than a command. */
export function createKeptTexts(limitBytes: number): KeptTexts {
  return new KeptTexts(limitBytes);
}
