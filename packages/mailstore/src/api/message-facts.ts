/** What is known of messages without opening them, who makes it, and their octets. */
import type { Uid } from './message-ids.ts';

/** What can be asked of messages without opening them. */
export type FactName =
  | 'envelope'
  | 'body'
  | 'body-structure'
  | 'header'
  | 'shape'
  | 'octets'
  | 'email-id'
  | 'save-date'
  | 'preview'
  | 'sort-facts';

/** Answers to `FactName`s; a fact that was not asked for is undefined. */
export interface MessageFacts {
  readonly uid: Uid;
  /** As the describer made them at arrival. */
  readonly envelope: Uint8Array | undefined;
  readonly body: Uint8Array | undefined;
  readonly bodyStructure: Uint8Array | undefined;
  /** Undefined as well if the describer kept no header because it was too long. */
  readonly header: Uint8Array | undefined;
  readonly shape: Uint8Array | undefined;
  /** The whole message if it lies in the database; undefined if it is a file: open it. */
  readonly octets: Uint8Array | undefined;
  /** "M" and the digest of the octets: equal octets, equal id (RFC 8474 §5.1). */
  readonly emailId: string | undefined;
  /** When it came into its folder (RFC 8514), to the second; undefined if nobody knows. */
  readonly saveDateMs: number | undefined;
  /** As the describer made them; undefined if it made none. */
  readonly preview: Uint8Array | undefined;
  readonly sortFacts: Uint8Array | undefined;
}

/**
 * What an injected describer makes of a message: opaque octets, computed once at arrival,
 * kept and given back as they are. The describer bounds their sizes.
 */
export interface MessageDescription {
  readonly envelope: Uint8Array;
  readonly body: Uint8Array;
  readonly bodyStructure: Uint8Array;
  readonly shape: Uint8Array;
  /** Makes the rest. Called at most once, and perhaps only after the message was answered for. */
  readonly describeRest: () => RestDescription;
}

/**
 * What of a description nobody needs to have: readers make it of the message where it is missing.
 * So it becomes durable a moment after the message, and a power cut may take it away.
 */
export interface RestDescription {
  /** Undefined if too long to be worth keeping. */
  readonly header: Uint8Array | undefined;
  readonly preview?: Uint8Array | undefined;
  readonly sortFacts?: Uint8Array | undefined;
}

/** Takes a message in pieces and describes it. One for each message; `finish` ends it. */
export interface MessageDescriber {
  /** Must not keep `octets`. */
  push(octets: Uint8Array): void;
  finish(): MessageDescription;
}

/** A message opened for reading; it outlives an expunge. Close it. */
export interface MessageContent {
  readonly sizeBytes: number;
  /** Octets from `offset`, at most `count`; fewer only at the end. */
  read(offset: number, count: number): Promise<Uint8Array>;
  close(): Promise<void>;
}
