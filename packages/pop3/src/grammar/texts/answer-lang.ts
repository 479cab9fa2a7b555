/** The answer to LANG (RFC 6856 §3.2), the same before login and behind it. */
import { formatErr, formatLanguages, formatOk } from '../response.ts';
import { findLanguage, LANGUAGES } from './language.ts';
import type { Language, LanguageTag } from './language.ts';

/** What is said, and the language from then on: that of the answer, too. */
export interface LangAnswer {
  readonly isOk: boolean;
  readonly octets: string;
  readonly language: Language;
}

/**
 * @param range Undefined asks for the listing.
 * @param preferred What `*` stands for.
 */
export function answerLang(
  range: string | undefined,
  current: Language,
  preferred: LanguageTag,
): LangAnswer {
  if (range === undefined) {
    const octets = formatLanguages(current.texts.languagesFollow, LANGUAGES);
    return { isOk: true, octets, language: current };
  }
  const language = findLanguage(range, preferred);
  if (language === undefined) {
    const octets = formatErr(undefined, current.texts.unknownLanguage);
    return { isOk: false, octets, language: current };
  }
  const octets = formatOk(`${language.tag} ${language.texts.languageChanged}`);
  return { isOk: true, octets, language };
}
