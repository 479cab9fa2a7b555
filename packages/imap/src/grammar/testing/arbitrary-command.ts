/** For tests: any command that the grammar can say, in its canonical form. */
import fc from 'fast-check';
import type {
  BodySection,
  Command,
  FetchItem,
  InternalDate,
  ListReturnOption,
  NotifyEvent,
  NotifyGroup,
  SearchKey,
  StreamingCommand,
} from '../command.ts';
import { LIST_SELECT_OPTIONS } from '../commands/list.ts';
import { SORT_KEYS } from '../commands/sort.ts';
import { THREAD_ALGORITHMS } from '../commands/thread.ts';
import { PLAIN_FETCH_ITEMS } from '../fetch-item.ts';
import { STATUS_ITEMS } from '../status-item.ts';
import { withoutDoubles } from '../flag.ts';
import { encodeModifiedUtf7, parseMailboxName } from '../mailbox-name.ts';
import type { MailboxFilter } from '../mailbox-filter.ts';
import { type NumberSet, SAVED_RESULT } from '../number-set.ts';
import { formatSection } from '../section.ts';

const atomCharacters = fc.constantFrom(...'abcXYZ019$-_.:/+&!'.split(''));
const atom = fc.string({ unit: atomCharacters, minLength: 1, maxLength: 12 });
const octets = fc.uint8Array({ min: 1, maxLength: 24 }).map((value) => Buffer.from(value));
const latin1 = octets.map((value) => value.toString('latin1'));
const number = fc.oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 2 ** 32 - 1 }));

/** Names that no folder may have are not what this is about. */
export const mailboxName: fc.Arbitrary<string> = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((name) => !/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(name) && name.isWellFormed())
  .map((name) => (name.toUpperCase().startsWith('INBOX') ? 'INBOX' : name))
  // Some are no names whatever they are written as; the parser has the last word.
  .filter((name) => parseMailboxName(encodeModifiedUtf7(name)) !== undefined);

const setEnd = fc.option(number, { nil: undefined, freq: 5 });
const numberSet: fc.Arbitrary<NumberSet> = fc.oneof(
  { arbitrary: fc.constant(SAVED_RESULT), weight: 1 },
  {
    arbitrary: fc.array(
      fc.oneof(
        setEnd.map((end) => ({ first: end, last: end })),
        fc.record({ first: setEnd, last: setEnd }),
      ),
      { minLength: 1, maxLength: 5 },
    ),
    weight: 9,
  },
);
const systemFlag = fc.constantFrom('\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft');
const flags = fc
  .array(fc.oneof(systemFlag, atom), { maxLength: 5 })
  .map((names) => [...withoutDoubles(names)]);
const internalDate = fc
  .record({
    epochSeconds: fc.integer({ min: 0, max: 4_000_000_000 }),
    zoneMinutes: fc.integer({ min: -1439, max: 1439 }),
  })
  .map(({ epochSeconds, zoneMinutes }) => ({ epochMs: epochSeconds * 1000, zoneMinutes }));
const day = fc.record({
  year: fc.integer({ min: 0, max: 9999 }),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
});
const modSeq = fc.maxSafeNat();
const optionalModSeq = fc.option(modSeq, { nil: undefined });
const knownRange = fc.record({ first: number, last: number });
const knownSet = fc.array(knownRange, { minLength: 1, maxLength: 3 });
const qresync = fc.record({
  uidValidity: number,
  modSeq,
  knownUids: fc.option(knownSet, { nil: undefined }),
  match: fc.option(
    knownSet.map((sequences) => ({ sequences, uids: sequences })),
    { nil: undefined },
  ),
});
const partialRange = fc
  .record({ first: number, last: number, isFromEnd: fc.boolean() })
  .map(({ first, last, isFromEnd }) =>
    isFromEnd ? { first: -first, last: -last } : { first, last },
  );
const numbering = fc.constantFrom('uid' as const, 'sequence' as const);

