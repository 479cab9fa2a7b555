/** What the dialogue before login says, in one language. */
import type { AuthFailure, AuthWords, LoginRefusal } from '@homeward/sasl';
import { formatChallenge, formatErr, formatOk } from '../grammar/response.ts';
import { LANGUAGES, type Language } from '../grammar/texts/language.ts';
import type { Texts } from '../grammar/texts/texts.ts';
import { formatRefusal } from './refusal-words.ts';

const FAILURES = {
  cancelled: 'cancelled',
  'initial-response-not-base64': 'initialResponseNotBase64',
  'response-not-base64': 'responseNotBase64',
  'response-not-fit': 'responseNotFit',
} as const satisfies Readonly<Record<AuthFailure, keyof Texts>>;

const ofLanguages: ReadonlyMap<Language, AuthWords> = new Map(
  LANGUAGES.map((language) => [language, createWords(language.texts)]),
);

/** Made once for all connections. */
export function authWordsOf(language: Language): AuthWords {
  return ofLanguages.get(language) ?? createWords(language.texts);
}

function createWords(texts: Texts): AuthWords {
  return {
    loggedIn: formatOk(texts.loggedIn),
    tlsBegins: formatOk(texts.tlsBegins),
    tlsIsActive: formatErr(undefined, texts.tlsIsActive),
    tlsIsUnavailable: formatErr('SYS/PERM', texts.tlsIsUnavailable),
    unknownMechanism: formatErr(undefined, texts.unknownMechanism),
    notBelieved: formatErr(undefined, texts.cancelled),
    lineTooLong: formatErr(undefined, texts.lineTooLong),
    waitForAnswer: formatErr(undefined, texts.waitForAnswer),
    tooManyCommands: formatErr(undefined, texts.tooManyCommands),
    tooManyErrors: undefined,
    webClient: formatErr(undefined, texts.webClient),
    tlsToPlainPort: formatErr(undefined, texts.tlsToPlainPort),
    challenge: formatChallenge,
    failure: (reason) => formatErr(undefined, texts[FAILURES[reason]]),
    refusal: (reason: LoginRefusal, detail?: string, reference?: string) =>
      formatRefusal(reason, texts, detail, reference),
  };
}
