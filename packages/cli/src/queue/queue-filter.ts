/** The options that say which messages are meant, as `list` and the changes share them. */
import type { QueueFilter, QueueMessageState } from '@homeward/mail-queue';
import type { OperatorOptions } from '../commands/command-context.ts';

/** As commander gives them. */
export interface QueueFilterOptions extends OperatorOptions {
  readonly site?: string;
  readonly sender?: string;
  readonly recipient?: string;
  readonly destination?: string;
  readonly state?: QueueMessageState;
}

export function readQueueFilter(options: QueueFilterOptions): QueueFilter {
  const { sender, recipient, destination, state } = options;
  return { sender, recipient, destination, state };
}

/** True if no option says which. */
export function meansAll({ site, ...options }: QueueFilterOptions): boolean {
  return [site, ...Object.values(readQueueFilter(options))].every((value) => value === undefined);
}