const fieldNames = fc.array(fc.constantFrom('DATE', 'From', 'X-"odd"', 'a(b'), {
  minLength: 1,
  maxLength: 3,
});
const sectionText: fc.Arbitrary<BodySection['text']> = fc.oneof(
  fc.constantFrom({ kind: 'all' as const }, { kind: 'header' as const }, { kind: 'text' as const }),
  fc.record({
    kind: fc.constantFrom('header-fields' as const, 'header-fields-not' as const),
    fields: fieldNames,
  }),
);
const section: fc.Arbitrary<BodySection> = fc.oneof(
  fc.record({ part: fc.array(number, { maxLength: 4 }), text: sectionText }),
  fc.record({
    part: fc.array(number, { minLength: 1, maxLength: 4 }),
    text: fc.constant({ kind: 'mime' as const }),
  }),
);
const partial = fc.option(fc.record({ start: fc.nat(), count: number }), { nil: undefined });
const part = fc.array(number, { maxLength: 4 });
const fetchItem: fc.Arbitrary<FetchItem> = fc.oneof(
  fc.record({ item: fc.constant('binary' as const), part, peek: fc.boolean(), partial }),
  fc.record({ item: fc.constant('binary-size' as const), part }),
  fc.record({ item: fc.constant('preview' as const), isLazy: fc.boolean() }),
  fc.constantFrom(...Object.values(PLAIN_FETCH_ITEMS)).map((item) => ({ item })),
  fc
    .record({
      section,
      peek: fc.boolean(),
      partial,
    })
    .map((rest) => ({
      item: 'body-section' as const,
      ...rest,
      label: formatSection(rest.section),
    })),
);
const fetchItems = fc.uniqueArray(fetchItem, {
  minLength: 1,
  maxLength: 5,
  // Lazy or not, a message has one preview.
  selector: (item) => (item.item === 'preview' ? 'preview' : JSON.stringify(item)),
});

const searchLeaf: fc.Arbitrary<SearchKey> = fc.oneof(
  fc.constantFrom('all' as const, 'new' as const, 'old' as const, 'recent' as const).map((key) => ({
    key,
  })),
  fc.record({
    key: fc.constant('flag' as const),
    flag: fc.oneof(systemFlag, atom),
    isSet: fc.boolean(),
  }),
  fc.record({ key: fc.constantFrom('sequence' as const, 'uid' as const), set: numberSet }),
  fc.record({
    key: fc.constantFrom(
      'before' as const,
      'on' as const,
      'since' as const,
      'sent-before' as const,
      'sent-on' as const,
      'sent-since' as const,
      'saved-before' as const,
      'saved-on' as const,
      'saved-since' as const,
    ),
    day,
  }),
  fc.record({ key: fc.constantFrom('older' as const, 'younger' as const), seconds: number }),
  fc.record({ key: fc.constantFrom('larger' as const, 'smaller' as const), sizeBytes: fc.nat() }),
  fc.record({
    key: fc.constant('header' as const),
    field: fc.constantFrom('SUBJECT', 'X-Spam'),
    text: octets,
  }),
  fc.record({ key: fc.constantFrom('body' as const, 'text' as const), text: octets }),
  fc.record({ key: fc.constant('mod-seq' as const), modSeq }),
  fc.record({
    key: fc.constantFrom('email-id' as const, 'thread-id' as const),
    objectId: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/),
  }),
);
const searchKey: fc.Arbitrary<SearchKey> = fc.letrec<{ key: SearchKey }>((tie) => ({
  key: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    searchLeaf,
    fc.record({ key: fc.constant('not' as const), operand: tie('key') }),
    fc.record({ key: fc.constant('or' as const), left: tie('key'), right: tie('key') }),
    fc.record({
      key: fc.constant('and' as const),
      keys: fc.array(tie('key'), { minLength: 2, maxLength: 3 }),
    }),
  ),
})).key;

