/** An index of what messages say, which narrows a search for a text and never loses a match. */
export {
  createGramMaker,
  GramMaker,
  type MessageSource,
  UnreadableMessageError,
} from './message-grams.ts';
export {
  type IndexEntry,
  isIndexDamage,
  type MessageIds,
  TextIndexFile,
} from './text-index-file.ts';
export type { TextQuery, TextScope } from './text-query.ts';
export { type MessageTokens, tokensOfUnreadable } from './tokens.ts';
