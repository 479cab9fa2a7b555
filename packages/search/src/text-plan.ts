/**
 * Which texts SEARCH criteria ask for, and what the answers of a text index leave to be looked
 * at. The index says which messages may have a text, never that they have it: whoever searches
 * looks into those, and into no others.
 *
 * A message that an index rules out does not match the key; everything else follows from that by
 * AND, OR and NOT in three-valued logic, so nothing that matches is ever left out.
 */
import type { TextQuery } from './text-query.ts';

/** Criteria as the grammar has them, over whatever keys there are. */
export type Criteria<Leaf> = Leaf | And<Leaf> | Or<Leaf> | Not<Leaf>;

/** Something that has a key which is none of the above. */
interface AnyLeaf {
  readonly key: string;
}

/**
 * Questions asked for one search; keys beyond are answered by looking. It bounds what a search
 * with thousands of keys costs the index.
 */
export const maxTextQueries = 64;

/** What to ask an index for one search. */
export interface TextPlan<Leaf> {
  /** Each once; at most `maxTextQueries`. */
  readonly queries: readonly TextQuery[];
  /** @param answers Of `queries`, in their order; undefined: the index cannot narrow this one. */
  narrow<Id extends number>(
    answers: readonly (ReadonlySet<Id> | undefined)[],
  ): TextNarrowing<Leaf, Id>;
}

/** What the answers of an index say. */
export interface TextNarrowing<Leaf, Id extends number> {
  /**
   * Whether the index knows that the message does not match the key: an object of the criteria
   * that were planned.
   */
  rulesOut(leaf: Leaf, id: Id): boolean;
}

/**
 * @param queryOf What a key asks of a text index; undefined for other keys. Called once for each
 *   key until there are enough queries.
 */
export function planTextSearch<Leaf extends AnyLeaf>(
  criteria: Criteria<Leaf>,
  queryOf: (leaf: Leaf) => TextQuery | undefined,
): TextPlan<Leaf> {
  const places = new Map<string, number>();
  const queries: TextQuery[] = [];
  const placeOf = new Map<Leaf, number>();
  visitLeaves(criteria, (leaf: Leaf) => {
    if (placeOf.size >= maxTextQueries) return;
    const query = queryOf(leaf);
    if (query === undefined) return;
    const name = `${query.scope} ${query.text}`;
    let place = places.get(name);
    if (place === undefined) {
      place = queries.push(query) - 1;
      places.set(name, place);
    }
    placeOf.set(leaf, place);
  });
  return {
    queries,
    narrow: <Id extends number>(answers: readonly (ReadonlySet<Id> | undefined)[]) => {
      const sets = new Map<Leaf, ReadonlySet<Id>>();
      for (const [leaf, place] of placeOf) {
        const answer = answers[place];
        if (answer !== undefined) sets.set(leaf, answer);
      }
      return {
        rulesOut: (leaf: Leaf, id: Id) => sets.get(leaf)?.has(id) === false,
      };
    },
  };
}

interface And<Leaf> {
  readonly key: 'and';
  readonly keys: readonly Criteria<Leaf>[];
}

interface Or<Leaf> {
  readonly key: 'or';
  readonly left: Criteria<Leaf>;
  readonly right: Criteria<Leaf>;
}

interface Not<Leaf> {
  readonly key: 'not';
  readonly operand: Criteria<Leaf>;
}

/** `Leaf` may be anything with a key, so the compiler cannot tell the operators by theirs. */
function isOperator<Leaf extends AnyLeaf>(
  criteria: Criteria<Leaf>,
): criteria is And<Leaf> | Or<Leaf> | Not<Leaf> {
  return criteria.key === 'and' || criteria.key === 'or' || criteria.key === 'not';
}

function operandsOf<Leaf>(operator: And<Leaf> | Or<Leaf> | Not<Leaf>): readonly Criteria<Leaf>[] {
  switch (operator.key) {
    case 'and':
      return operator.keys;
    case 'or':
      return [operator.left, operator.right];
    case 'not':
      return [operator.operand];
  }
}

/** Nesting is bounded by the grammar. */
function visitLeaves<Leaf extends AnyLeaf>(
  criteria: Criteria<Leaf>,
  visit: (leaf: Leaf) => void,
): void {
  if (!isOperator(criteria)) visit(criteria);
  else for (const operand of operandsOf(criteria)) visitLeaves(operand, visit);
}