const metadataEntry = fc.constantFrom(
  '/private/comment',
  '/shared/vendor/x y/z',
  '/shared/vendor/("q")',
);
const identifier = fc.constantFrom('anyone', 'bob@example.org', 'x y', '-bob');
/** Quotas, annotations and rights. */
const accessCommands: readonly fc.Arbitrary<Exclude<Command, StreamingCommand>>[] = [
  fc.record({ name: fc.constant('getquota' as const), root: latin1 }),
  fc.record({
    name: fc.constant('setquota' as const),
    root: latin1,
    limits: fc
      .uniqueArray(fc.constantFrom('STORAGE', 'MESSAGE', 'X-OWN'))
      .map((names) => new Map(names.map((name, at) => [name, at * 1000]))),
  }),
  fc.record({
    name: fc.constant('getmetadata' as const),
    mailbox: mailboxName,
    entries: fc.uniqueArray(fc.oneof(metadataEntry, fc.constant('/private')), { minLength: 1 }),
    depth: fc.constantFrom('entry' as const, 'children' as const, 'all' as const),
    maxSizeBytes: fc.option(fc.nat(), { nil: undefined }),
  }),
  fc.record({
    name: fc.constant('setmetadata' as const),
    mailbox: mailboxName,
    values: fc
      .array(fc.tuple(metadataEntry, fc.option(octets, { nil: undefined })), { minLength: 1 })
      .map((pairs) => new Map(pairs)),
  }),
  fc.record({
    name: fc.constantFrom('listrights' as const, 'deleteacl' as const),
    mailbox: mailboxName,
    identifier,
  }),
  fc.record({
    name: fc.constant('setacl' as const),
    mailbox: mailboxName,
    identifier,
    change: fc.constantFrom('replace' as const, 'add' as const, 'remove' as const),
    rights: fc.constantFrom('', 'lrs', 'lrswipkxteacd'),
  }),
];

const statusItems = fc.subarray([...STATUS_ITEMS.values()], { minLength: 1 });
const listSelect = fc
  .subarray([...LIST_SELECT_OPTIONS.values()])
  .filter((options) => options.includes('subscribed') || !options.includes('recursive-match'));
const listReturns: fc.Arbitrary<readonly ListReturnOption[]> = fc.uniqueArray(
  fc.oneof(
    fc
      .constantFrom(
        'subscribed' as const,
        'children' as const,
        'special-use' as const,
        'my-rights' as const,
      )
      .map((option) => ({ option })),
    fc.record({ option: fc.constant('status' as const), items: statusItems }),
    fc.record({
      option: fc.constant('metadata' as const),
      entries: fc.array(metadataEntry, { minLength: 1, maxLength: 2 }),
    }),
  ),
  { maxLength: 4, selector: ({ option }) => option },
);

const returns = fc
  .record({
    min: fc.boolean(),
    max: fc.boolean(),
    count: fc.boolean(),
    all: fc.boolean(),
    save: fc.boolean(),
    partial: fc.option(partialRange, { nil: undefined }),
  })
  .map((options) => ({ ...options, partial: options.all ? undefined : options.partial }))
  .filter(
    ({ partial, ...flagged }) => partial !== undefined || Object.values(flagged).some(Boolean),
  );
const program = {
  returns: fc.option(returns, { nil: undefined }),
  charset: fc.constantFrom(undefined, 'UTF-8', 'US-ASCII'),
  criteria: searchKey,
};
const mailboxFilter: fc.Arbitrary<MailboxFilter> = fc.oneof(
  fc.constantFrom('inboxes' as const, 'personal' as const, 'subscribed' as const).map((filter) => ({
    filter,
  })),
  fc.record({
    filter: fc.constantFrom('mailboxes' as const, 'subtree' as const, 'subtree-one' as const),
    mailboxes: fc.array(mailboxName, { minLength: 1, maxLength: 2 }),
  }),
);
const otherEvents: readonly NotifyEvent[] = [
  'mailbox-name',
  'subscription-change',
  'mailbox-metadata-change',
  'server-metadata-change',
];
const messageEvents = fc.constantFrom<readonly NotifyEvent[]>(
  [],
  ['message-new', 'message-expunge'],
  ['message-new', 'message-expunge', 'flag-change'],
);
const watchedFilter = mailboxFilter.filter(({ filter }) => filter !== 'subtree-one');
const notifyGroup: fc.Arbitrary<NotifyGroup> = fc
  .record({ filter: watchedFilter, messages: messageEvents, others: fc.subarray([...otherEvents]) })
  .map(({ filter, messages, others }) => ({
    filter,
    events: new Set([...messages, ...others]),
    hasUnknown: false,
    newItems: undefined,
  }));
