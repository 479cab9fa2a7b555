/** What an export writes to; one implementation for each format. */
import type { MessageFacts, OpenedFolder, OwnerFolder } from './owner-folder.ts';

/** Files of one format in the folder of an export. */
export interface ExportWriter {
  /** @throws OperatorError if files cannot be read or written. */
  openFolder(
    folder: OwnerFolder,
    opened: OpenedFolder,
    messages: readonly MessageFacts[],
  ): Promise<FolderWriter>;
  /** After the last folder: what lies beside the folders. */
  finish(): Promise<void>;
}

/** One folder's files. End with exactly one `finish` or `abort`. */
export interface FolderWriter {
  /** For people and scripts: where it goes. */
  readonly file: string;
  /** What is not there yet, by UID: to be written in this order. */
  readonly wanted: readonly MessageFacts[];
  /** Whether the file gives back exactly the octets, by `homeward mailbox import`. */
  write(message: MessageFacts, chunks: AsyncIterable<Uint8Array>): Promise<boolean>;
  finish(): Promise<void>;
  /** Leaves nothing behind that looks whole. */
  abort(): Promise<void>;
}
