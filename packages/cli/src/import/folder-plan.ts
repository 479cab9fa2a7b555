/**
 * Which folders of a source go where. Pure: names in, names out.
 *
 * - `--folder` and `--exclude` choose by the name at the source; "*" stands for anything.
 * - `--map SOURCE=TARGET` wins over everything, for the folder and those below it.
 * - A folder with a special use goes to the target's folder with that use, and those below it
 *   below that one: "Sent Items" to "Sent". Not with `--into`, which keeps a tree together.
 * - Everything else keeps its levels, separated by "/"; a "/" inside a level becomes "_".
 */
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import type { SourceFolder } from './import-source.ts';

export interface FolderChoice {
  /** Everything goes below this folder. */
  readonly into?: string | undefined;
  readonly folder?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly map?: readonly string[] | undefined;
  /** False: special uses do not matter. */
  readonly specialUse?: boolean | undefined;
}

/** A folder and where it goes. */
export interface PlannedFolder {
  readonly folder: SourceFolder;
  readonly target: string;
  /** What the target is for, if it has to be made. */
  readonly specialUse: string | undefined;
}

export interface FolderPlan {
  readonly planned: readonly PlannedFolder[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * @param pathByUse The target's folders with a special use.
 * @throws OperatorError if the choice fits nothing.
 */
export function planFolders(
  folders: readonly SourceFolder[],
  choice: FolderChoice,
  pathByUse: ReadonlyMap<string, string>,
): FolderPlan {
  const wanted = (choice.folder ?? []).map((pattern) => ({ pattern, matches: matcher(pattern) }));
  const unwanted = (choice.exclude ?? []).map((pattern) => ({
    pattern,
    matches: matcher(pattern),
  }));
  const maps = (choice.map ?? []).map(parseMap);
  checkPatterns(folders, [...wanted, ...unwanted], maps);
  const planned: PlannedFolder[] = [];
  const leftOut: { name: string; reason: string }[] = [];
  const targets = new TargetNames(new FolderIndex(folders), choice, maps, pathByUse);
  for (const folder of folders) {
    const isNamed = wanted.some(({ matches }) => matches(folder.name));
    const reason =
      unwanted.some(({ matches }) => matches(folder.name)) || (wanted.length > 0 && !isNamed)
        ? 'not chosen'
        : isNamed
          ? undefined
          : folder.leaveOut;
    if (reason === undefined) planned.push(targets.place(folder));
    else leftOut.push({ name: folder.name, reason });
  }
  return { planned, leftOut };
}

interface FolderMap {
  readonly from: string;
  readonly to: string;
}

/** The source's folders by name and by levels. */
class FolderIndex {
  readonly #byName = new Map<string, SourceFolder>();
  readonly #byLevels = new Map<string, SourceFolder>();

  constructor(folders: readonly SourceFolder[]) {
    for (const folder of folders) {
      this.#byName.set(nameKey(folder.name), folder);
      this.#byLevels.set(folder.levels.join('\0'), folder);
    }
  }

  findByName(name: string): SourceFolder | undefined {
    return this.#byName.get(nameKey(name));
  }

  /** The folder itself, then those above it. */
  *chain(levels: readonly string[]): Generator<SourceFolder> {
    for (let depth = levels.length; depth > 0; depth -= 1) {
      const found = this.#byLevels.get(levels.slice(0, depth).join('\0'));
      if (found !== undefined) yield found;
    }
  }
}

class TargetNames {
  readonly #index: FolderIndex;
  readonly #choice: FolderChoice;
  readonly #maps: ReadonlyMap<SourceFolder | undefined, string>;
  readonly #pathByUse: ReadonlyMap<string, string>;

  constructor(
    index: FolderIndex,
    choice: FolderChoice,
    maps: readonly FolderMap[],
    pathByUse: ReadonlyMap<string, string>,
  ) {
    this.#index = index;
    this.#choice = choice;
    this.#maps = new Map(maps.map(({ from, to }) => [index.findByName(from), to]));
    this.#pathByUse = pathByUse;
  }

  place(folder: SourceFolder): PlannedFolder {
    const { into, specialUse: regardsUse } = this.#choice;
    const { levels } = folder;
    const mapped = this.#placeBelow(levels, (above) => this.#maps.get(above));
    if (mapped !== undefined) return { folder, target: mapped, specialUse: undefined };
    const own = join(levels.map(toLevel));
    if (into !== undefined) {
      return { folder, target: own === 'INBOX' ? into : join([into, own]), specialUse: undefined };
    }
    if (regardsUse === false) return { folder, target: own, specialUse: undefined };
    const byUse = this.#placeBelow(levels, ({ specialUse }) =>
      specialUse === undefined ? undefined : this.#pathByUse.get(specialUse),
    );
    return { folder, target: byUse ?? own, specialUse: folder.specialUse };
  }

  /** Where the nearest folder above (or the folder itself) goes, and the rest below that. */
  #placeBelow(
    levels: readonly string[],
    targetOf: (above: SourceFolder) => string | undefined,
  ): string | undefined {
    for (const above of this.#index.chain(levels)) {
      const target = targetOf(above);
      if (target === undefined) continue;
      return join([target, ...levels.slice(above.levels.length).map(toLevel)]);
    }
    return undefined;
  }
}

function parseMap(text: string): FolderMap {
  const at = text.indexOf('=');
  const [from, to] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  if (from !== '' && to !== '' && at > 0) return { from, to };
  throw new OperatorError(
    `--map: "${text}" is not SOURCE=TARGET, such as 'Sent Items=Sent'`,
    EXIT_CODES.usage,
  );
}

/** A misspelt name would quietly leave mail behind. */
function checkPatterns(
  folders: readonly SourceFolder[],
  patterns: readonly { readonly pattern: string; readonly matches: (name: string) => boolean }[],
  maps: readonly FolderMap[],
): void {
  const missing =
    patterns.find(({ matches }) => !folders.some(({ name }) => matches(name)))?.pattern ??
    maps.find(({ from }) => !folders.some(({ name }) => isSame(from, name)))?.from;
  if (missing === undefined) return;
  const names = folders.map(({ name }) => name);
  const shown = names.slice(0, 20).join(', ') + (names.length > 20 ? ', …' : '');
  throw new OperatorError(
    `the source has no folder ${missing}; it has: ${shown}`,
    EXIT_CODES.refused,
  );
}

/** Whether a folder's name is meant: "*" in the pattern is anything, INBOX has no case. */
export function matchesName(pattern: string, name: string): boolean {
  return matcher(pattern)(name);
}

function matcher(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return (name) => expression.test(name) || isSame(pattern, name);
}

/** INBOX alone has no case (RFC 9051 §5.1). */
function isSame(left: string, right: string): boolean {
  return nameKey(left) === nameKey(right);
}

function nameKey(name: string): string {
  return name.toUpperCase() === 'INBOX' ? 'INBOX' : name;
}

function toLevel(level: string): string {
  return level.replaceAll('/', '_').normalize('NFC');
}

function join(levels: readonly string[]): string {
  return levels.join('/');
}
