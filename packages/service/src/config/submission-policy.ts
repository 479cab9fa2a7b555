/**
 * Live settings of submission that both halves read: the front end tells clients before login what
 * the back end holds to behind it, where EHLO may be said again (RFC 5321 §4.1.4).
 */
import { OPTIONAL_EXTENSIONS, type OptionalExtension } from '@homeward/smtp/grammar';
import { z } from 'zod';
import { help } from './key-help.ts';

export interface SubmissionPolicySettings {
  readonly serverName: string;
  readonly maxMessageBytes: number;
  readonly extensions: readonly OptionalExtension[];
}

/** Exchange's 36 MB: attachments of 25 MB, once they are base64. */
const MESSAGE_BYTES = 37_748_736;
const GIBIBYTE = 1_073_741_824;
/** RFC 5321 §4.1.2 Domain, as EHLO and the greeting have it; an underscore is found in real names. */
const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/iu;

/** Keys of the section `submission` in either half's form. */
export const submissionPolicyShape: {
  readonly [Key in keyof SubmissionPolicySettings]: z.ZodDefault<
    z.ZodType<SubmissionPolicySettings[Key]>
  >;
} = {
  serverName: z
    .string()
    .regex(DOMAIN, 'is no host name')
    .default('localhost')
    .meta(
      help(
        'What the service calls itself in its greeting and in EHLO: the name that mail programs connect to.',
        'Fqdn',
      ),
    ),
  maxMessageBytes: z
    .int()
    .min(0)
    .max(4 * GIBIBYTE)
    .default(MESSAGE_BYTES)
    .meta(
      help(
        'The largest message that is taken, in octets as they are sent (SIZE); 0: no limit.',
        'MaxMessageSize',
      ),
    ),
  extensions: z
    .array(z.enum(OPTIONAL_EXTENSIONS))
    .default([...OPTIONAL_EXTENSIONS])
    .meta(
      help(
        'What EHLO offers of extensions that not every home has; leave out what a site of other software lacks.',
        'EightBitMimeEnabled, DeliveryStatusNotificationEnabled, ChunkingEnabled',
      ),
    ),
};
