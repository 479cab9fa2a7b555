/** THREAD and UID THREAD (RFC 5256 §5). */
import type { ThreadAlgorithm } from '@homeward/search';
import { parseSearchKeys } from '../search-key.ts';
import { parseCharset } from '../search-program.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** By their word. */
export const THREAD_ALGORITHMS: ReadonlyMap<string, ThreadAlgorithm> = new Map([
  ['ORDEREDSUBJECT', 'orderedsubject'],
  ['REFERENCES', 'references'],
  ['REFS', 'refs'],
]);

/** `thread SP thread-alg SP charset 1*(SP search-key)` */
export const threadSyntax: WholeSyntax = {
  word: 'THREAD',
  hasUidForm: true,
  parse(decoder, numbering) {
    decoder.space();
    const start = decoder.position;
    const algorithm = THREAD_ALGORITHMS.get(decoder.atom('a threading algorithm').toUpperCase());
    if (algorithm === undefined) return decoder.fail('a known threading algorithm', start);
    decoder.space();
    const charset = parseCharset(decoder);
    return { name: 'thread', numbering, algorithm, charset, criteria: parseSearchKeys(decoder) };
  },
};
