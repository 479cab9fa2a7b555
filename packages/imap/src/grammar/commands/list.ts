/**
 * LIST (RFC 3501 §6.3.8), extended by RFC 5258, SPECIAL-USE (RFC 6154 §6), STATUS (RFC 5819 §4),
 * MYRIGHTS (RFC 8440 §4) and METADATA (RFC 9590). An option is one row here.
 */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { ListReturnOption, ListSelectOption } from '../command.ts';
import { parseMetadataEntry } from '../metadata-entry.ts';
import { parseStatusItems } from '../status-item.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** By their word. */
export const LIST_SELECT_OPTIONS: ReadonlyMap<string, ListSelectOption> = new Map([
  ['SUBSCRIBED', 'subscribed'],
  ['REMOTE', 'remote'],
  ['RECURSIVEMATCH', 'recursive-match'],
  ['SPECIAL-USE', 'special-use'],
]);

type ReturnParser = (decoder: ArgumentDecoder) => ListReturnOption;

const plain =
  (option: 'subscribed' | 'children' | 'special-use' | 'my-rights'): ReturnParser =>
  () => ({ option });

const returnParsers: ReadonlyMap<string, ReturnParser> = new Map<string, ReturnParser>([
  ['SUBSCRIBED', plain('subscribed')],
  ['CHILDREN', plain('children')],
  ['SPECIAL-USE', plain('special-use')],
  ['MYRIGHTS', plain('my-rights')],
  ['STATUS', parseStatus],
  ['METADATA', parseMetadata],
]);

/** `list [SP select-opts] SP mailbox SP mbox-or-pat [SP return-opts]` (RFC 5258 §6). */
export const listSyntax: WholeSyntax = {
  word: 'LIST',
  parse(decoder) {
    decoder.space();
    const select = decoder.comesNext('(') ? parseSelectOptions(decoder) : undefined;
    const reference = decoder.mailbox();
    decoder.space();
    const hasPatterns = decoder.comesNext('(');
    const patterns = hasPatterns
      ? decoder.list(() => decoder.listMailbox())
      : [decoder.listMailbox()];
    const returns = decoder.hasMore() ? parseReturnOptions(decoder) : undefined;
    const isExtended = select !== undefined || hasPatterns || returns !== undefined;
    const extended = isExtended ? { select: select ?? [], returns: returns ?? [] } : undefined;
    return { name: 'list', reference, patterns, extended };
  },
};

function parseSelectOptions(decoder: ArgumentDecoder): readonly ListSelectOption[] {
  const start = decoder.position;
  const options = decoder.listOrNothing(() => {
    const at = decoder.position;
    const option = LIST_SELECT_OPTIONS.get(decoder.keyword('a LIST selection option'));
    return option ?? decoder.fail('a known LIST selection option', at);
  });
  // RFC 5258 §3.1: alone it would ask about nothing.
  if (options.includes('recursive-match') && !options.includes('subscribed')) {
    decoder.fail('SUBSCRIBED beside RECURSIVEMATCH', start);
  }
  decoder.space();
  return [...new Set(options)];
}

function parseReturnOptions(decoder: ArgumentDecoder): readonly ListReturnOption[] {
  decoder.space();
  if (!decoder.tryKeyword('RETURN')) decoder.fail('RETURN or the end of the command');
  decoder.space();
  const options = new Map<string, ListReturnOption>();
  decoder.listOrNothing(() => {
    const at = decoder.position;
    const parse = returnParsers.get(decoder.keyword('a LIST return option'));
    const option = parse?.(decoder) ?? decoder.fail('a known LIST return option', at);
    // What is said twice counts once (RFC 5258 §3).
    options.set(option.option, option);
  });
  return [...options.values()];
}

function parseMetadata(decoder: ArgumentDecoder): ListReturnOption {
  decoder.space();
  return { option: 'metadata', entries: decoder.list(() => parseMetadataEntry(decoder)) };
}

function parseStatus(decoder: ArgumentDecoder): ListReturnOption {
  decoder.space();
  return { option: 'status', items: parseStatusItems(decoder) };
}
