/** For tests: commands as a client would write them, so that parsing them gives them back. */
import type { SortCriterion } from '@homeward/search';
import { formatCalendarDay } from '../calendar.ts';
import type {
  Command,
  CommandOf,
  FetchItem,
  ListReturnOption,
  NotifyGroup,
  SearchKey,
  SearchReturns,
  StatusItem,
} from '../command.ts';
import { NOTIFY_EVENTS } from '../commands/notify.ts';
import { LIST_SELECT_OPTIONS } from '../commands/list.ts';
import { METADATA_DEPTHS } from '../commands/metadata.ts';
import { SORT_KEYS } from '../commands/sort.ts';
import { THREAD_ALGORITHMS } from '../commands/thread.ts';
import type { MailboxFilter } from '../mailbox-filter.ts';
import { formatSequenceSet } from '../number-set.ts';
import { PLAIN_FETCH_ITEMS } from '../fetch-item.ts';
import { STATUS_ITEMS } from '../status-item.ts';
import { formatFlagList } from '../responses/flags.ts';
import { formatMailbox } from '../responses/mailbox.ts';
import { formatAstring, formatNString, formatString } from '../responses/strings.ts';

/** Everything of a command but its tag, as Latin-1; of APPEND up to the mailbox. */
export function formatCommand(command: Command): string {
  const words = wordsOf(command);
  return words.join(' ');
}

function wordsOf(command: Command): readonly string[] {
  const word = command.name.toUpperCase();
  switch (command.name) {
    case 'notify': {
      if (command.groups.length === 0) return [word, 'NONE'];
      const status = command.wantsStatus ? ['STATUS'] : [];
      return [word, 'SET', ...status, ...command.groups.map(formatNotifyGroup)];
    }
    case 'compress':
      return [word, 'DEFLATE'];
    case 'id':
      return [word, formatIdFields(command.fields)];
    case 'enable':
      return [word, ...command.capabilities];
    case 'authenticate':
      return [word, command.mechanism, ...initialResponse(command.initialResponse)];
    case 'login':
      return [word, octets(command.user), octets(command.password)];
    case 'create': {
      const name = formatMailbox(command.mailbox + (command.willHoldFolders ? '/' : ''));
      const { uses } = command;
      return uses.length === 0 ? [word, name] : [word, name, `(USE (${uses.join(' ')}))`];
    }
    case 'getquota':
      return [word, formatAstring(command.root)];
    case 'setquota': {
      const limits = [...command.limits].map(([name, limit]) => `${name} ${limit}`);
      return [word, formatAstring(command.root), `(${limits.join(' ')})`];
    }
    case 'getmetadata':
      return [
        word,
        ...formatMetadataOptions(command),
        formatMailbox(command.mailbox),
        formatEntries(command.entries),
      ];
    case 'setmetadata': {
      const values = [...command.values].map(
        ([entry, value]) =>
          `${formatAstring(entry)} ${value === undefined ? 'NIL' : octets(value)}`,
      );
      return [word, formatMailbox(command.mailbox), `(${values.join(' ')})`];
    }
    case 'listrights':
    case 'deleteacl':
      return [word, formatMailbox(command.mailbox), formatAstring(command.identifier)];
    case 'setacl': {
      const sign = { replace: '', add: '+', remove: '-' }[command.change];
      const rights = formatAstring(sign + command.rights);
      return [word, formatMailbox(command.mailbox), formatAstring(command.identifier), rights];
    }
    case 'select':
    case 'examine':
      return [word, formatMailbox(command.mailbox), ...selectParameters(command)];
    case 'getquotaroot':
    case 'getacl':
    case 'myrights':
    case 'delete':
    case 'subscribe':
    case 'unsubscribe':
      return [word, formatMailbox(command.mailbox)];
    case 'rename':
      return [word, formatMailbox(command.from), formatMailbox(command.to)];
    case 'lsub':
      return [word, formatMailbox(command.reference), formatMailbox(command.pattern)];
    case 'list':
      return [word, ...formatList(command)];
    case 'status':
      return [word, formatMailbox(command.mailbox), formatStatusItems(command.items)];
    case 'append':
      return [word, formatMailbox(command.mailbox)];
    case 'replace':
      return [...numbered(command), String(command.number ?? '*'), formatMailbox(command.mailbox)];
    case 'expunge':
      if (command.set === undefined) return [word];
      return ['UID', word, formatSequenceSet(command.set)];
    case 'search': {
      const charset = command.charset === undefined ? [] : ['CHARSET', command.charset];
      const returns = formatReturns(command.returns);
      return [...numbered(command), ...returns, ...charset, formatKeys(command.criteria)];
    }
    case 'esearch': {
      const charset = command.charset === undefined ? [] : ['CHARSET', command.charset];
      const returns = formatReturns(command.returns);
      const sources = command.sources?.map(formatFilter).join(' ');
      const from = sources === undefined ? [] : [`IN (${sources})`];
      return [word, ...from, ...returns, ...charset, formatKeys(command.criteria)];
    }
    case 'sort': {
      const order = `(${command.order.map(formatSortCriterion).join(' ')})`;
      const program = [command.charset ?? 'US-ASCII', formatKeys(command.criteria)];
      return [...numbered(command), ...formatReturns(command.returns), order, ...program];
    }
    case 'thread': {
      const word = [...THREAD_ALGORITHMS].find(([, known]) => known === command.algorithm)?.[0];
      const program = [command.charset ?? 'US-ASCII', formatKeys(command.criteria)];
      return [...numbered(command), word ?? '', ...program];
    }
    case 'fetch': {
      const items = `(${command.items.map(formatItem).join(' ')})`;
      return [...numbered(command), formatSequenceSet(command.set), items, ...modifiers(command)];
    }
    case 'store': {
      const sign = { replace: '', add: '+', remove: '-' }[command.change];
      const item = `${sign}FLAGS${command.silent ? '.SILENT' : ''}`;
      const set = formatSequenceSet(command.set);
      const { unchangedSince } = command;
      const condition = unchangedSince === undefined ? [] : [`(UNCHANGEDSINCE ${unchangedSince})`];
      return [...numbered(command), set, ...condition, item, formatFlagList(command.flags)];
    }
    case 'copy':
    case 'move':
      return [...numbered(command), formatSequenceSet(command.set), formatMailbox(command.mailbox)];
    default:
      return [word];
  }
}

