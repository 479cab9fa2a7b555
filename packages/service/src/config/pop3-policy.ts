/**
 * Live settings of POP3 that both halves read: the front end tells clients before login what the
 * back end holds to behind it (RFC 2449 §6 wants the same said in both states).
 */
import { LANGUAGE_TAGS, type LanguageTag } from '@homeward/pop3/grammar';
import { z } from 'zod';
import { help } from './key-help.ts';

export interface Pop3PolicySettings {
  readonly language: LanguageTag;
}

/** Keys of the section `pop3` in either half's form. */
export const pop3PolicyShape: {
  readonly language: z.ZodDefault<z.ZodType<LanguageTag>>;
} = {
  language: z
    .enum(LANGUAGE_TAGS)
    .default('en')
    .meta(
      help(
        'Language of texts for clients that leave the choice to the server, by LANG *; others hear English, or what they ask for.',
      ),
    ),
};
