/**
 * Which names an extended LIST shows, and with what attributes: selection options narrow or
 * widen the folders that match the patterns (RFC 5258 §3.1, §3.3, §3.5; RFC 6154 §2).
 *
 * REMOTE changes nothing: all mailboxes here are local.
 */
import type { ListReturnOption, ListSelectOption } from '../../grammar/command.ts';
import type { FolderSummary } from '../ports.ts';
import { compareFolderPaths } from './list-order.ts';

/** One name to be listed. */
export interface ListEntry {
  readonly path: string;
  /** Undefined for a name without a folder: \NonExistent. */
  readonly folder: FolderSummary | undefined;
  readonly attributes: readonly string[];
  /** It is shown for the sake of subscribed folders below it (RFC 5258 §3.5). */
  readonly hasChildInfo: boolean;
  /** It satisfies the selection by itself: STATUS and the like may follow (RFC 5819 §2). */
  readonly isSelected: boolean;
}

/** What an extended LIST asks for. */
export interface ListRequest {
  /** Whether some pattern reaches a name. */
  readonly matches: (path: string) => boolean;
  readonly select: readonly ListSelectOption[];
  readonly returns: readonly ListReturnOption[];
}

/** Everything that may be named: folders, and subscriptions that have none. */
export interface ListedNames {
  readonly folders: readonly FolderSummary[];
  readonly deadSubscriptions: readonly string[];
}

/** All names that may be shown, parents of subscribed ones included. */
export function* allNames({ folders, deadSubscriptions }: ListedNames): Iterable<string> {
  for (const { path } of folders) yield path;
  for (const path of deadSubscriptions) {
    yield path;
    yield* parentsOf(path);
  }
}

/** @returns the names to show, in order. */
export function findListEntries(names: ListedNames, request: ListRequest): readonly ListEntry[] {
  const { select } = request;
  const candidates = select.includes('subscribed')
    ? subscribedNames(names, select.includes('recursive-match'))
    : names.folders.map((folder) => ({ path: folder.path, folder, isMatch: true }));
  const parents = new ParentsOfMatches(candidates, request.matches);
  return candidates
    .filter(({ path }) => request.matches(path))
    .map((candidate) => describe(candidate, request, parents))
    .filter(({ isSelected, hasChildInfo }) => isSelected || hasChildInfo)
    .toSorted((left, right) => compareFolderPaths(left.path, right.path));
}

/** A name that may be shown; `isMatch` if it satisfies SUBSCRIBED, where that is asked. */
interface Candidate {
  readonly path: string;
  readonly folder: FolderSummary | undefined;
  readonly isMatch: boolean;
}

/** Subscribed names; with `withParents` all that lie above them, too. */
function subscribedNames(names: ListedNames, withParents: boolean): readonly Candidate[] {
  const candidates = new Map<string, Candidate>();
  for (const folder of names.folders) {
    if (!folder.isSubscribed && !withParents) continue;
    candidates.set(folder.path, { path: folder.path, folder, isMatch: folder.isSubscribed });
  }
  for (const path of names.deadSubscriptions) {
    candidates.set(path, { path, folder: undefined, isMatch: true });
    if (!withParents) continue;
    for (const parent of parentsOf(path)) {
      if (candidates.has(parent)) continue;
      candidates.set(parent, { path: parent, folder: undefined, isMatch: false });
    }
  }
  return [...candidates.values()];
}

/** From the nearest to the top. */
export function* parentsOf(path: string): Iterable<string> {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    yield path.slice(0, slash);
  }
}

/** Which names have matches below them that no pattern reaches (RFC 5258 §3.3 2B). */
class ParentsOfMatches {
  readonly #parents = new Set<string>();

  constructor(candidates: readonly Candidate[], matches: (path: string) => boolean) {
    for (const { path, isMatch } of candidates) {
      if (!isMatch || matches(path)) continue;
      for (const parent of parentsOf(path)) this.#parents.add(parent);
    }
  }

  has(path: string): boolean {
    return this.#parents.has(path);
  }
}

function describe(
  { path, folder, isMatch }: Candidate,
  { select, returns }: ListRequest,
  parents: ParentsOfMatches,
): ListEntry {
  const isRecursive = select.includes('recursive-match');
  const wantsUse = select.includes('special-use');
  const isSelected = isMatch && (!wantsUse || folder?.specialUse !== undefined);
  const tellsSubscribed =
    select.includes('subscribed') || returns.some(({ option }) => option === 'subscribed');
  const isSubscribed = folder === undefined ? isMatch : folder.isSubscribed;
  const attributes = folder === undefined ? ['\\NonExistent'] : folderAttributes(folder);
  if (tellsSubscribed && isSubscribed) attributes.push('\\Subscribed');
  return {
    path,
    folder,
    attributes,
    hasChildInfo: isRecursive && !wantsUse && parents.has(path),
    isSelected,
  };
}

/** Attributes that every listing shows (RFC 3501 §7.2.2, RFC 3348 §3, RFC 6154 §2). */
export function folderAttributes(folder: FolderSummary): string[] {
  const names = [folder.hasChildren ? '\\HasChildren' : '\\HasNoChildren'];
  if (!folder.isSelectable) names.unshift('\\Noselect');
  if (folder.specialUse !== undefined) names.push(folder.specialUse);
  return names;
}
