/** Names of messages, for operators. */
import type { QueueMessageId } from './queue-job.ts';

const ID = /^(?<worker>\d{1,3})-(?<number>[0-9a-z]{1,11})$/u;
const RADIX = 36;

export function formatMessageId(workerIndex: number, id: number): QueueMessageId {
  return `${workerIndex}-${id.toString(RADIX)}`;
}

/** @returns undefined if it is none. */
export function parseMessageId(
  text: string,
): { readonly workerIndex: number; readonly id: number } | undefined {
  const groups = ID.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const id = Number.parseInt(groups['number'] ?? '', RADIX);
  return Number.isSafeInteger(id) ? { workerIndex: Number(groups['worker']), id } : undefined;
}
