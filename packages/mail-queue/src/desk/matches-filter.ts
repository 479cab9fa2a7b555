/** Whether a message is one of those that an operator means. */
import type { LoadedMessage } from '../storage/open-queue-store.ts';
import type { QueueFilter, QueueMessageState } from './queue-job.ts';

export function matchesFilter(
  { message, recipients }: LoadedMessage,
  state: QueueMessageState,
  filter: QueueFilter,
): boolean {
  const { sender, recipient, destination } = filter;
  if (filter.state !== undefined && filter.state !== state) return false;
  if (sender !== undefined && !matchesAddress(message.sender, sender)) return false;
  return recipients.some(
    (one) =>
      (recipient === undefined || matchesAddress(one.address, recipient)) &&
      (destination === undefined || matchesDestination(one.destination, destination)),
  );
}

function matchesAddress(address: string, wanted: string): boolean {
  if (wanted === '<>') return address === '';
  const lower = wanted.toLowerCase();
  return lower.startsWith('@')
    ? address.toLowerCase().endsWith(lower)
    : address.toLowerCase() === lower;
}

function matchesDestination(key: string | undefined, wanted: string): boolean {
  const lower = wanted.toLowerCase();
  return key === lower || (key?.endsWith(`:${lower}`) ?? false);
}
