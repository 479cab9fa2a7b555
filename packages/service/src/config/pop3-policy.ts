/**
 * Live settings of POP3 that both halves read: the front end tells clients before login what the
 * back end holds to behind it (RFC 2449 §6 wants the same said in both states).
 */
import { LANGUAGE_TAGS, type LanguageTag } from '@homeward/pop3/grammar';
import { z } from 'zod';
import { help } from './key-help.ts';

export interface Pop3PolicySettings {
  readonly language: LanguageTag;
  readonly loginDelaySeconds: number;
  readonly expireDays: number | 'never';
}

/** Keys of the section `pop3` in either half's form. */
export const pop3PolicyShape: {
  readonly [Key in keyof Pop3PolicySettings]: z.ZodDefault<z.ZodType<Pop3PolicySettings[Key]>>;
} = {
  language: z
    .enum(LANGUAGE_TAGS)
    .default('en')
    .meta(
      help(
        'Language of texts for clients that leave the choice to the server, by LANG *; others hear English, or what they ask for.',
      ),
    ),
  loginDelaySeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(0)
    .meta(
      help(
        'How long after a login a mailbox takes the next one over POP3 (LOGIN-DELAY); 0 is no such limit.',
      ),
    ),
  expireDays: z
    .union([z.literal('never'), z.int().min(0).max(36_500)])
    .default('never')
    .meta(
      help(
        'After how many days in the inbox read messages are removed at the end of a POP3 session (EXPIRE); 0 removes what the session fetched.',
      ),
    ),
};
