/** Bounds of what clients and mailboxes may take. All of them apply live, to what begins from then on. */
import { help } from '@homeward/service';
import { z } from 'zod';

/** Bounds of what clients and mailboxes may take. */
export interface BackEndLimitsConfig {
  readonly imapCommandBytes: number;
  readonly pop3CommandBytes: number;
  readonly submissionCommandBytes: number;
  readonly messageBytes: number;
  readonly mailboxBytes: number;
  readonly openMailboxes: number;
  readonly connectionsPerWorker: number;
}

const MEBIBYTE = 1_048_576;

/** The form of the section `limits`, in the file and in the directory. */
export const limitsSchema: z.ZodType<BackEndLimitsConfig> = z
  .strictObject({
    imapCommandBytes: z
      .int()
      .min(1_024)
      .max(MEBIBYTE)
      .default(65_536)
      .meta(help('One command behind login, its literals included.', 'MaxCommandSize')),
    pop3CommandBytes: z
      .int()
      .min(255)
      .max(8_192)
      .default(512)
      .meta(help('One command behind login.', 'MaxCommandSize')),
    submissionCommandBytes: z
      .int()
      .min(512)
      .max(16_384)
      .default(2_048)
      .meta(help('One command behind login; lines of a message have no bound of their own.')),
    messageBytes: z
      .int()
      .min(1_024)
      .max(1_024 * MEBIBYTE)
      .default(64 * MEBIBYTE)
      .meta(help('One message that is appended.', 'MaxMessageSize')),
    mailboxBytes: z
      .int()
      .min(MEBIBYTE)
      .default(100 * 1_024 * MEBIBYTE)
      .meta(help('All messages of one mailbox.', 'ProhibitSendReceiveQuota')),
    openMailboxes: z
      .int()
      .min(1)
      .max(100_000)
      .default(1_000)
      .meta(help('Mailboxes open at once in a worker; each takes five file descriptors.')),
    connectionsPerWorker: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(50_000)
      .meta(help('Connections of one worker.', 'MaxConnections')),
  })
  .prefault({});
