/** What of the queue can be set while it runs. Read at the moment it is needed. */

export interface QueueSettings {
  /** A message that could not be delivered for so long is given back to its sender. */
  readonly expiryMs: number;
  /** After so long its sender is told that it is still waiting; 0: never. */
  readonly delayNoticeMs: number;
  /** The longest pause between two attempts. */
  readonly retryMaxMs: number;
  /** Attempts at once for one destination. */
  readonly destinationConcurrency: number;
  /** Attempts at once altogether. */
  readonly concurrency: number;
  /** Messages that one worker's queue holds, at most. */
  readonly maxMessages: number;
  /** Octets of them, at most. */
  readonly maxBytes: number;
  /** Received lines from which on a message goes in circles. */
  readonly maxHops: number;
}

const HOUR_MS = 3_600_000;

export const DEFAULT_QUEUE_SETTINGS: QueueSettings = {
  expiryMs: 5 * 24 * HOUR_MS,
  delayNoticeMs: 4 * HOUR_MS,
  retryMaxMs: HOUR_MS,
  destinationConcurrency: 10,
  concurrency: 50,
  maxMessages: 100_000,
  maxBytes: 20 * 1024 * 1024 * 1024,
  maxHops: 30,
};
