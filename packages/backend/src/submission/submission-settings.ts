/** The section `submission` of a back end: what a person may send. All of it applies live. */
import { type ProtocolSettings, SUBMISSION_SHAPE } from '@homeward/login-guards';
import { help, type SubmissionPolicySettings, submissionPolicyShape } from '@homeward/service';
import { z } from 'zod';
import { directShape } from '../login/direct-shape.ts';
import type { RateLimitSettings } from './rate-limits.ts';

export interface SubmissionSettings
  extends ProtocolSettings, SubmissionPolicySettings, RateLimitSettings {
  readonly idleSeconds: number;
  readonly maxRecipients: number;
  readonly saveSentCopy: boolean;
}

/** The form of the section, in the file and in the directory. */
export const submissionSettingsSchema: z.ZodType<SubmissionSettings> = z
  .strictObject({
    ...submissionPolicyShape,
    ...directShape(SUBMISSION_SHAPE),
    idleSeconds: SUBMISSION_SHAPE.idleSeconds.meta(
      help(
        'Silence after login of who logged in here himself (directLogin), in place of idleLimits.authenticatedSeconds.',
        'ConnectionInactivityTimeout',
      ),
    ),
    maxRecipients: z
      .int()
      .min(1)
      .max(10_000)
      .default(1_000)
      .meta(
        help(
          'Recipients of one message; a mail program sends to more in several messages. Exchange has 200, RFC 5321 asks for 100 at least.',
          'MaxRecipientsPerMessage',
        ),
      ),
    messagesPerMinute: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(30)
      .meta(
        help(
          'Messages of one account: so many at once, then at this pace; 0: no limit. Exchange has 5 on premises, which large mail merges and phones that were offline do not fit into, and 30 in the cloud.',
          'MessageRateLimit',
        ),
      ),
    recipientsPerHour: z
      .int()
      .min(0)
      .max(10_000_000)
      .default(2_000)
      .meta(
        help(
          'Recipients of one account, over all its messages: so many at once, then at this pace; 0: no limit. Exchange has 10,000 a day in the cloud.',
          'RecipientRateLimit',
        ),
      ),
    saveSentCopy: z
      .boolean()
      .default(false)
      .meta(
        help(
          'Whether a copy of each message goes into the sender’s folder for sent mail, also for programs that put one there themselves: there is only one in the end. Exchange does so in the cloud. An account may say otherwise: account set --save-sent-copy.',
        ),
      ),
  })
  .prefault({});
