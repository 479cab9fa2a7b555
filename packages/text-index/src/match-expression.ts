/**
 * What is sought, as an FTS5 expression that all messages meet in which it may be found: all
 * of its grams in one scope, or that scope too full to tell.
 */
import { GramSet, rarityOf } from './gram-set.ts';
import { indexedScopes, type IndexedScope, type TextQuery } from './text-query.ts';
import { anythingToken, tokenOf } from './tokens.ts';

/** Grams asked for at most: more cost more than they spare. */
const MOST_GRAMS = 16;
/** Characters of a text that are looked at; what has all of it has these, too. */
const MOST_CHARACTERS = 2048;

let grams: GramSet | undefined;

/** @returns undefined if the text has no gram: nothing can be ruled out. */
export function matchExpression(query: TextQuery): string | undefined {
  const chosen = chooseGrams(query.text);
  if (chosen.length === 0) return undefined;
  return indexedScopes(query.scope)
    .map((scope) => expressionIn(scope, chosen))
    .join(' OR ');
}

function expressionIn(scope: IndexedScope, chosen: readonly number[]): string {
  const all = chosen.map((gram) => `"${tokenOf(scope, gram)}"`).join(' AND ');
  return `(${all}) OR "${anythingToken(scope)}"`;
}

/** The rarest first. */
function chooseGrams(text: string): readonly number[] {
  grams ??= new GramSet();
  grams.start();
  grams.push(text.slice(0, MOST_CHARACTERS));
  return grams.grams.sort((a, b) => rarityOf(b) - rarityOf(a)).slice(0, MOST_GRAMS);
}
