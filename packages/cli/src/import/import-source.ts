/**
 * What mail can be imported from. A source lists folders and gives their messages one after
 * another, in a stable order; it holds at most one message in memory.
 */

/** A message as found; line ends may be anything, flags are IMAP's. */
export interface SourceMessage {
  /** Where it was found, for messages to the operator: `Inbox.mbox, message 17`. */
  readonly place: string;
  readonly flags: readonly string[];
  /** Undefined: take it from the Date header, else now. */
  readonly receivedMs: number | undefined;
  readonly octets: Buffer;
  /** Why it cannot be imported at all; the octets mean nothing then. */
  readonly problem?: string;
}

/** One folder of a source. */
export interface SourceFolder {
  /** Path below the target, levels separated by "/"; "INBOX" for the inbox. */
  readonly path: string;
  /** For a progress bar: octets on disk. */
  readonly sizeBytes: number;
  /** Reads all messages; `onProgress` hears of octets read. */
  messages(onProgress: (bytes: number) => void): AsyncIterable<SourceMessage>;
}

/** A source found on disk. */
export interface ImportSource {
  readonly kind: 'mbox' | 'maildir' | 'eml';
  readonly folders: readonly SourceFolder[];
}
