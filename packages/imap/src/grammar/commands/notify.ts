/** NOTIFY (RFC 5465 §8): which events in which mailboxes a client wants to hear of at any time. */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { FetchItem, NotifyEvent, NotifyGroup } from '../command.ts';
import { parseFetchItems } from '../fetch-item.ts';
import { parseMailboxFilter } from '../parse-mailbox-filter.ts';
import type { MailboxFilter } from '../mailbox-filter.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** Events by their word, as a BADEVENT answer lists them; AnnotationChange is none of ours. */
export const NOTIFY_EVENTS: ReadonlyMap<string, NotifyEvent> = new Map([
  ['MessageNew', 'message-new'],
  ['MessageExpunge', 'message-expunge'],
  ['FlagChange', 'flag-change'],
  ['MailboxName', 'mailbox-name'],
  ['SubscriptionChange', 'subscription-change'],
  ['MailboxMetadataChange', 'mailbox-metadata-change'],
  ['ServerMetadataChange', 'server-metadata-change'],
]);

const byWord: ReadonlyMap<string, NotifyEvent> = new Map(
  [...NOTIFY_EVENTS].map(([word, event]) => [word.toUpperCase(), event]),
);
const messageEvents: ReadonlySet<NotifyEvent> = new Set([
  'message-new',
  'message-expunge',
  'flag-change',
]);

/** `notify SP ("NONE" / "SET" [SP "STATUS"] SP event-group *(SP event-group))` */
export const notifySyntax: WholeSyntax = {
  word: 'NOTIFY',
  parse(decoder) {
    decoder.space();
    if (decoder.tryKeyword('NONE')) return { name: 'notify', wantsStatus: false, groups: [] };
    if (!decoder.tryKeyword('SET')) decoder.fail('SET or NONE');
    const wantsStatus = decoder.tryPhrase(' STATUS');
    const groups: NotifyGroup[] = [];
    do {
      decoder.space();
      groups.push(parseGroup(decoder));
    } while (decoder.hasMore());
    if (groups.filter(isOfSelected).length > 1) decoder.fail('one SELECTED or SELECTED-DELAYED', 0);
    return { name: 'notify', wantsStatus, groups };
  },
};

function isOfSelected({ filter }: { readonly filter: MailboxFilter }): boolean {
  return filter.filter === 'selected' || filter.filter === 'selected-delayed';
}

/** `"(" filter-mailboxes SP events ")"` */
function parseGroup(decoder: ArgumentDecoder): NotifyGroup {
  decoder.take('(');
  const start = decoder.position;
  const filter = parseMailboxFilter(decoder);
  // RFC 7377 alone has that one.
  if (filter.filter === 'subtree-one') decoder.fail('a filter of mailboxes', start);
  decoder.space();
  const eventsStart = decoder.position;
  const group = { filter, ...parseEvents(decoder, isOfSelected({ filter })) };
  if (!isConsistent(group)) {
    decoder.fail('MessageNew and MessageExpunge together, and for FlagChange both', eventsStart);
  }
  decoder.take(')');
  return group;
}

type Events = Omit<NotifyGroup, 'filter'>;

function parseEvents(decoder: ArgumentDecoder, isSelected: boolean): Events {
  const events = new Set<NotifyEvent>();
  let hasUnknown = false;
  let newItems: readonly FetchItem[] | undefined;
  if (decoder.tryKeyword('NONE')) return { events, hasUnknown, newItems };
  decoder.list(() => {
    const start = decoder.position;
    const event = byWord.get(decoder.atom('an event').toUpperCase());
    if (event === undefined) {
      hasUnknown = true;
      return;
    }
    if (isSelected && !messageEvents.has(event)) decoder.fail('an event of messages', start);
    events.add(event);
    if (isSelected && event === 'message-new' && decoder.comesNextAs(' (')) {
      decoder.space();
      newItems = parseFetchItems(decoder);
    }
  });
  return { events, hasUnknown, newItems };
}

/** RFC 5465 §5: a client that keeps count of messages must hear of all that changes it. */
function isConsistent({ events }: Events): boolean {
  if (events.has('message-new') !== events.has('message-expunge')) return false;
  return !events.has('flag-change') || events.has('message-new');
}
