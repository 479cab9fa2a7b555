/** What makers of single letters get and give. */
import type { Letter } from '../message-writer.ts';
import type { Person } from '../people.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** Whose mailbox, when, and where choices come from. */
export interface LetterContext {
  readonly owner: Person;
  readonly random: SeededRandom;
  readonly nowMs: number;
  /** A boundary that no other multipart of the mailbox has. */
  readonly createBoundary: () => string;
}

/** A letter without what all letters get in the same way. */
export interface LetterPlan extends Omit<Letter, 'dateMs' | 'messageId'> {
  readonly ageDays: number;
  /** Beside \Seen, which depends on age. */
  readonly flags?: readonly string[];
  /** The finished message goes through this, to break it as mail is broken. */
  readonly damage?: (message: string) => string;
}

/** Makes one letter; called once for a mailbox. */
export type LetterMaker = (context: LetterContext) => LetterPlan;
