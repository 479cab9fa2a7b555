/**
 * What mail can be imported from. A source lists folders and gives their messages one after
 * another, in a stable order; it holds a few messages in memory at most.
 */
import type { MessageContent } from './message-content.ts';

/** A message as found; flags are IMAP's. */
export interface SourceMessage {
  /** Where it was found, for messages to the operator: `Inbox.mbox, message 17`. */
  readonly place: string;
  readonly flags: readonly string[];
  /** Undefined: take it from the Date header, else now. */
  readonly receivedMs: number | undefined;
  /** Whoever gets the message closes it; why it cannot be imported at all, where it is text. */
  readonly content: MessageContent | string;
}

/** What a folder asks of who reads it. */
export interface SourceReader {
  /**
   * Whether a message with this EMAILID lies at the target already; takes that copy, so that
   * another message of the same octets needs another. For sources that know it without reading.
   */
  takePresent(emailId: string): boolean;
  /** Hears of progress, in the source's own unit. */
  onProgress(steps: number): void;
}

/** One folder of a source. */
export interface SourceFolder {
  /** As people know it there. */
  readonly name: string;
  /** Levels of its path; ["INBOX"] for the inbox. */
  readonly levels: readonly string[];
  /** As the source says it, with the backslash; undefined also if it does not say it. */
  readonly specialUse: string | undefined;
  readonly isSubscribed: boolean;
  /** Why it is not imported unless it is asked for by name; undefined for nearly all. */
  readonly leaveOut: string | undefined;
  /** For a progress bar, in the source's unit. */
  readonly stepCount: number;
  readonly messageCount: number | undefined;
  readonly sizeBytes: number | undefined;
  /**
   * Reads all messages. May be called again after it failed.
   *
   * @throws ConnectionLostError if that is worth another try after `ImportSource.reopen`.
   */
  messages(reader: SourceReader): AsyncIterable<SourceMessage>;
}

/** A source that was found. The caller closes it. */
export interface ImportSource {
  readonly kind: 'mbox' | 'maildir' | 'eml' | 'imap';
  readonly folders: readonly SourceFolder[];
  /** What a step of `stepCount` is. */
  readonly unit: 'bytes' | 'messages';
  /** After a ConnectionLostError. @throws OperatorError if it is still away. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}
