/**
 * What an open mailbox needs of whoever keeps its index of texts: as a port, so that tests do
 * without a thread. The index narrows a search and holds nothing that could not be made again;
 * whatever goes wrong with it, the answer is that it narrows nothing.
 */
import type { MessageIds, TextQuery } from '@homeward/text-index';

/** One mailbox and its index. */
export interface TextIndexTarget {
  readonly databasePath: string;
  readonly messagesPath: string;
  readonly textPath: string;
  /** Tells this mailbox from another past of it. */
  readonly mailbox: string;
  /** The highest message id that is durable and will never be taken back. */
  readonly lastMessageId: number;
}

/** Messages that may have what was asked for. */
export interface TextCandidates {
  /** What came later than this message id is not in the index: it may have anything. */
  readonly watermark: number;
  /** For each query, ascending; undefined: it is too short to rule any out. */
  readonly messageIds: readonly (MessageIds | undefined)[];
}

export interface TextIndexer {
  /**
   * Takes some of the messages that are missing into the index.
   *
   * @returns True if there are more. Rejects with the error of the system or the database.
   */
  catchUp(target: TextIndexTarget): Promise<boolean>;
  /** Asks the index as it is. Rejects likewise. */
  findCandidates(target: TextIndexTarget, queries: readonly TextQuery[]): Promise<TextCandidates>;
  /** Ends what goes on for this mailbox, and closes its files. */
  forget(databasePath: string): Promise<void>;
  close(): Promise<void>;
}
