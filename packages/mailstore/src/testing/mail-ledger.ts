/**
 * What a test was told by a store, so that it can be held to it: acknowledged messages, flags,
 * removals and folder paths, and everything that listeners were shown. What was asked for but
 * not acknowledged may or may not have happened, but as a whole. Entries are plain data: a
 * process that is going to be killed writes them to another one.
 */
import type { Folder } from '../api.ts';
import { listUids, makeMessage } from './mail-steps.ts';

/** One thing told, or asked for. */
export type LedgerEntry =
  /** A message about to be appended. `epochMs` is its date, kept by copies: its identity here. */
  | {
      readonly kind: 'announced';
      readonly epochMs: number;
      readonly name: string;
      readonly bodyBytes: number;
    }
  /** Acknowledged places. `ends`: the group that they are. */
  | {
      readonly kind: 'placed';
      readonly uidValidity: number;
      readonly places: readonly LedgerPlace[];
      readonly ends: string | null;
    }
  /** Null: a change is under way. */
  | {
      readonly kind: 'flagged';
      readonly uidValidity: number;
      readonly uids: readonly number[];
      readonly flags: readonly string[] | null;
    }
  /** Null: a removal is under way. */
  | {
      readonly kind: 'present';
      readonly uidValidity: number;
      readonly uids: readonly number[];
      readonly isPresent: boolean | null;
    }
  /** Where a folder may be; null among them: nowhere. */
  | {
      readonly kind: 'folder';
      readonly uidValidity: number;
      readonly paths: readonly (string | null)[];
    }
  /** Messages that are going to appear together in a folder, or not at all. */
  | { readonly kind: 'begun'; readonly id: string; readonly group: LedgerGroup }
  | { readonly kind: 'ended'; readonly id: string }
  | {
      readonly kind: 'shown';
      readonly uidValidity: number;
      readonly uidNext: number;
      readonly highestModSeq: number;
      /** UID, identity, mod-sequence. */
      readonly messages: readonly (readonly [number, number, number])[];
      readonly gone: readonly number[];
    };

export interface LedgerPlace {
  readonly uid: number;
  readonly epochMs: number;
  readonly flags: readonly string[];
}

export interface LedgerGroup {
  readonly toValidity: number;
  /** One may be among them several times. */
  readonly epochs: readonly number[];
  /** What goes if they come, and stays if they do not. */
  readonly replaced?: { readonly uidValidity: number; readonly uid: number };
}

export interface KnownPlace {
  readonly epochMs: number;
  flags: readonly string[] | null;
  isPresent: boolean | null;
}

export interface KnownFolder {
  paths: readonly (string | null)[];
  readonly places: Map<number, KnownPlace>;
  /** Every UID that a listener was shown: identity and latest mod-sequence. */
  readonly shown: Map<number, readonly [number, number]>;
  /** Those that a listener then saw no more. */
  readonly gone: Set<number>;
  uidNext: number;
  highestModSeq: number;
}

export class MailLedger {
  readonly folders: Map<number, KnownFolder> = new Map();
  readonly groups: Map<string, LedgerGroup> = new Map();
  readonly #announced = new Map<number, { readonly name: string; readonly bodyBytes: number }>();
  /** Called with each entry. */
  onEntry: (entry: LedgerEntry) => void = () => undefined;

  /** As it is now, whatever happens later. */
  copy(): MailLedger {
    const copy = new MailLedger();
    for (const [epochMs, message] of this.#announced) copy.#announced.set(epochMs, message);
    for (const [uidValidity, folder] of this.folders) {
      copy.folders.set(uidValidity, structuredClone(folder));
    }
    for (const [id, group] of this.groups) copy.groups.set(id, group);
    return copy;
  }

  note(entry: LedgerEntry): void {
    this.#apply(entry);
    this.onEntry(entry);
  }

  folder(uidValidity: number): KnownFolder {
    let folder = this.folders.get(uidValidity);
    if (folder === undefined) {
      folder = {
        paths: [],
        places: new Map(),
        shown: new Map(),
        gone: new Set(),
        uidNext: 0,
        highestModSeq: 0,
      };
      this.folders.set(uidValidity, folder);
    }
    return folder;
  }

  place(uidValidity: number, uid: number): KnownPlace {
    const place = this.folder(uidValidity).places.get(uid);
    if (place === undefined) throw new Error(`never acknowledged: ${uidValidity}/${uid}`);
    return place;
  }

  /** @returns undefined for a message that nobody announced. */
  octetsOf(epochMs: number): Buffer | undefined {
    const message = this.#announced.get(epochMs);
    return message && makeMessage(message.name, message.bodyBytes);
  }

  /** Notes what a listener can see. */
  observe(view: Folder): void {
    if (view.isGone) return;
    const { uidValidity, index } = view;
    const folder = this.folder(uidValidity);
    const messages: (readonly [number, number, number])[] = [];
    const present = new Set<number>();
    for (const [at, uid] of listUids(view).entries()) {
      present.add(uid);
      const modSeq = index.modSeqAt(at);
      if (folder.shown.get(uid)?.[1] === modSeq) continue;
      messages.push([uid, index.internalDateAt(at).epochMs, modSeq]);
    }
    const gone = [...folder.shown.keys()].filter(
      (uid) => !present.has(uid) && !folder.gone.has(uid),
    );
    const { uidNext, highestModSeq } = index;
    this.note({ kind: 'shown', uidValidity, uidNext, highestModSeq, messages, gone });
  }

  #apply(entry: LedgerEntry): void {
    switch (entry.kind) {
      case 'announced':
        this.#announced.set(entry.epochMs, entry);
        return;
      case 'begun':
        this.groups.set(entry.id, entry.group);
        return;
      case 'ended':
        this.groups.delete(entry.id);
        return;
      case 'placed':
        if (entry.ends !== null) this.groups.delete(entry.ends);
        applyToFolder(this.folder(entry.uidValidity), entry);
        return;
      case 'flagged':
      case 'present':
      case 'folder':
      case 'shown':
        applyToFolder(this.folder(entry.uidValidity), entry);
    }
  }
}

function applyToFolder(
  folder: KnownFolder,
  entry: Extract<LedgerEntry, { readonly uidValidity: number }>,
): void {
  switch (entry.kind) {
    case 'placed':
      for (const { uid, epochMs, flags } of entry.places) {
        folder.places.set(uid, { epochMs, flags, isPresent: true });
      }
      return;
    case 'flagged':
      for (const place of placesOf(folder, entry.uids)) place.flags = entry.flags;
      return;
    case 'present':
      for (const place of placesOf(folder, entry.uids)) place.isPresent = entry.isPresent;
      return;
    case 'folder':
      folder.paths = entry.paths;
      return;
    case 'shown':
      for (const [uid, epochMs, modSeq] of entry.messages) folder.shown.set(uid, [epochMs, modSeq]);
      for (const uid of entry.gone) folder.gone.add(uid);
      folder.uidNext = Math.max(folder.uidNext, entry.uidNext);
      folder.highestModSeq = Math.max(folder.highestModSeq, entry.highestModSeq);
  }
}

function placesOf(folder: KnownFolder, uids: readonly number[]): KnownPlace[] {
  return uids.flatMap((uid) => folder.places.get(uid) ?? []);
}
