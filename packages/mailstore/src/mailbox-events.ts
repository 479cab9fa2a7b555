/**
 * What happened to a mailbox, told to whoever watches the whole of it (RFC 5465): derived from
 * what is about to be published, and told once it is.
 */
import type { MailboxEvent } from './api.ts';
import { WHOLE_MAILBOX } from './operations/metadata.ts';
import type { FolderRecord, Publication } from './publication.ts';

/** @param before A folder as it is published until now. */
export function eventsOf(
  publication: Publication,
  before: (id: number) => FolderRecord | undefined,
): MailboxEvent[] {
  const events: MailboxEvent[] = [];
  for (const id of publication.removedFolderIds) {
    const gone = before(id);
    if (gone !== undefined) events.push({ kind: 'deleted', path: gone.path });
  }
  for (const record of publication.folders) {
    events.push(...folderEvents(record, before(record.id), publication));
  }
  for (const [path, isSubscribed] of publication.subscriptions) {
    events.push({ kind: isSubscribed ? 'subscribed' : 'unsubscribed', path });
  }
  if (publication.metadataFolderIds.has(WHOLE_MAILBOX)) {
    events.push({ kind: 'metadata', path: undefined });
  }
  return events;
}

function folderEvents(
  record: FolderRecord,
  before: FolderRecord | undefined,
  publication: Publication,
): MailboxEvent[] {
  const { id, path } = record;
  const events: MailboxEvent[] = [];
  if (before === undefined) events.push({ kind: 'created', path });
  else if (before.path !== path) events.push({ kind: 'renamed', path, oldPath: before.path });
  if (publication.deltas.has(id)) events.push({ kind: 'messages', path });
  const hasNewUse = before !== undefined && before.specialUse !== record.specialUse;
  if (hasNewUse || publication.metadataFolderIds.has(id)) events.push({ kind: 'metadata', path });
  if (before !== undefined && publication.rights.has(id)) events.push({ kind: 'rights', path });
  return events;
}

/** Leaves out what says the same as its predecessor: many commits may share one publication. */
export function withoutRepeats(events: readonly MailboxEvent[]): MailboxEvent[] {
  const kept: MailboxEvent[] = [];
  for (const event of events) {
    const last = kept.at(-1);
    if (event.kind === 'messages' && last?.kind === 'messages' && last.path === event.path)
      continue;
    kept.push(event);
  }
  return kept;
}
