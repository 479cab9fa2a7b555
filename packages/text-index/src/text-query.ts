/**
 * What can be asked of an index of texts, in the words of SEARCH (RFC 9051 §6.4.4), and the
 * letter that each part of a message has in it.
 */

/** Where a text is sought. "text" is a message's own header, or anything behind it. */
export type TextScope = 'subject' | 'from' | 'to' | 'cc' | 'bcc' | 'header' | 'body' | 'text';

/** One text sought. */
export interface TextQuery {
  readonly scope: TextScope;
  /** In the form that mime's `foldForSearch` gives. */
  readonly text: string;
}

/** Scopes that are kept apart in the index. */
export type IndexedScope = Exclude<TextScope, 'text'>;

/** Fields of a message's header that have a scope of their own. */
export const fieldScopes: readonly IndexedScope[] = ['subject', 'from', 'to', 'cc', 'bcc'];

/** With this letter every gram of a scope begins. */
export const scopeLetters: Readonly<Record<IndexedScope, string>> = {
  subject: 's',
  from: 'f',
  to: 't',
  cc: 'c',
  bcc: 'v',
  header: 'h',
  body: 'b',
};

/** The scopes in one of which a text must lie as a whole. */
export function indexedScopes(scope: TextScope): readonly IndexedScope[] {
  return scope === 'text' ? ['header', 'body'] : [scope];
}
