/** Plans for a text index, against looking at every message. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Criteria, maxTextQueries, planTextSearch } from './text-plan.ts';
import { contentQueryOf, headerQueryOf } from './text-query.ts';

interface TextLeaf {
  readonly key: 'text';
  readonly text: string;
}
interface FlagLeaf {
  readonly key: 'flag';
  readonly isSet: boolean;
}
type Leaf = TextLeaf | FlagLeaf;

const queryOf = (leaf: Leaf) =>
  leaf.key === 'text' ? contentQueryOf('text', leaf.text) : undefined;

const text = (sought: string): TextLeaf => ({ key: 'text', text: sought });
const and = (...keys: readonly Criteria<Leaf>[]): Criteria<Leaf> => ({ key: 'and', keys });
const or = (left: Criteria<Leaf>, right: Criteria<Leaf>): Criteria<Leaf> => ({
  key: 'or',
  left,
  right,
});
const not = (operand: Criteria<Leaf>): Criteria<Leaf> => ({ key: 'not', operand });

/** Three-valued, as the search does it: undefined where only a look can tell. */
function evaluate(
  criteria: Criteria<Leaf>,
  verdictOf: (leaf: Leaf) => boolean | undefined,
): boolean | undefined {
  switch (criteria.key) {
    case 'and':
    case 'or': {
      const operands = criteria.key === 'and' ? criteria.keys : [criteria.left, criteria.right];
      const decisive = criteria.key === 'or';
      const verdicts = operands.map((operand) => evaluate(operand, verdictOf));
      if (verdicts.includes(decisive)) return decisive;
      return verdicts.includes(undefined) ? undefined : !decisive;
    }
    case 'not': {
      const verdict = evaluate(criteria.operand, verdictOf);
      return verdict === undefined ? undefined : !verdict;
    }
    default:
      return verdictOf(criteria);
  }
}

const words = ['a', 'b', 'c', ''];

const { tree } = fc.letrec<{ tree: Criteria<Leaf>; leaf: Criteria<Leaf> }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(...words).map(text),
    fc.boolean().map((isSet): Leaf => ({ key: 'flag', isSet })),
  ),
  tree: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((keys) => and(...keys)),
    fc.tuple(tie('tree'), tie('tree')).map(([left, right]) => or(left, right)),
    tie('tree').map(not),
  ),
}));

/** A message: which words it has, which ones the index believes it may have, its flag. */
const message = fc.record({
  has: fc.subarray(words),
  mayHave: fc.subarray(words),
  isFlagged: fc.boolean(),
});

describe('planTextSearch()', () => {
  it('never rules out what matches, and leaves nothing open that it rules out', () => {
    const known = fc.subarray(words);
    fc.assert(
      fc.property(tree, fc.array(message, { maxLength: 6 }), known, (criteria, all, indexed) => {
        const plan = planTextSearch(criteria, queryOf);
        const answers = plan.queries.map((query) => {
          if (!indexed.includes(query.text)) return undefined;
          const ids = all.flatMap(({ has, mayHave }, id) =>
            [...has, ...mayHave].includes(query.text) ? [id] : [],
          );
          return new Set(ids);
        });
        const narrowing = plan.narrow(answers);
        for (const [id, { has, isFlagged }] of all.entries()) {
          const truth = (leaf: Leaf): boolean =>
            leaf.key === 'flag'
              ? isFlagged === leaf.isSet
              : leaf.text === '' || has.includes(leaf.text);
          const matches = evaluate(criteria, truth);
          const verdict = evaluate(criteria, (leaf) => {
            if (leaf.key === 'flag') return truth(leaf);
            return narrowing.rulesOut(leaf, id) ? false : undefined;
          });
          expect(verdict === undefined || verdict === matches).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('asks the same question once', () => {
    const plan = planTextSearch(and(text('a'), text('a'), or(text('a'), text('b'))), queryOf);
    expect(plan.queries.map((query) => query.text)).toEqual(['a', 'b']);
  });

  it('asks no more than a bounded number of questions', () => {
    const leaves = Array.from({ length: 10_000 }, (_, number) => text(`${number}`));
    const plan = planTextSearch(and(...leaves), queryOf);
    expect(plan.queries).toHaveLength(maxTextQueries);
    const narrowing = plan.narrow(plan.queries.map(() => new Set([1])));
    expect(narrowing.rulesOut(leaves[0]!, 2)).toBe(true);
    expect(narrowing.rulesOut(leaves[9_999]!, 2)).toBe(false);
  });
});

describe('headerQueryOf()', () => {
  it.each([
    ['SUBJECT', 'subject'],
    ['from', 'from'],
    ['To', 'to'],
    ['Cc', 'cc'],
    ['bcc', 'bcc'],
    ['X-Spam', 'header'],
    ['constructor', 'header'],
  ])('looks for %s in %s', (field, scope) => {
    expect(headerQueryOf(field, 'A')).toEqual({ scope, text: 'A' });
  });

  it('asks nothing about an empty text', () => {
    expect(headerQueryOf('SUBJECT', '')).toBeUndefined();
    expect(contentQueryOf('body', '')).toBeUndefined();
  });
});
