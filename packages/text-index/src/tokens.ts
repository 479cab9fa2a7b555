/**
 * Grams as FTS5 takes them: words of ASCII letters and digits, the scope's letter first, then
 * the gram's number to base 36. The letter alone says that the scope has so many grams that
 * whatever is sought there may be in it.
 */
import type { GramSet } from './gram-set.ts';
import { type IndexedScope, scopeLetters } from './text-query.ts';

declare const brand: unique symbol;
/** All tokens of one message, separated by blanks. */
export type MessageTokens = string & { readonly [brand]: 'MessageTokens' };

/** Names of the grams met so far that are numbered low, as most are. */
const NAMES: (string | undefined)[] = Array.from({ length: 64_000 });

export function tokenOf(scope: IndexedScope, gram: number): string {
  const known = NAMES[gram];
  if (known !== undefined) return scopeLetters[scope] + known;
  const name = gram.toString(36);
  if (gram < NAMES.length) NAMES[gram] = name;
  return scopeLetters[scope] + name;
}

/** What a message has in a scope that is too full to be told apart. */
export function anythingToken(scope: IndexedScope): string {
  return scopeLetters[scope];
}

/** Gathers one message's tokens. */
export class TokenWriter {
  readonly #tokens: string[] = [];

  addScope(scope: IndexedScope, set: GramSet): void {
    if (set.isFull) this.addAnything(scope);
    else for (const gram of set.grams) this.#tokens.push(tokenOf(scope, gram));
  }

  addAnything(scope: IndexedScope): void {
    this.#tokens.push(anythingToken(scope));
  }

  finish(): MessageTokens {
    return this.#tokens.join(' ') as MessageTokens;
  }
}

/** For a message that cannot be read: found by everything, whatever it is that reads it later. */
export function tokensOfUnreadable(): MessageTokens {
  return Object.values(scopeLetters).join(' ') as MessageTokens;
}
