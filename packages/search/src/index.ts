/** Which messages, in which order, in which threads; knows neither wire nor store. Pure. */
export { type BaseSubject, extractBaseSubject } from './base-subject.ts';
export { foldKey, orderKey } from './collation.ts';
export type { MessageIdKey } from './message-id.ts';
export {
  formatNumberList,
  formatResults,
  type PartialRange,
  type ResultOptions,
  type ResultSlice,
  selectNamedResults,
  sliceOfPartial,
} from './result-set.ts';
export { makeSortFacts, type SortFacts } from './sort-facts.ts';
export { decodeSortFacts, encodeSortFacts } from './sort-facts-codec.ts';
export {
  createSorter,
  type SortableMessage,
  type SortCriterion,
  type Sorter,
  type SortKey,
} from './sorter.ts';
export { finishSteps, type Steps } from './steps.ts';
export { formatThreads } from './thread/format-threads.ts';
export {
  type Criteria,
  maxTextQueries,
  planTextSearch,
  type TextNarrowing,
  type TextPlan,
} from './text-plan.ts';
export { contentQueryOf, headerQueryOf, type TextQuery, type TextScope } from './text-query.ts';
export { threadIdOf } from './thread/thread-id.ts';
export { createThreader, type ThreadAlgorithm, type Threader } from './thread/threader.ts';
export type { ThreadForest } from './thread/thread-forest.ts';
export type { ThreadableMessage } from './thread/threaded-messages.ts';
