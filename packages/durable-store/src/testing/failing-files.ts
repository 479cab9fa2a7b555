/** The real files, until a test says which operation fails and how. */
import { nodeStoreFiles, type StoreFiles } from '../store-files.ts';

/** What can be made to fail. */
export type FileOperation =
  | 'createFile'
  | 'write'
  | 'sync'
  | 'rename'
  | 'syncFolder'
  | 'remove'
  | 'syncLog'
  | 'truncateLog';

export interface FailingFiles extends StoreFiles {
  /** `undefined`: all is well again. */
  failWith(operation: FileOperation | undefined, code?: string): void;
}

export function createFailingFiles(): FailingFiles {
  let failing: FileOperation | undefined;
  let failureCode = 'EIO';
  const check = (operation: FileOperation): void => {
    if (operation !== failing) return;
    throw Object.assign(new Error(`${failureCode}: injected`), { code: failureCode });
  };
  const guarded =
    <Arguments extends unknown[], Result>(
      operation: FileOperation,
      run: (...given: Arguments) => Promise<Result>,
    ) =>
    async (...given: Arguments): Promise<Result> => {
      check(operation);
      return run(...given);
    };
  return {
    ...nodeStoreFiles,
    failWith: (operation, code = 'EIO') => {
      failing = operation;
      failureCode = code;
    },
    rename: guarded('rename', (from: string, to: string) => nodeStoreFiles.rename(from, to)),
    syncFolder: guarded('syncFolder', (path: string) => nodeStoreFiles.syncFolder(path)),
    remove: guarded('remove', (path: string) => nodeStoreFiles.remove(path)),
    truncateLog: guarded('truncateLog', (path: string, lengthBytes: number) =>
      nodeStoreFiles.truncateLog(path, lengthBytes),
    ),
    createFile: guarded('createFile', async (path: string) => {
      const file = await nodeStoreFiles.createFile(path);
      return {
        write: guarded('write', (octets: Uint8Array) => file.write(octets)),
        sync: guarded('sync', () => file.sync()),
        close: () => file.close(),
      };
    }),
    openLog: async (path) => {
      const log = await nodeStoreFiles.openLog(path);
      return {
        readSalts: () => log.readSalts(),
        sync: guarded('syncLog', () => log.sync()),
        close: () => log.close(),
      };
    },
  };
}
