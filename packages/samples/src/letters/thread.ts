/** Conversations between several people, told as data. */
import type { PersonKey } from '../people.ts';

/** One message of a conversation. */
export interface Note {
  readonly from: PersonKey | 'owner';
  /** Hours after the message before it. */
  readonly afterHours: number;
  readonly text: string;
  /** A file that comes along. */
  readonly file?: 'pdf' | 'png' | 'contact';
  /** True: with an HTML alternative. */
  readonly isRich?: boolean;
}

/** A conversation; everybody in it gets every message. */
export interface Thread {
  readonly subject: string;
  /** Age of the first message, in days. */
  readonly ageDays: number;
  /** Where its messages lie; those of the owner lie in Sent. */
  readonly folder: string;
  readonly notes: readonly Note[];
}