function numbered(command: { name: string; numbering: 'uid' | 'sequence' }): readonly string[] {
  const word = command.name.toUpperCase();
  return command.numbering === 'uid' ? ['UID', word] : [word];
}

function formatList(command: CommandOf<'list'>): readonly string[] {
  const { patterns, extended } = command;
  const names = patterns.map((pattern) => formatMailbox(pattern));
  const reference = formatMailbox(command.reference);
  if (extended === undefined) return [reference, ...names];
  const words = [...LIST_SELECT_OPTIONS].filter(([, option]) => extended.select.includes(option));
  const returns = extended.returns.map((option) => formatReturn(option));
  return [
    `(${words.map(([name]) => name).join(' ')})`,
    reference,
    `(${names.join(' ')})`,
    `RETURN (${returns.join(' ')})`,
  ];
}

function formatReturn(option: ListReturnOption): string {
  switch (option.option) {
    case 'status':
      return `STATUS ${formatStatusItems(option.items)}`;
    case 'metadata':
      return `METADATA ${formatEntries(option.entries)}`;
    case 'my-rights':
      return 'MYRIGHTS';
    default:
      return option.option.toUpperCase();
  }
}

function formatEntries(entries: readonly string[]): string {
  return `(${entries.map(formatAstring).join(' ')})`;
}

function formatMetadataOptions(command: CommandOf<'getmetadata'>): readonly string[] {
  const { depth, maxSizeBytes } = command;
  const word = [...METADATA_DEPTHS].find(([, known]) => known === depth)?.[0] ?? '';
  const size = maxSizeBytes === undefined ? [] : [`MAXSIZE ${maxSizeBytes}`];
  return [`(${[...size, `DEPTH ${word}`].join(' ')})`];
}

function formatStatusItems(wanted: readonly StatusItem[]): string {
  const items = [...STATUS_ITEMS].filter(([, item]) => wanted.includes(item));
  return `(${items.map(([name]) => name).join(' ')})`;
}

function formatNotifyGroup({ filter, events, newItems }: NotifyGroup): string {
  const words = [...NOTIFY_EVENTS].filter(([, event]) => events.has(event)).map(([name]) => name);
  const items = newItems === undefined ? '' : ` (${newItems.map(formatItem).join(' ')})`;
  const list = words.map((name) => (name === 'MessageNew' ? `${name}${items}` : name)).join(' ');
  return `(${formatFilter(filter)} ${list === '' ? 'NONE' : `(${list})`})`;
}

function selectParameters({ condstore, qresync }: CommandOf<'select'>): readonly string[] {
  const words = condstore ? ['CONDSTORE'] : [];
  if (qresync !== undefined) {
    const { uidValidity, modSeq, knownUids, match } = qresync;
    const known = knownUids === undefined ? [] : [formatSequenceSet(knownUids)];
    const pair = match && [formatSequenceSet(match.sequences), formatSequenceSet(match.uids)];
    const matches = pair === undefined ? [] : [`(${pair.join(' ')})`];
    words.push(`QRESYNC (${[uidValidity, modSeq, ...known, ...matches].join(' ')})`);
  }
  return words.length === 0 ? [] : [`(${words.join(' ')})`];
}

