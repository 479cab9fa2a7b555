/** What a text index is asked: which messages may have this text in this place. */

/** Where to look; "header" is any field, "text" the whole message, as SEARCH TEXT sees it. */
export type TextScope = 'bcc' | 'body' | 'cc' | 'from' | 'header' | 'subject' | 'text' | 'to';

/** A question that an index answers with a set in which no message that matches is missing. */
export interface TextQuery {
  readonly scope: TextScope;
  /** Folded by `foldForSearch`; not empty. */
  readonly text: string;
}

const fieldScopes: ReadonlyMap<string, TextScope> = new Map<string, TextScope>([
  ['bcc', 'bcc'],
  ['cc', 'cc'],
  ['from', 'from'],
  ['subject', 'subject'],
  ['to', 'to'],
]);

/**
 * The question of a SEARCH key HEADER, or of SUBJECT and its kin, which are the same.
 *
 * @param field A field name in any case.
 * @param text Folded. Empty asks whether there is such a field, which no text index knows.
 */
export function headerQueryOf(field: string, text: string): TextQuery | undefined {
  if (text === '') return undefined;
  return { scope: fieldScopes.get(field.toLowerCase()) ?? 'header', text };
}

/** The question of a SEARCH key BODY or TEXT. @param text Folded. Empty is in every message. */
export function contentQueryOf(scope: 'body' | 'text', text: string): TextQuery | undefined {
  return text === '' ? undefined : { scope, text };
}
