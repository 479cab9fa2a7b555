/**
 * The repository as the checks see it: packages with their descriptions, and the source files in
 * them. Read once; the rules work on this value and never on the disk, so their tests make one up.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** How far up a package stands: 0 pure, 1 touches the world, 2 programs, T never shipped. */
export type Tier = 0 | 1 | 2 | 'T';

/** The parts of a package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly homeward?: { readonly tier?: Tier };
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** One source file of a package. */
export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** One package with its files. */
export interface Package {
  /** From the root of the repository: `packages/wire`. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly files: readonly SourceFile[];
}

/** Everything the layer checker reads. */
export interface Workspace {
  readonly root: Manifest;
  readonly packages: readonly Package[];
  /** The files of `tools/`, which belong to no package. */
  readonly tools: readonly SourceFile[];
}

const sourceName = /\.[cm]?[jt]s$/;
const skippedFolders: ReadonlySet<string> = new Set(['node_modules', 'fixtures']);

/** The folder that holds the repository. */
export const repositoryRoot: string = path.dirname(import.meta.dirname);

/** Reads the packages and their sources below `root`. */
export function readWorkspace(root: string): Workspace {
  const folders = readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}`);
  return {
    root: readManifest(root, '.'),
    packages: folders
      .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
      .map((folder) => ({
        folder,
        manifest: readManifest(root, folder),
        files: readSources(root, folder),
      })),
    tools: readSources(root, 'tools'),
  };
}

/** Files that only tests and measurements load: they may import testkit, and no shipped file may import them. */
export function isTestFile(filePath: string): boolean {
  return (
    /(?:\.test|\.bench|-contract)\.[jt]s$/.test(filePath) ||
    /\/(?:testing|fixtures|bench)\//.test(filePath)
  );
}

/** Paths of all files below `folder` whose name matches, sorted, with `/`. */
export function listFiles(root: string, folder: string, name: RegExp): string[] {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) {
        return skippedFolders.has(entry.name) ? [] : listFiles(root, file, name);
      }
      return entry.isFile() && name.test(entry.name) ? [file] : [];
    })
    .toSorted();
}

function readManifest(root: string, folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

function readSources(root: string, folder: string): SourceFile[] {
  return listFiles(root, folder, sourceName).map((file) => ({
    path: file,
    text: readFileSync(path.join(root, file), 'utf8'),
  }));
}
