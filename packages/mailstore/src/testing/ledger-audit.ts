/** Holds a mailbox that was opened after a crash to everything that a ledger notes. */
import type { Folder, Mailbox } from '../api.ts';
import type { KnownFolder, KnownPlace, LedgerGroup, MailLedger } from './mail-ledger.ts';
import {
  append,
  asUid,
  flagsOf,
  listUids,
  openFolder,
  readMessage,
  valueOf,
} from './mail-steps.ts';

/** Dates of messages that an audit appends: above those of any workload. */
let auditedMs = 1e13;

/**
 * Appends a message to each folder, which the ledger then knows.
 *
 * @returns What does not agree, in words; empty if all is well.
 */
export async function findFaults(mailbox: Mailbox, ledger: MailLedger): Promise<string[]> {
  const views = await openAll(mailbox);
  const faults = [...ledger.groups.values()].flatMap((group) =>
    findGroupFaults(group, ledger, views),
  );
  for (const [uidValidity, known] of ledger.folders) {
    const view = views.get(uidValidity);
    const path = view?.path ?? null;
    if (known.paths.length > 0 && !known.paths.includes(path)) {
      faults.push(`${known.paths.join(' or ')} is ${path ?? 'gone'}`);
    }
    if (view !== undefined) faults.push(...(await findFolderFaults(mailbox, view, known, ledger)));
  }
  settle(ledger, views);
  for (const view of views.values()) view.close();
  return faults;
}

async function openAll(mailbox: Mailbox): Promise<Map<number, Folder>> {
  const views = new Map<number, Folder>();
  for (const { path, isSelectable } of await mailbox.listFolders()) {
    if (!isSelectable) continue;
    const view = await openFolder(mailbox, path);
    views.set(view.uidValidity, view);
  }
  return views;
}

/** What was under way came as a whole, or not at all. */
function findGroupFaults(
  { toValidity, epochs, replaced }: LedgerGroup,
  ledger: MailLedger,
  views: ReadonlyMap<number, Folder>,
): string[] {
  const view = views.get(toValidity);
  if (view === undefined) return [];
  const known = ledger.folder(toValidity);
  const surplus = new Set(
    epochs.map((epochMs) => {
      const wanted = epochs.filter((other) => other === epochMs).length;
      return (countIn(view, epochMs) - countKnown(known, epochMs)) / wanted;
    }),
  );
  const name = `${view.path}: ${epochs.length} messages`;
  if (surplus.size !== 1) return [`${name} came in part`];
  if (replaced === undefined) return [];
  const source = views.get(replaced.uidValidity);
  const isOldThere = source !== undefined && source.index.positionOf(asUid(replaced.uid)) !== -1;
  return isOldThere === surplus.has(0) ? [] : [`${name}: the replaced one is of another mind`];
}

function countIn(view: Folder, epochMs: number): number {
  return listUids(view).filter((_, at) => view.index.internalDateAt(at).epochMs === epochMs).length;
}

function countKnown(known: KnownFolder, epochMs: number): number {
  const places = [...known.places.values()];
  return places.filter((place) => place.epochMs === epochMs && place.isPresent === true).length;
}

async function findFolderFaults(
  mailbox: Mailbox,
  view: Folder,
  known: KnownFolder,
  ledger: MailLedger,
): Promise<string[]> {
  const { index, path } = view;
  const faults: string[] = [];
  if (index.uidNext < known.uidNext) faults.push(`${path}: UIDNEXT went back`);
  if (index.highestModSeq < known.highestModSeq) faults.push(`${path}: MODSEQ went back`);
  for (const [at, uid] of listUids(view).entries()) {
    const { epochMs } = index.internalDateAt(at);
    const octets = await readMessage(view, asUid(uid));
    if (ledger.octetsOf(epochMs)?.equals(octets) !== true) faults.push(`${path}/${uid}: octets`);
  }
  faults.push(...findShownFaults(view, known));
  for (const [uid, place] of known.places) faults.push(...findPlaceFaults(view, uid, place));
  faults.push(...(await findSumFaults(mailbox, view)));
  faults.push(...(await findUidFaults(mailbox, view, known, ledger)));
  return faults;
}

