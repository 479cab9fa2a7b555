/**
 * A command's arguments for a protocol log: what was asked for, never what mail or annotations
 * say and never a secret. Names of folders stay; texts that are searched for, values that are
 * set and messages that are brought become a mask.
 */
import { formatCalendarDay } from '../grammar/calendar.ts';
import type { Command, FetchItem, SearchKey } from '../grammar/command.ts';
import { PLAIN_FETCH_ITEMS } from '../grammar/fetch-item.ts';
import type { MailboxFilter } from '../grammar/mailbox-filter.ts';
import { formatSequenceSet } from '../grammar/number-set.ts';

const MASK = '*****';
const PLAIN_ITEM_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries(PLAIN_FETCH_ITEMS).map(([word, item]) => [item, word]),
);
/** Of ID (RFC 2971 §3.3): what programs say of themselves, not of people. */
const ID_FIELDS: readonly string[] = ['name', 'version'];

/** The arguments as one line of Unicode text; empty where there are none. Not to be parsed. */
export function describeArguments(command: Command): string {
  const words = wordsOf(command).filter((word) => word !== '');
  return 'numbering' in command && command.numbering === 'uid'
    ? ['(UID)', ...words].join(' ')
    : words.join(' ');
}

function wordsOf(command: Command): readonly string[] {
  switch (command.name) {
    case 'authenticate':
      return [command.mechanism, MASK];
    case 'login':
      return [Buffer.from(command.user).toString('latin1'), MASK];
    case 'id':
      return ID_FIELDS.flatMap((name) => {
        const value = command.fields.get(name);
        return value === undefined ? [] : [`${name} ${quote(value)}`];
      });
    case 'enable':
      return command.capabilities;
    case 'list':
      return [quote(command.reference), ...command.patterns.map(quote)];
    case 'lsub':
      return [quote(command.reference), quote(command.pattern)];
    case 'status':
      return [quote(command.mailbox), `(${command.items.join(' ').toUpperCase()})`];
    case 'rename':
      return [quote(command.from), quote(command.to)];
    case 'replace':
      return [String(command.number ?? '*'), quote(command.mailbox), MASK];
    case 'append':
      return [quote(command.mailbox), MASK];
    case 'expunge':
      return command.set === undefined ? [] : [formatSequenceSet(command.set)];
    case 'getquota':
      return [quote(command.root)];
    case 'setquota':
      return [quote(command.root), [...command.limits].flat().join(' ')];
    case 'getmetadata':
      return [quote(command.mailbox), ...command.entries];
    case 'setmetadata':
      return [quote(command.mailbox), ...[...command.values.keys()].map((key) => `${key} ${MASK}`)];
    case 'listrights':
    case 'deleteacl':
      return [quote(command.mailbox), quote(command.identifier)];
    case 'setacl':
      return [quote(command.mailbox), quote(command.identifier), signOf(command) + command.rights];
    case 'search':
      return [describeKey(command.criteria)];
    case 'esearch':
      return [(command.sources ?? []).map(describeFilter).join(' '), describeKey(command.criteria)];
    case 'sort':
      return [
        `(${command.order.map(({ key, isReversed }) => `${isReversed ? 'REVERSE ' : ''}${key.toUpperCase()}`).join(' ')})`,
        describeKey(command.criteria),
      ];
    case 'thread':
      return [command.algorithm.toUpperCase(), describeKey(command.criteria)];
    case 'fetch':
      return [
        formatSequenceSet(command.set),
        `(${command.items.map(describeItem).join(' ')})`,
        command.changedSince === undefined ? '' : `(CHANGEDSINCE ${command.changedSince})`,
      ];
    case 'store':
      return [
        formatSequenceSet(command.set),
        `${signOf(command)}FLAGS${command.silent ? '.SILENT' : ''}`,
        `(${command.flags.join(' ')})`,
      ];
    case 'copy':
    case 'move':
      return [formatSequenceSet(command.set), quote(command.mailbox)];
    case 'notify':
      return command.groups.map(({ filter }) => describeFilter(filter));
    default:
      return 'mailbox' in command ? [quote(command.mailbox)] : [];
  }
}

function signOf({ change }: { readonly change: 'replace' | 'add' | 'remove' }): string {
  switch (change) {
    case 'replace':
      return '';
    case 'add':
      return '+';
    case 'remove':
      return '-';
  }
}

function describeItem(item: FetchItem): string {
  switch (item.item) {
    case 'body-section':
      return `BODY${item.peek ? '.PEEK' : ''}[${item.label}]${describePartial(item)}`;
    case 'binary':
      return `BINARY${item.peek ? '.PEEK' : ''}[${item.part.join('.')}]${describePartial(item)}`;
    case 'binary-size':
      return `BINARY.SIZE[${item.part.join('.')}]`;
    case 'preview':
      return 'PREVIEW';
    default:
      return PLAIN_ITEM_WORDS.get(item.item) ?? item.item;
  }
}

function describePartial({
  partial,
}: {
  readonly partial: { readonly start: number; readonly count: number } | undefined;
}): string {
  return partial === undefined ? '' : `<${partial.start}.${partial.count}>`;
}

/** Keys by their own names; what a person looks for is masked. */
function describeKey(key: SearchKey): string {
  switch (key.key) {
    case 'and':
      return `(${key.keys.map(describeKey).join(' ')})`;
    case 'or':
      return `OR ${describeKey(key.left)} ${describeKey(key.right)}`;
    case 'not':
      return `NOT ${describeKey(key.operand)}`;
    case 'flag':
      return `${key.isSet ? '' : 'NOT '}FLAG ${key.flag}`;
    case 'sequence':
      return formatSequenceSet(key.set);
    case 'uid':
      return `UID ${formatSequenceSet(key.set)}`;
    case 'header':
      return `HEADER ${key.field} ${MASK}`;
    case 'body':
    case 'text':
      return `${key.key.toUpperCase()} ${MASK}`;
    case 'larger':
    case 'smaller':
      return `${key.key.toUpperCase()} ${key.sizeBytes}`;
    case 'older':
    case 'younger':
      return `${key.key.toUpperCase()} ${key.seconds}`;
    case 'mod-seq':
      return `MODSEQ ${key.modSeq}`;
    case 'email-id':
    case 'thread-id':
      return `${key.key.toUpperCase().replace('-', '')} ${key.objectId}`;
    case 'all':
    case 'new':
    case 'old':
    case 'recent':
      return key.key.toUpperCase();
    default:
      return `${key.key.toUpperCase().replace('-', '')} ${formatCalendarDay(key.day)}`;
  }
}

function describeFilter(filter: MailboxFilter): string {
  const word = filter.filter.toUpperCase();
  return 'mailboxes' in filter ? `${word} (${filter.mailboxes.map(quote).join(' ')})` : word;
}

function quote(text: string): string {
  return /^[^\s"]+$/u.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}