const selectedGroup: fc.Arbitrary<NotifyGroup> = fc
  .record({
    filter: fc.constantFrom('selected' as const, 'selected-delayed' as const),
    messages: messageEvents,
    newItems: fc.option(fetchItems, { nil: undefined }),
  })
  .map(({ filter, messages, newItems }) => ({
    filter: { filter },
    events: new Set(messages),
    hasUnknown: false,
    newItems: messages.length === 0 ? undefined : newItems,
  }));
const notify: fc.Arbitrary<Exclude<Command, StreamingCommand>> = fc
  .record({
    wantsStatus: fc.boolean(),
    selected: fc.option(selectedGroup, { nil: undefined }),
    others: fc.array(notifyGroup, { maxLength: 3 }),
  })
  .map(({ wantsStatus, selected, others }) => {
    const groups = selected === undefined ? others : [selected, ...others];
    return { name: 'notify' as const, wantsStatus: wantsStatus && groups.length > 0, groups };
  });
const searchCommands: readonly fc.Arbitrary<Exclude<Command, StreamingCommand>>[] = [
  fc.record({ name: fc.constant('search' as const), numbering, ...program }),
  fc.record({
    name: fc.constant('esearch' as const),
    ...program,
    sources: fc.option(fc.array(mailboxFilter, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    returns: fc.option(
      returns.filter(({ save }) => !save),
      { nil: undefined },
    ),
  }),
  fc.record({
    name: fc.constant('sort' as const),
    numbering,
    ...program,
    charset: fc.constantFrom('UTF-8', 'US-ASCII'),
    order: fc.array(
      fc.record({ key: fc.constantFrom(...SORT_KEYS.values()), isReversed: fc.boolean() }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({
    name: fc.constant('thread' as const),
    numbering,
    algorithm: fc.constantFrom(...THREAD_ALGORITHMS.values()),
    charset: fc.constantFrom('UTF-8', 'US-ASCII'),
    criteria: searchKey,
  }),
];

/** All commands but those that bring messages. */
export const arbitraryCommand: fc.Arbitrary<Exclude<Command, StreamingCommand>> = fc.oneof(
  fc
    .constantFrom(
      'capability' as const,
      'noop' as const,
      'logout' as const,
      'starttls' as const,
      'namespace' as const,
      'idle' as const,
      'check' as const,
      'close' as const,
      'unselect' as const,
      'compress' as const,
    )
    .map((name) => ({ name })),
  fc
    .array(
      fc.tuple(
        atom.map((field) => field.toLowerCase()),
        fc.option(latin1, { nil: undefined }),
      ),
    )
    .map((pairs) => ({ name: 'id' as const, fields: new Map(pairs) })),
  fc.array(atom, { minLength: 1 }).map((words) => ({
    name: 'enable' as const,
    capabilities: words.map((word) => word.toUpperCase()),
  })),
  fc.record({
    name: fc.constant('authenticate' as const),
    mechanism: atom.map((word) => word.toUpperCase()),
    initialResponse: fc.option(octets, { nil: undefined }),
  }),
  fc.record({ name: fc.constant('login' as const), user: octets, password: octets }),
  fc.record({
    name: fc.constantFrom('select' as const, 'examine' as const),
    mailbox: mailboxName,
    condstore: fc.boolean(),
    qresync: fc.option(qresync, { nil: undefined }),
  }),
  fc.record({
    name: fc.constantFrom(
      'delete' as const,
      'subscribe' as const,
      'unsubscribe' as const,
      'getquotaroot' as const,
      'getacl' as const,
      'myrights' as const,
    ),
    mailbox: mailboxName,
  }),
  fc.record({
    name: fc.constant('create' as const),
    mailbox: mailboxName.filter((name) => !name.endsWith('/')),
    willHoldFolders: fc.boolean(),
    uses: fc.uniqueArray(fc.constantFrom('\\Sent', '\\Junk', '\\X-Own'), { maxLength: 2 }),
  }),
  ...accessCommands,
  fc.record({ name: fc.constant('rename' as const), from: mailboxName, to: mailboxName }),
  fc.record({ name: fc.constant('lsub' as const), reference: mailboxName, pattern: mailboxName }),
  fc.oneof(
    fc.record({
      name: fc.constant('list' as const),
      reference: mailboxName,
      patterns: fc.tuple(mailboxName),
      extended: fc.constant(undefined),
    }),
    fc.record({
      name: fc.constant('list' as const),
      reference: mailboxName,
      patterns: fc.array(mailboxName, { minLength: 1, maxLength: 3 }),
      extended: fc.record({ select: listSelect, returns: listReturns }),
    }),
  ),
  fc.record({
    name: fc.constant('status' as const),
    mailbox: mailboxName,
    items: statusItems,
  }),
  fc.record({
    name: fc.constant('expunge' as const),
    set: fc.option(numberSet, { nil: undefined }),
  }),
  ...searchCommands,
  notify,
  fc
    .record({
      name: fc.constant('fetch' as const),
      numbering,
      set: numberSet,
      items: fetchItems,
      changedSince: optionalModSeq,
      vanished: fc.boolean(),
      partial: fc.option(partialRange, { nil: undefined }),
    })
    .map((command) => ({
      ...command,
      partial: command.numbering === 'uid' ? command.partial : undefined,
      vanished:
        command.vanished && command.numbering === 'uid' && command.changedSince !== undefined,
    })),
  fc.record({
    name: fc.constant('store' as const),
    numbering,
    set: numberSet,
    unchangedSince: optionalModSeq,
    change: fc.constantFrom('replace' as const, 'add' as const, 'remove' as const),
    silent: fc.boolean(),
    flags,
  }),
  fc.record({
    name: fc.constantFrom('copy' as const, 'move' as const),
    numbering,
    set: numberSet,
    mailbox: mailboxName,
  }),
);

/** A message of APPEND, whole. */
export interface ArbitraryMessage {
  readonly flags: readonly string[];
  readonly internalDate: InternalDate | undefined;
  readonly octets: string;
}

/** APPEND or REPLACE and its messages: one of REPLACE. */
export interface ArbitraryAppend {
  readonly command: StreamingCommand;
  readonly messages: readonly ArbitraryMessage[];
}

const message: fc.Arbitrary<ArbitraryMessage> = fc.record({
  flags,
  internalDate: fc.option(internalDate, { nil: undefined }),
  octets: latin1,
});

/** Commands that bring messages. */
export const arbitraryAppend: fc.Arbitrary<ArbitraryAppend> = fc.oneof(
  fc.record({
    command: fc.record({ name: fc.constant('append' as const), mailbox: mailboxName }),
    messages: fc.array(message, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    command: fc.record({
      name: fc.constant('replace' as const),
      numbering,
      number: fc.option(number, { nil: undefined }),
      mailbox: mailboxName,
    }),
    messages: fc.tuple(message),
  }),
);

/** Text cut at random places, the text itself included in what is shown when a test fails. */
export function cuts(text: string): fc.Arbitrary<readonly string[]> {
  return fc.array(fc.nat({ max: text.length }), { maxLength: 12 }).map((places) => {
    const sorted = [0, ...places.toSorted((left, right) => left - right), text.length];
    return sorted.slice(1).map((end, index) => text.slice(sorted[index], end));
  });
}