/** A session was told of nothing that did not survive. */
function findShownFaults({ index, path }: Folder, known: KnownFolder): string[] {
  const faults: string[] = [];
  for (const [uid, [epochMs, modSeq]] of known.shown) {
    const at = index.positionOf(asUid(uid));
    const place = known.places.get(uid);
    if (known.gone.has(uid)) {
      if (at !== -1) faults.push(`${path}/${uid}: is back after it was shown as gone`);
      continue;
    }
    if (at === -1) {
      if (place === undefined || place.isPresent === true) faults.push(`${path}/${uid}: was shown`);
      continue;
    }
    if (index.internalDateAt(at).epochMs !== epochMs) {
      faults.push(`${path}/${uid}: another message than was shown`);
    }
    if (index.modSeqAt(at) < modSeq) faults.push(`${path}/${uid}: its MODSEQ went back`);
  }
  return faults;
}

function findPlaceFaults(view: Folder, uid: number, place: KnownPlace): string[] {
  const name = `${view.path}/${uid}`;
  const at = view.index.positionOf(asUid(uid));
  const isPresent = at !== -1;
  if (place.isPresent !== null && place.isPresent !== isPresent) {
    return [`${name}: ${isPresent ? 'is back' : 'is lost'}`];
  }
  if (!isPresent) return [];
  const faults: string[] = [];
  const { epochMs } = view.index.internalDateAt(at);
  if (epochMs !== place.epochMs) faults.push(`${name}: another message`);
  const flags = flagsOf(view, asUid(uid)).join(' ');
  if (place.flags !== null && place.flags.join(' ') !== flags) faults.push(`${name}: ${flags}`);
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

/** The next message gets a UID that nobody was shown. */
async function findUidFaults(
  mailbox: Mailbox,
  view: Folder,
  known: KnownFolder,
  ledger: MailLedger,
): Promise<string[]> {
  const { path, uidValidity } = view;
  auditedMs += 1;
  const epochMs = auditedMs;
  ledger.note({ kind: 'announced', epochMs, name: 'after the cut', bodyBytes: 100 });
  const octets = ledger.octetsOf(epochMs) ?? Buffer.alloc(0);
  const internalDate = { epochMs, zoneMinutes: 0 };
  const next = await append(mailbox, octets, { path, internalDate });
  const highest = Math.max(known.uidNext - 1, ...known.shown.keys(), ...known.places.keys());
  const places = [{ uid: next, epochMs, flags: [] }];
  ledger.note({ kind: 'placed', uidValidity, places, ends: null });
  return next > highest ? [] : [`${path}/${next}: a UID that was given is given again`];
}

/** What was under way has happened or not: from now on, the ledger knows. */
function settle(ledger: MailLedger, views: ReadonlyMap<number, Folder>): void {
  for (const id of ledger.groups.keys()) ledger.note({ kind: 'ended', id });
  for (const [uidValidity, known] of ledger.folders) {
    const view = views.get(uidValidity);
    ledger.note({ kind: 'folder', uidValidity, paths: [view?.path ?? null] });
    if (view === undefined) known.places.clear();
    else settleFolder(ledger, view, known);
  }
}

function settleFolder(ledger: MailLedger, view: Folder, known: KnownFolder): void {
  const { uidValidity, index } = view;
  const places = listUids(view).map((uid, at) => ({
    uid,
    epochMs: index.internalDateAt(at).epochMs,
    flags: index.flagsAt(at).names,
  }));
  ledger.note({ kind: 'placed', uidValidity, places, ends: null });
  for (const [uid, place] of known.places) {
    if (place.isPresent === null && index.positionOf(asUid(uid)) === -1) {
      ledger.note({ kind: 'present', uidValidity, uids: [uid], isPresent: false });
    }
  }
}
