/** What sources on disk have in common: nothing to connect to, nothing said of folders. */
import type { ImportSource, SourceFolder } from './import-source.ts';

/** A folder as a source on disk finds it. */
export type FileFolder = Pick<SourceFolder, 'levels' | 'messages'> & {
  readonly sizeBytes: number;
  readonly messageCount?: number | undefined;
};

export function openFileSource(
  kind: ImportSource['kind'],
  folders: readonly FileFolder[],
): ImportSource {
  return {
    kind,
    unit: 'bytes',
    folders: folders.map(({ levels, messages, sizeBytes, messageCount }) => ({
      name: levels.join('/'),
      levels,
      messages,
      sizeBytes,
      messageCount,
      stepCount: sizeBytes,
      specialUse: undefined,
      // Whoever imports a folder wants to see it.
      isSubscribed: true,
      leaveOut: undefined,
    })),
    reopen: async () => {},
    close: async () => {},
  };
}
