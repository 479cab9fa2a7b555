/**
 * What a test was told by a store, so that it can be held to it: acknowledged messages, flags,
 * removals and folder paths, and everything that listeners were shown. What was asked for but
 * not acknowledged may or may not have happened.
 */
import type { Folder, Mailbox } from '../api.ts';
import {
  append,
  asUid,
  flagsOf,
  listUids,
  makeMessage,
  openFolder,
  readMessage,
  valueOf,
} from './mail-steps.ts';

interface Place {
  /** Moment of arrival, unique for each message and kept by copies: its identity here. */
  readonly epochMs: number;
  /** Undefined: a change is under way. */
  flags: readonly string[] | undefined;
  /** Undefined: a removal is under way. */
  isPresent: boolean | undefined;
}

interface KnownFolder {
  /** Undefined: a rename or removal is under way. */
  path: string | undefined;
  isDeleted: boolean;
  readonly places: Map<number, Place>;
  /** Every UID that a listener was shown, with the identity of its message. */
  readonly shown: Map<number, number>;
  uidNext: number;
  highestModSeq: number;
}

export class MailLedger {
  readonly #folders = new Map<number, KnownFolder>();
  readonly #octets = new Map<number, Buffer>();

  /** As it is now, whatever happens later. */
  copy(): MailLedger {
    const copy = new MailLedger();
    for (const [epochMs, octets] of this.#octets) copy.#octets.set(epochMs, octets);
    for (const [uidValidity, folder] of this.#folders) {
      copy.#folders.set(uidValidity, structuredClone(folder));
    }
    return copy;
  }

  folder(uidValidity: number): KnownFolder {
    let folder = this.#folders.get(uidValidity);
    if (folder === undefined) {
      folder = {
        path: undefined,
        isDeleted: false,
        places: new Map(),
        shown: new Map(),
        uidNext: 0,
        highestModSeq: 0,
      };
      this.#folders.set(uidValidity, folder);
    }
    return folder;
  }

  /** A message about to be appended. */
  announce(epochMs: number, octets: Buffer): void {
    this.#octets.set(epochMs, octets);
  }

  acknowledge(uidValidity: number, uid: number, epochMs: number, flags: readonly string[]): void {
    this.folder(uidValidity).places.set(uid, { epochMs, flags, isPresent: true });
  }

  place(uidValidity: number, uid: number): Place {
    const place = this.folder(uidValidity).places.get(uid);
    if (place === undefined) throw new Error(`never acknowledged: ${uidValidity}/${uid}`);
    return place;
  }

  /** Notes what a listener can see. */
  observe(view: Folder): void {
    if (view.isGone) return;
    const folder = this.folder(view.uidValidity);
    const { index } = view;
    for (const [at, uid] of listUids(view).entries()) {
      folder.shown.set(uid, index.internalDateAt(at).epochMs);
    }
    folder.uidNext = Math.max(folder.uidNext, index.uidNext);
    folder.highestModSeq = Math.max(folder.highestModSeq, index.highestModSeq);
  }

  /**
   * Holds a mailbox that was opened after a cut to everything noted.
   *
   * @returns What does not agree, in words; empty if all is well.
   */
  async findFaults(mailbox: Mailbox): Promise<string[]> {
    const paths = new Map<number, string>();
    for (const { path, isSelectable } of await mailbox.listFolders()) {
      if (!isSelectable) continue;
      paths.set(valueOf(await mailbox.statusOf(path)).uidValidity, path);
    }
    const faults: string[] = [];
    for (const [uidValidity, known] of this.#folders) {
      const path = paths.get(uidValidity);
      if (known.isDeleted && path !== undefined) faults.push(`${path} is back`);
      if (known.path !== undefined && !known.isDeleted && path !== known.path) {
        faults.push(`${known.path} is ${path ?? 'gone'}`);
      }
      if (path !== undefined) faults.push(...(await this.#findFolderFaults(mailbox, path, known)));
    }
    return faults;
  }

  async #findFolderFaults(mailbox: Mailbox, path: string, known: KnownFolder): Promise<string[]> {
    const faults: string[] = [];
    const view = await openFolder(mailbox, path);
    const { index } = view;
    if (index.uidNext < known.uidNext) faults.push(`${path}: UIDNEXT went back`);
    if (index.highestModSeq < known.highestModSeq) faults.push(`${path}: MODSEQ went back`);
    for (const [at, uid] of listUids(view).entries()) {
      const { epochMs } = index.internalDateAt(at);
      const shown = known.shown.get(uid) ?? epochMs;
      if (shown !== epochMs) faults.push(`${path}/${uid}: another message than was shown`);
      const octets = await readMessage(view, asUid(uid));
      if (this.#octets.get(epochMs)?.equals(octets) !== true) faults.push(`${path}/${uid}: octets`);
    }
    for (const [uid, place] of known.places) faults.push(...findPlaceFaults(view, uid, place));
    faults.push(...(await findSumFaults(mailbox, view)));
    const next = await append(mailbox, makeMessage('after the cut'), { path });
    const highest = Math.max(known.uidNext - 1, ...known.shown.keys());
    if (next <= highest) faults.push(`${path}/${next}: a UID that was shown is given again`);
    view.close();
    return faults;
  }
}

function findPlaceFaults(view: Folder, uid: number, place: Place): string[] {
  const name = `${view.path}/${uid}`;
  const at = view.index.positionOf(asUid(uid));
  const isPresent = at !== -1;
  if (place.isPresent !== undefined && place.isPresent !== isPresent) {
    return [`${name}: ${isPresent ? 'is back' : 'is lost'}`];
  }
  if (!isPresent) return [];
  const faults: string[] = [];
  const { epochMs } = view.index.internalDateAt(at);
  if (epochMs !== place.epochMs) faults.push(`${name}: another message`);
  const flags = flagsOf(view, asUid(uid)).join(' ');
  if (place.flags !== undefined && place.flags.join(' ') !== flags)
    faults.push(`${name}: ${flags}`);
  return faults;
}

/** The sums that are kept beside the messages must agree with them. */
async function findSumFaults(mailbox: Mailbox, view: Folder): Promise<string[]> {
  const status = valueOf(await mailbox.statusOf(view.path));
  const { index } = view;
  const positions = listUids(view).map((_, at) => at);
  const unseen = positions.filter((at) => !index.flagsAt(at).isSeen).length;
  const bytes = positions.reduce((sum, at) => sum + index.sizeBytesAt(at), 0);
  const counted = [status.messageCount, status.unseenCount, status.totalBytes].join();
  const actual = [positions.length, unseen, bytes].join();
  return counted === actual ? [] : [`${view.path}: sums ${counted}, messages ${actual}`];
}
