/** The words for ending a connection from our side, in each language. */
import { type FarewellReason, lineWithReference, type SessionFarewells } from '@homeward/sasl';
import { formatErr } from '../grammar/response.ts';
import { formatSessionEnd } from '../grammar/session-end-words.ts';
import { LANGUAGES, type Language, type LanguageTag } from '../grammar/texts/language.ts';
import type { Texts } from '../grammar/texts/texts.ts';

/**
 * A whole line for a client that has not logged in.
 *
 * @param detail Of a limit; in English whatever the language.
 */
export function formatFarewell(reason: FarewellReason, texts: Texts, detail?: string): string {
  switch (reason) {
    case 'idle':
      return formatErr(undefined, texts.idleBeforeLogin);
    case 'shutting-down':
      return formatErr('SYS/TEMP', texts.restartingBeforeLogin);
    case 'limit':
      return formatErr(
        'SYS/TEMP',
        detail === undefined ? texts.tooManyConnections : `${texts.tooManyConnections}: ${detail}`,
      );
    case 'switched-off':
      return formatErr('SYS/PERM', texts.switchedOff);
    case 'broken-client':
      return formatErr(undefined, texts.notPop3);
    default:
      return formatSessionEnd(reason, texts, false);
  }
}

const ofSessions: ReadonlyMap<LanguageTag, SessionFarewells> = new Map(
  LANGUAGES.map(({ tag, texts }) => [tag, inLanguage(texts)]),
);

/** One function for all sessions in a language. Whether QUIT deletes anything is not known here. */
export function sessionFarewells({ tag, texts }: Language): SessionFarewells {
  return ofSessions.get(tag) ?? inLanguage(texts);
}

function inLanguage(texts: Texts): SessionFarewells {
  return (reason, reference) => lineWithReference(formatFarewell(reason, texts), reference);
}
