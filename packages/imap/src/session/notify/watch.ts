/** What a session knows of its client's wishes to hear of things unasked (RFC 5465). */
import type { FetchItem } from '../../grammar/command.ts';

/** What of the selected folder is told. */
export type SelectedWishes = 'all' | 'messages' | 'nothing';

/** One NOTIFY's wishes, from its command to the next. Whoever has it closes it. */
export interface Watch {
  readonly wishes: SelectedWishes;
  /** Expunges may be told between commands: the client uses no numbers (RFC 5465 §6.1). */
  readonly tellsExpungesAnytime: boolean;
  /** What is sent of each new message of the selected folder. */
  readonly newItems: readonly FetchItem[] | undefined;
  /** Tells what happened elsewhere. */
  tell(): Promise<void>;
  close(): void;
}
