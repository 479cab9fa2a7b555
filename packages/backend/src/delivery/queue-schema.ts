/** The section `queue` of a back end: how long mail is tried, and how hard. All of it is live. */
import { DEFAULT_QUEUE_SETTINGS, type QueueSettings } from '@homeward/mail-queue';
import { help } from '@homeward/service';
import { z } from 'zod';

export interface QueueConfig {
  readonly expiryHours: number;
  readonly delayNoticeHours: number;
  readonly retryMaxMinutes: number;
  readonly connectionsPerDestination: number;
  readonly connections: number;
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly maxHops: number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DEFAULTS = DEFAULT_QUEUE_SETTINGS;

/** The form of the section, in the file and in the directory. */
export const queueSchema: z.ZodType<QueueConfig> = z
  .strictObject({
    expiryHours: z
      .number()
      .min(0.01)
      .max(24 * 30)
      .default(DEFAULTS.expiryMs / HOUR_MS)
      .meta(
        help(
          'After so long a message that could not be delivered is given back to its sender. Exchange has 48; RFC 5321 §4.5.4.1 asks for four days at least.',
          'MessageExpirationTimeout',
        ),
      ),
    delayNoticeHours: z
      .number()
      .min(0)
      .max(24 * 30)
      .default(DEFAULTS.delayNoticeMs / HOUR_MS)
      .meta(
        help(
          'After so long the sender is told that a message still waits; 0: never.',
          'DelayNotificationTimeout',
        ),
      ),
    retryMaxMinutes: z
      .number()
      .min(0.01)
      .max(24 * 60)
      .default(DEFAULTS.retryMaxMs / MINUTE_MS)
      .meta(
        help(
          'The longest pause between two attempts; the first ones are shorter.',
          'MessageRetryInterval',
        ),
      ),
    connectionsPerDestination: z
      .int()
      .min(1)
      .max(1_000)
      .default(DEFAULTS.destinationConcurrency)
      .meta(
        help(
          'Messages on their way to one destination at once.',
          'MaxPerDomainOutboundConnections',
        ),
      ),
    connections: z
      .int()
      .min(1)
      .max(10_000)
      .default(DEFAULTS.concurrency)
      .meta(help('Messages on their way at once, of one worker.', 'MaxOutboundConnections')),
    maxMessages: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(DEFAULTS.maxMessages)
      .meta(help('Messages that the queue of one worker holds; more are refused for now.')),
    maxBytes: z
      .int()
      .min(1_048_576)
      .default(DEFAULTS.maxBytes)
      .meta(help('Octets that the queue of one worker holds; more are refused for now.')),
    maxHops: z
      .int()
      .min(1)
      .max(100)
      .default(DEFAULTS.maxHops)
      .meta(help('Received lines from which on a message goes in circles.', 'MaxHopCount')),
  })
  .prefault({});

/** In the queue's own words. */
export function queueSettingsOf(config: QueueConfig): QueueSettings {
  return {
    expiryMs: config.expiryHours * HOUR_MS,
    delayNoticeMs: config.delayNoticeHours * HOUR_MS,
    retryMaxMs: config.retryMaxMinutes * MINUTE_MS,
    destinationConcurrency: config.connectionsPerDestination,
    concurrency: config.connections,
    maxMessages: config.maxMessages,
    maxBytes: config.maxBytes,
    maxHops: config.maxHops,
  };
}
