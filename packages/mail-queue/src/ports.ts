/**
 * What the queue needs of those around it: who says where a recipient is (`Router`), who takes a
 * message there (`Transport`). The queue owns these interfaces; a back end supplies them.
 *
 * Addresses are text as in a command, without brackets (`formatMailbox` of the SMTP grammar).
 */
import type { EnhancedCode, MailParameters, RecipientParameters } from '@homeward/smtp/grammar';

/** Where mail goes in one hop. Two recipients of one destination share one transaction. */
export type Destination =
  /** Mailboxes of this worker of a site, which may be the queue's own. */
  | { readonly kind: 'worker'; readonly site: string; readonly workerIndex: number }
  /** By the smart hosts. */
  | { readonly kind: 'elsewhere'; readonly domain: string };

/** Why mail did not go on, in the words of who said so. */
export interface DeliveryReply {
  /** Of the reply, 4yz or 5yz; the queue's own findings have such a code as well. */
  readonly code: number;
  /** RFC 3463. */
  readonly enhanced: EnhancedCode;
  /** What the other side said; what is not printable is replaced, and its length bounded, here. */
  readonly text: string;
}

/** Where a recipient is at this moment. */
export type Route =
  | { readonly kind: 'to'; readonly destination: Destination }
  /** For good, such as an account that is gone meanwhile: 5yz. */
  | ({ readonly kind: 'failed' } & DeliveryReply)
  /** Cannot be said now, such as without a directory: 4yz. */
  | ({ readonly kind: 'deferred' } & DeliveryReply);

export interface Router {
  /** Asked again at every attempt, since accounts move. Must not throw. */
  route(address: string): Promise<Route>;
}

/** One recipient of an attempt. */
export interface RequestedRecipient {
  readonly address: string;
  readonly parameters: RecipientParameters;
}

/** One message for some recipients of one destination. */
export interface DeliveryRequest {
  /** By which an operator finds the message in every log. */
  readonly reference: string;
  /** Empty for the null sender, `<>`. */
  readonly sender: string;
  readonly parameters: MailParameters;
  /** Exactly as many octets as `readMessage` gives. */
  readonly sizeBytes: number;
  /** At least one. */
  readonly recipients: readonly RequestedRecipient[];
  /**
   * The message as it was spooled, dots not doubled, in pieces of at most 64 KB, read as they
   * are asked for. May be called anew, as for the next host of a list, but not twice at once.
   * Iteration throws if the volume fails: the transport must then break its connection, never
   * end the message, and may let the error go through.
   */
  readMessage(): AsyncIterable<Uint8Array>;
}

/** What became of one recipient. */
export interface DeliveryOutcome extends DeliveryReply {
  readonly kind: /** It is in the mailbox, durably. */
    | 'delivered'
    /** Another server has taken it over; 2yz. */
    | 'relayed'
    /** To be tried again; 4yz, or no answer. */
    | 'deferred'
    /** For good; 5yz. */
    | 'failed';
  /** The host that said so, or that was tried; empty if there was none. */
  readonly remote: string;
  /** Relayed, and the other server was told of NOTIFY: what is to be reported it reports. */
  readonly isNotifyPassedOn?: boolean;
  /**
   * Deferred because nobody answers there at all: other messages for this destination wait
   * instead of trying in vain.
   */
  readonly isDestinationAway?: boolean;
  /**
   * Deferred, but the whole message had been sent when the connection broke: the next attempt
   * may bring it a second time. Counted.
   */
  readonly mayHaveArrived?: boolean;
}

export interface Transport {
  /**
   * Tries once. Time is the transport's to bound, by the deadlines of its protocol.
   *
   * @param signal Aborting ends the attempt soon; recipients not answered for are then deferred.
   * @returns One outcome for each recipient, in order. A rejection counts as a deferral of all.
   */
  deliver(
    destination: Destination,
    request: DeliveryRequest,
    signal: AbortSignal,
  ): Promise<readonly DeliveryOutcome[]>;
}

/** A message on its way into the queue; at most 128 KB of it are in memory. */
export interface Spool {
  /**
   * Takes a copy. Faults show at `finish`.
   *
   * @returns Nothing, or a promise to be awaited before more is written: the back-pressure.
   */
  write(octets: Uint8Array): Promise<void> | undefined;
  /** @returns The message, or why there is no room for it. Once. */
  finish(): Promise<SpooledMessage | EnqueueRefusal>;
  /** Leaves nothing behind. Instead of `finish`. Never rejects. */
  abort(): Promise<void>;
}

/** A whole message that is in no queue yet. Exactly one of `enqueue` and `discard` ends it. */
export interface SpooledMessage {
  readonly sizeBytes: number;
  /** As `DeliveryRequest.readMessage`, for what can be delivered without the queue. */
  readMessage(): AsyncIterable<Uint8Array>;
  /** Leaves nothing behind. Never rejects. */
  discard(): Promise<void>;
}

/** Why the queue takes nothing; `enqueueRefusalReply` has the words for a client. */
export type EnqueueRefusal =
  /** No room, on the volume or by the limits: 452 4.3.1. */
  | 'full'
  /** The volume fails: 451 4.3.0. */
  | 'unavailable';

/** Who sent a message and who is still to have it. */
export interface QueuedEnvelope {
  /** Unique, and the same as in the message's Received line. */
  readonly reference: string;
  /** Empty for the null sender. */
  readonly sender: string;
  readonly parameters: MailParameters;
  /** At least one. */
  readonly recipients: readonly RequestedRecipient[];
}

/** The part of the queue that takes mail. */
export interface QueueIntake {
  /** @param sizeBytes What is known of it beforehand; with it a full volume shows sooner. */
  openSpool(sizeBytes?: number): Spool;
  /**
   * Resolves when the message is durable: the client may be told 250 then. It is tried at once.
   * After a refusal nothing is left of it, and the message is discarded.
   */
  enqueue(message: SpooledMessage, envelope: QueuedEnvelope): Promise<'queued' | EnqueueRefusal>;
}

/** Time, as of the service package. */
export interface QueueClock {
  nowMs(): number;
  /** Runs `run` once, without keeping the process alive. @returns Takes it back. */
  after(delayMs: number, run: () => void): () => void;
}
