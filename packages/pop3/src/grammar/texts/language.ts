/**
 * The languages that texts are in, and which of them a client means (RFC 6856 §3.2). Until it
 * asks for one, texts are in English and ASCII.
 */
import { ENGLISH } from './english.ts';
import { FRENCH } from './french.ts';
import { GERMAN } from './german.ts';
import { SPANISH } from './spanish.ts';
import type { Texts } from './texts.ts';

/** Tags of all languages, for settings. */
export const LANGUAGE_TAGS = ['en', 'de', 'fr', 'es'] as const;

/** A tag as the listing shows it (RFC 5646). */
export type LanguageTag = (typeof LANGUAGE_TAGS)[number];

/** One language. */
export interface Language {
  readonly tag: LanguageTag;
  /** Its own name for itself. */
  readonly name: string;
  readonly texts: Texts;
}

const languages: Readonly<Record<LanguageTag, Language>> = {
  en: { tag: 'en', name: 'English', texts: ENGLISH },
  de: { tag: 'de', name: 'Deutsch', texts: GERMAN },
  fr: { tag: 'fr', name: 'Français', texts: FRENCH },
  es: { tag: 'es', name: 'Español', texts: SPANISH },
};

/** All of them, in the order of the listing. */
export const LANGUAGES: readonly Language[] = LANGUAGE_TAGS.map((tag) => languages[tag]);

/** What is spoken to a client that has not asked for anything. */
export const DEFAULT_LANGUAGE: Language = languages.en;

/**
 * Looks a basic language range up (RFC 4647 §3.4): `de-AT` is served by `de`.
 *
 * @param preferred What `*` stands for: the administrator's choice.
 * @returns undefined if there is no such language.
 */
export function findLanguage(range: string, preferred: LanguageTag): Language | undefined {
  if (range === '*') return languages[preferred];
  const subtags = range.toLowerCase().split('-');
  for (; subtags.length > 0; subtags.pop()) {
    const wanted = subtags.join('-');
    const found = LANGUAGES.find(({ tag }) => tag === wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
