/** One APPEND into the store in memory: messages are kept until all are there. */
import type { Uid } from '../../ids.ts';
import type {
  AppendPort,
  ArrivingMessage,
  Outcome,
  ReplacedMessage,
  StoredMessages,
} from '../ports.ts';
import type { MemoryFolder } from './memory-folder.ts';
import type { MemoryMailboxOptions } from './memory-options.ts';

const done: Outcome<void> = { ok: true, value: undefined };

interface Parts {
  readonly options: MemoryMailboxOptions;
  readonly findFolder: () => MemoryFolder | undefined;
  readonly pause: () => Promise<void>;
}

interface Arrived {
  readonly message: ArrivingMessage;
  readonly octets: Uint8Array;
}

/** Ends with `commit` or `abort`. */
export class MemoryAppend implements AppendPort {
  readonly #parts: Parts;
  readonly #arrived: Arrived[] = [];
  #message: ArrivingMessage | undefined;
  #pieces: Uint8Array[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  startMessage(message: ArrivingMessage): Outcome<void> {
    const { maxMessageBytes = Infinity } = this.#parts.options;
    if ((message.sizeBytes ?? 0) > maxMessageBytes) return { ok: false, reason: 'too-big' };
    this.#message = message;
    this.#pieces = [];
    return done;
  }

  write(octets: Uint8Array): undefined {
    this.#pieces.push(Uint8Array.from(octets));
    return undefined;
  }

  endMessage(): Outcome<void> {
    if (this.#message === undefined) throw new Error('no message was started');
    const octets = Buffer.concat(this.#pieces);
    const { sizeBytes = octets.length } = this.#message;
    if (octets.length !== sizeBytes) throw new Error('the message has another size');
    this.#arrived.push({ message: this.#message, octets });
    this.#message = undefined;
    return done;
  }

  async commit(replaced: ReplacedMessage | undefined): Promise<Outcome<StoredMessages>> {
    const { findFolder, pause } = this.#parts;
    await pause();
    const folder = findFolder();
    if (folder === undefined) return { ok: false, reason: 'nonexistent' };
    if (replaced !== undefined && replaced.folder.index.positionOf(replaced.uid) < 0) {
      return { ok: false, reason: 'expunged' };
    }
    const uids = this.#arrived.map((arrived) => this.#add(folder, arrived));
    if (replaced !== undefined) await this.#remove(replaced);
    await pause();
    return { ok: true, value: { uidValidity: folder.uidValidity, uids } };
  }

  async abort(): Promise<void> {
    this.#arrived.length = 0;
  }

  #add(folder: MemoryFolder, { message, octets }: Arrived): Uid {
    const { nowMs, describe } = this.#parts.options;
    return folder.add({
      flags: message.flags,
      octets,
      internalDate: message.internalDate ?? { epochMs: nowMs(), zoneMinutes: 0 },
      describe: (uid) => ({ ...describe(uid, octets), saveDateMs: nowMs() }),
    });
  }

  async #remove({ folder, uid }: ReplacedMessage): Promise<void> {
    await folder.changeFlags([uid], { kind: 'add', flags: ['\\Deleted'] });
    await folder.expunge([uid]);
  }
}
