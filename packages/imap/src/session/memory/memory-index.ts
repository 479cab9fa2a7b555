/**
 * The published state of one folder in memory: columns by position, changed in place, as a
 * session may expect of a large folder.
 */
import type { FlagName, InternalDate } from '../../grammar/command.ts';
import type { ModSeq, Uid } from '../../ids.ts';
import type { FlagSet, FolderIndex, MessageFacts, UidList } from '../ports.ts';
import { findUid } from '../uid-list.ts';

/** A message as it lies in memory. */
export interface MemoryMessage {
  readonly uid: Uid;
  flags: FlagSet;
  modSeq: ModSeq;
  readonly internalDate: InternalDate;
  readonly octets: Uint8Array;
  readonly facts: MessageFacts;
}

const FIRST_CAPACITY = 16;

/** One folder's messages. `MemoryFolder` alone changes it. */
export class MemoryIndex implements FolderIndex {
  #uids: UidList = { values: new Uint32Array(FIRST_CAPACITY), length: 0 };
  #messages: MemoryMessage[] = [];
  #keywords: readonly FlagName[] = [];
  #uidNext = 1;
  #modSeq = 1;

  get uids(): UidList {
    return this.#uids;
  }

  get uidNext(): Uid {
    return this.#uidNext as Uid;
  }

  get highestModSeq(): ModSeq {
    return this.#modSeq as ModSeq;
  }

  get keywords(): readonly FlagName[] {
    return this.#keywords;
  }

  get messages(): readonly MemoryMessage[] {
    return this.#messages;
  }

  positionOf(uid: Uid): number {
    return findUid(this.#uids, uid);
  }

  find(uid: Uid): MemoryMessage | undefined {
    return this.#messages[this.positionOf(uid)];
  }

  flagsAt(position: number): FlagSet {
    return this.#at(position).flags;
  }

  sizeBytesAt(position: number): number {
    return this.#at(position).octets.length;
  }

  internalDateAt(position: number): InternalDate {
    return this.#at(position).internalDate;
  }

  modSeqAt(position: number): ModSeq {
    return this.#at(position).modSeq;
  }

  nextModSeq(): ModSeq {
    this.#modSeq += 1;
    return this.#modSeq as ModSeq;
  }

  append(message: Omit<MemoryMessage, 'uid' | 'modSeq' | 'facts'>, facts: FactsMaker): Uid {
    const uid = this.#uidNext as Uid;
    this.#uidNext += 1;
    this.#messages.push({ ...message, uid, modSeq: this.nextModSeq(), facts: facts(uid) });
    const { length } = this.#uids;
    const values = this.#reserve(length + 1);
    values[length] = uid;
    this.#uids = { values, length: length + 1 };
    this.noteKeywords(message.flags);
    return uid;
  }

  remove(uids: ReadonlySet<Uid>): void {
    this.#messages = this.#messages.filter(({ uid }) => !uids.has(uid));
    const values = Uint32Array.from(this.#messages, ({ uid }) => uid);
    this.#uids = { values, length: values.length };
  }

  noteKeywords(flags: FlagSet): void {
    const fresh = flags.names.filter(
      (name) => !name.startsWith('\\') && !this.#keywords.includes(name),
    );
    if (fresh.length > 0) this.#keywords = [...this.#keywords, ...fresh];
  }

  #at(position: number): MemoryMessage {
    const message = this.#messages[position];
    if (message === undefined) throw new Error(`no message at ${position}`);
    return message;
  }

  /** Holders of the old list keep an array that no longer changes. */
  #reserve(length: number): Uint32Array {
    const { values } = this.#uids;
    if (length <= values.length) return values;
    const grown = new Uint32Array(Math.max(FIRST_CAPACITY, length * 2));
    grown.set(values);
    return grown;
  }
}

/** What can be said of a message without opening it; its UID is known only at arrival. */
export type FactsMaker = (uid: Uid) => MessageFacts;