function modifiers({ changedSince, vanished, partial }: CommandOf<'fetch'>): readonly string[] {
  const words: string[] = [];
  if (partial !== undefined) words.push(`PARTIAL ${partial.first}:${partial.last}`);
  if (changedSince !== undefined) words.push(`CHANGEDSINCE ${changedSince}`);
  if (vanished) words.push('VANISHED');
  return words.length === 0 ? [] : [`(${words.join(' ')})`];
}

function octets(value: Uint8Array): string {
  // A client may not send a literal without "+" or an invitation.
  return formatString(Buffer.from(value).toString('latin1')).replace(/^\{(\d+)\}/, '{$1+}');
}

function initialResponse(response: Uint8Array | undefined): readonly string[] {
  if (response === undefined) return [];
  return [response.length === 0 ? '=' : Buffer.from(response).toString('base64')];
}

function formatIdFields(fields: ReadonlyMap<string, string | undefined>): string {
  const pairs = [...fields].map(
    ([field, value]) => `${formatString(field)} ${formatNString(value)}`,
  );
  return fields.size === 0 ? 'NIL' : `(${pairs.join(' ')})`;
}

function formatItem(item: FetchItem): string {
  if (item.item === 'preview') return `PREVIEW${item.isLazy ? ' (LAZY)' : ''}`;
  if (item.item === 'binary-size') return `BINARY.SIZE[${item.part.join('.')}]`;
  if (item.item !== 'body-section' && item.item !== 'binary') {
    const words = Object.entries(PLAIN_FETCH_ITEMS);
    return words.find(([, name]) => name === item.item)?.[0] ?? '';
  }
  const { partial, peek } = item;
  const [word, label] =
    item.item === 'binary' ? ['BINARY', item.part.join('.')] : ['BODY', item.label];
  const range = partial === undefined ? '' : `<${partial.start}.${partial.count}>`;
  return `${word}${peek ? '.PEEK' : ''}[${label}]${range}`;
}

function formatReturns(returns: SearchReturns | undefined): readonly string[] {
  if (returns === undefined) return [];
  const names = (['min', 'max', 'count', 'all', 'save'] as const).filter((name) => returns[name]);
  const words: string[] = names.map((name) => name.toUpperCase());
  const { partial } = returns;
  if (partial !== undefined) words.push(`PARTIAL ${partial.first}:${partial.last}`);
  return ['RETURN', `(${words.join(' ')})`];
}

function formatFilter(filter: MailboxFilter): string {
  if (!('mailboxes' in filter)) return filter.filter;
  return `${filter.filter} (${filter.mailboxes.map((name) => formatMailbox(name)).join(' ')})`;
}

function formatSortCriterion({ key, isReversed }: SortCriterion): string {
  const word = [...SORT_KEYS].find(([, known]) => known === key)?.[0] ?? '';
  return isReversed ? `REVERSE ${word}` : word;
}

function formatKeys(key: SearchKey): string {
  return key.key === 'and' ? key.keys.map(formatKey).join(' ') : formatKey(key);
}

function formatKey(key: SearchKey): string {
  switch (key.key) {
    case 'and':
      return `(${formatKeys(key)})`;
    case 'or':
      return `OR ${formatKey(key.left)} ${formatKey(key.right)}`;
    case 'not':
      return `NOT ${formatKey(key.operand)}`;
    case 'flag':
      return formatFlagKey(key.flag, key.isSet);
    case 'sequence':
      return formatSequenceSet(key.set);
    case 'uid':
      return `UID ${formatSequenceSet(key.set)}`;
    case 'header':
      return `HEADER ${formatString(key.field)} ${octets(key.text)}`;
    case 'body':
    case 'text':
      return `${key.key.toUpperCase()} ${octets(key.text)}`;
    case 'mod-seq':
      return `MODSEQ ${key.modSeq}`;
    case 'email-id':
    case 'thread-id':
      return `${key.key === 'email-id' ? 'EMAILID' : 'THREADID'} ${key.objectId}`;
    case 'larger':
    case 'smaller':
      return `${key.key.toUpperCase()} ${key.sizeBytes}`;
    case 'older':
    case 'younger':
      return `${key.key.toUpperCase()} ${key.seconds}`;
    case 'all':
    case 'new':
    case 'old':
    case 'recent':
      return key.key.toUpperCase();
    default:
      return `${key.key.replace('-', '').toUpperCase()} ${formatCalendarDay(key.day)}`;
  }
}

function formatFlagKey(flag: string, isSet: boolean): string {
  if (flag.startsWith('\\')) return `${isSet ? '' : 'UN'}${flag.slice(1).toUpperCase()}`;
  return `${isSet ? '' : 'UN'}KEYWORD ${flag}`;
}
