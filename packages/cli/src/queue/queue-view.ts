/** Messages of queues as JSON and tables show them: nothing of what they say. */
import type { QueueEntry, QueueMessageFacts } from '@homeward/mail-queue';
import { formatSize } from '../output/byte-size.ts';
import { formatFoldedTable, formatTable } from '../output/format-table.ts';

/** One message, as JSON shows it. */
export interface QueueEntryView extends Omit<QueueEntry, 'queuedMs' | 'dueMs' | 'lastReply'> {
  readonly queuedAt: string;
  readonly nextAttemptAt: string;
  readonly lastReply: string | null;
}

export function viewEntry(site: string, entry: QueueEntry): QueueEntryView {
  const { id, queuedMs, dueMs, lastReply, ...rest } = entry;
  return {
    id: `${site}/${id}`,
    ...rest,
    queuedAt: new Date(queuedMs).toISOString(),
    nextAttemptAt: new Date(dueMs).toISOString(),
    lastReply: lastReply ?? null,
  };
}

export function viewMessage(site: string, facts: QueueMessageFacts): object {
  const { expiresMs, hopCount, envelopeId, recipients, ...entry } = facts;
  return {
    ...viewEntry(site, entry),
    expiresAt: new Date(expiresMs).toISOString(),
    hopCount,
    envelopeId: envelopeId ?? null,
    recipients: recipients.map(({ dueMs, lastMs, destination, lastReply, remote, ...rest }) => ({
      ...rest,
      destination: destination ?? null,
      nextAttemptAt: new Date(dueMs).toISOString(),
      lastAttemptAt: lastMs === undefined ? null : new Date(lastMs).toISOString(),
      lastReply: lastReply ?? null,
      remote: remote ?? null,
    })),
  };
}

export function formatEntries(entries: readonly QueueEntryView[]): string {
  return formatFoldedTable(
    ['message', 'size', 'queued', 'state', 'next', 'tried'],
    entries.map((one) => ({
      cells: [
        one.id,
        formatSize(one.sizeBytes),
        formatMinute(one.queuedAt),
        one.state,
        one.state === 'waiting' ? formatMinute(one.nextAttemptAt) : '',
        String(one.attemptCount),
      ],
      below: [
        `from ${formatSender(one.sender)}`,
        `to ${formatRecipients(one)}`,
        ...(one.lastReply === null ? [] : [one.lastReply]),
      ],
    })),
  );
}

export function formatMessage(site: string, facts: QueueMessageFacts): string {
  const view = viewEntry(site, facts);
  const head = formatTable(undefined, [
    ['message', view.id],
    ['reference', view.reference],
    ['from', formatSender(view.sender)],
    ['size', formatSize(view.sizeBytes)],
    ['state', view.state],
    ['queued', view.queuedAt],
    ['given up', new Date(facts.expiresMs).toISOString()],
    ['Received lines', String(facts.hopCount)],
  ]);
  const recipients = formatTable(
    ['to', 'state', 'destination', 'tried', 'next', 'last reply', 'of'],
    facts.recipients.map((one) => [
      one.address,
      one.state,
      one.destination ?? '',
      String(one.attemptCount),
      new Date(one.dueMs).toISOString().slice(0, 19),
      one.lastReply ?? '',
      one.remote ?? '',
    ]),
  );
  return `${head}\n\n${recipients}`;
}

/** `--json` has the seconds. */
function formatMinute(timestamp: string): string {
  return timestamp.slice(0, 16);
}

function formatSender(sender: string): string {
  return sender === '' ? '<>' : sender;
}

function formatRecipients({ firstRecipient, recipientCount }: QueueEntryView): string {
  return recipientCount === 1 ? firstRecipient : `${firstRecipient} and ${recipientCount - 1} more`;
}
