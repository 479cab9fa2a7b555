import { describe, expect, test } from 'vitest';
import { formatErr } from '../response.ts';
import { answerLang } from './answer-lang.ts';
import { DEFAULT_LANGUAGE, findLanguage, LANGUAGES } from './language.ts';
import type { LanguageTag } from './language.ts';
import type { Texts } from './texts.ts';

/** All texts of a language, those with numbers in them made with some. */
function listTexts({ refusals, ended, ...texts }: Texts): readonly string[] {
  const made = Object.values<string | ((...values: never[]) => string)>(texts).map((text) =>
    typeof text === 'string' ? text : (text as (...values: unknown[]) => string)(12, 34),
  );
  return [...made, ...Object.values(refusals), ...Object.values(ended)];
}

const english = listTexts(DEFAULT_LANGUAGE.texts);

describe('texts in every language (RFC 6856 §3.2)', () => {
  test.each(LANGUAGES)('$tag: are one line each that fits a reply', ({ texts }) => {
    for (const text of listTexts(texts)) {
      expect(text).toMatch(/^[^\p{Cc}[.\s][^\p{Cc}]*$/u);
      expect(formatErr('LOGIN-DELAY', text).length).toBeLessThan(300);
    }
  });

  test.each(LANGUAGES.filter((language) => language !== DEFAULT_LANGUAGE))(
    '$tag: are translated, with the same numbers in them',
    ({ texts }) => {
      const numbersOf = (text: string): string[] => (text.match(/\b(?:12|34)\b/g) ?? []).toSorted();
      const translated = listTexts(texts);
      expect(translated).toHaveLength(english.length);
      expect(translated.map(numbersOf)).toEqual(english.map(numbersOf));
      const same = translated.filter((text, at) => text === english[at]);
      // Words that are the same in both languages, such as "12 messages (34 octets)" in French.
      expect(same.length).toBeLessThan(4);
    },
  );

  test('en: is ASCII, for clients that have not asked for anything', () => {
    for (const text of english) expect(text).toMatch(/^[ -~]+$/);
  });

  test.each(LANGUAGES)('$tag: begin with the size where clients look for it', ({ texts }) => {
    expect(texts.octets(4711)).toMatch(/^4711 /);
  });
});

describe('findLanguage()', () => {
  test.each<[string, LanguageTag, string]>([
    ['en', 'fr', 'en'],
    ['de', 'fr', 'de'],
    ['DE', 'fr', 'de'],
    ['de-AT', 'fr', 'de'],
    ['es-419', 'fr', 'es'],
    ['fr-Latn-CA', 'en', 'fr'],
    ['*', 'fr', 'fr'],
    ['*', 'en', 'en'],
  ])('finds %s (with %s preferred) as %s', (range, preferred, tag) => {
    expect(findLanguage(range, preferred)?.tag).toBe(tag);
  });

  test.each(['MUL', 'uga', 'd', 'den', 'i-default', 'x-de', 'toString', '*-DE', ''])(
    'does not find %j',
    (range) => {
      expect(findLanguage(range, 'fr')).toBeUndefined();
    },
  );
});

describe('answerLang()', () => {
  const german = findLanguage('de', 'en') ?? DEFAULT_LANGUAGE;

  test('lists the languages by their own names, in UTF-8', () => {
    const { isOk, octets, language } = answerLang(undefined, german, 'en');
    expect(Buffer.from(octets, 'latin1').toString()).toBe(
      '+OK Es folgen die Sprachen\r\nen English\r\nde Deutsch\r\nfr Français\r\nes Español\r\n.\r\n',
    );
    expect({ isOk, language }).toEqual({ isOk: true, language: german });
  });

  test('answers in the new language, its tag first', () => {
    const { octets, language } = answerLang('fr-CH', german, 'en');
    expect(Buffer.from(octets, 'latin1').toString()).toBe(
      '+OK fr Les textes sont désormais en français\r\n',
    );
    expect(language.tag).toBe('fr');
  });

  test('stays in the old language when there is no such one', () => {
    const { isOk, octets, language } = answerLang('uga', german, 'en');
    expect(octets).toBe('-ERR In dieser Sprache gibt es keine Texte\r\n');
    expect({ isOk, language }).toEqual({ isOk: false, language: german });
  });
});
