/**
 * SORT (RFC 5256 §3) with the display keys of RFC 5957: the order of messages by any list of
 * criteria. Of each message only what the criteria ask for is kept.
 */
import { orderKey } from './collation.ts';
import { type Compare, sortSteps } from './merge-sort.ts';
import type { SortFacts } from './sort-facts.ts';
import type { Steps } from './steps.ts';

/** RFC 5256 §5 sort-key, RFC 5957 §5. */
export type SortKey =
  | 'arrival'
  | 'cc'
  | 'date'
  | 'display-from'
  | 'display-to'
  | 'from'
  | 'size'
  | 'subject'
  | 'to';

/** One key of a sort program. */
export interface SortCriterion {
  readonly key: SortKey;
  /** REVERSE: descending in this key alone. */
  readonly isReversed: boolean;
}

/** What is known of a message to be sorted. */
export interface SortableMessage {
  readonly sizeBytes: number;
  /** INTERNALDATE; compared by whole seconds, which is what clients see of it. */
  readonly internalDateMs: number;
  /** Undefined for a message of which nothing else is known: it sorts as if it had no header. */
  readonly facts: SortFacts | undefined;
}

/** Takes messages, then gives their order. For one SORT. */
export interface Sorter {
  /** Whether `facts` are looked at; else leave them undefined. */
  readonly needsFacts: boolean;
  /** Takes the next message, in mailbox order, which decides between equals. */
  add(message: SortableMessage): void;
  /** @returns the numbers of the messages (0 for the first added) in order. Call once. */
  sort(): Steps<Int32Array>;
}

type Column =
  | { readonly isText: true; readonly values: string[]; readonly sign: 1 | -1 }
  | { readonly isText: false; readonly values: number[]; readonly sign: 1 | -1 };

const textOf: Readonly<
  Record<Exclude<SortKey, 'arrival' | 'date' | 'size'>, (facts: SortFacts) => string>
> = {
  cc: (facts) => facts.cc,
  'display-from': (facts) => facts.displayFrom,
  'display-to': (facts) => facts.displayTo,
  from: (facts) => facts.from,
  subject: (facts) => facts.subject,
  to: (facts) => facts.to,
};

/** @param criteria Most important first; at least one. */
export function createSorter(criteria: readonly SortCriterion[]): Sorter {
  // A key that comes again cannot decide anything any more.
  const decisive = criteria.filter(
    ({ key }, at) => criteria.findIndex((one) => one.key === key) === at,
  );
  const columns = decisive.map(({ key, isReversed }) => createColumn(key, isReversed ? -1 : 1));
  let count = 0;
  return {
    needsFacts: decisive.some(({ key }) => key !== 'arrival' && key !== 'size'),
    add: (message) => {
      count += 1;
      for (const column of columns) column.add(message);
    },
    sort: () => sortSteps(count, compareBy(columns.map(({ column }) => column))),
  };
}

interface FilledColumn {
  readonly column: Column;
  readonly add: (message: SortableMessage) => void;
}

function createColumn(key: SortKey, sign: 1 | -1): FilledColumn {
  if (key === 'arrival' || key === 'date' || key === 'size') {
    const values: number[] = [];
    const add = (message: SortableMessage): void => {
      values.push(numberOf(key, message));
    };
    return { column: { isText: false, values, sign }, add };
  }
  const values: string[] = [];
  const read = textOf[key];
  const add = ({ facts }: SortableMessage): void => {
    values.push(facts === undefined ? '' : orderKey(read(facts)));
  };
  return { column: { isText: true, values, sign }, add };
}

function numberOf(key: 'arrival' | 'date' | 'size', message: SortableMessage): number {
  if (key === 'size') return message.sizeBytes;
  return key === 'date' ? sentSecondsOf(message) : Math.floor(message.internalDateMs / 1000);
}

/** The sent date in seconds (RFC 5256 §2.2): that of the header, else the INTERNALDATE. */
export function sentSecondsOf({
  facts,
  internalDateMs,
}: Pick<SortableMessage, 'facts' | 'internalDateMs'>): number {
  return Math.floor((facts?.sentDateMs ?? internalDateMs) / 1000);
}

function compareBy(columns: readonly Column[]): Compare {
  const [first, ...others] = columns.map(compareColumn);
  if (first === undefined) return () => 0;
  if (others.length === 0) return first;
  return (left, right) => {
    let order = first(left, right);
    for (let at = 0; order === 0 && at < others.length; at += 1) {
      order = (others[at] as Compare)(left, right);
    }
    return order;
  };
}

function compareColumn({ isText, values, sign }: Column): Compare {
  if (!isText) {
    return (left, right) => sign * ((values[left] as number) - (values[right] as number));
  }
  return (left, right) => {
    const one = values[left] as string;
    const other = values[right] as string;
    if (one === other) return 0;
    return one < other ? -sign : sign;
  };
}
