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

/** What became of a part of the work. */
export interface TextIndexProgress {
  readonly isMoreLeft: boolean;
  /** Messages that are there and could not be made sense of; every search looks into them. */
  readonly unreadableCount: number;
  /** For so long the machine should be left to others before more is done. */
  readonly restMs: number;
}

/** Messages that may have what was asked for. */
export interface TextCandidates {
  /** What came later than this message id is not in the index: it may have anything. */
  readonly watermark: number;
  /** Ascending; undefined: the text is too short to rule any out. */
  readonly messageIds: MessageIds | undefined;
}

/** All calls reject with the error of the system or the database. */
export interface TextIndexer {
  /** Takes some of the messages that are missing into the index. */
  catchUp(target: TextIndexTarget): Promise<TextIndexProgress>;
  /** Asks the index as it is. */
  findCandidates(target: TextIndexTarget, query: TextQuery): Promise<TextCandidates>;
  /** Ends what goes on for this mailbox, and closes its files. */
  forget(databasePath: string): Promise<void>;
  close(): Promise<void>;
}
