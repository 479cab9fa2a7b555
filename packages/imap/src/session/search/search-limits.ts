/**
 * What SEARCH and its kin refuse before they begin: charsets that nobody can read (RFC 3501
 * §6.4.4), and more work for one message than a turn of the event loop may take.
 */
import type { SearchKey } from '../../grammar/command.ts';
import { OFFERED_CHARSETS, isSearchCharset } from '../../grammar/search-charset.ts';
import { type CommandResult, no } from '../command-result.ts';
import { collectTextKeys } from './predicate.ts';

/** Octets of one text to be looked for: finding it may take its length times the message's. */
const TEXT_BYTES = 512;
/** Texts to be looked for in each message. */
const TEXT_KEYS = 1_000;
/** Different header fields, each of which means a walk through the header. */
const HEADER_FIELDS = 50;

/** @returns nothing if it can be done. */
export function refuseProgram({
  charset,
  criteria,
}: {
  readonly charset: string | undefined;
  readonly criteria: SearchKey;
}): CommandResult | undefined {
  if (charset !== undefined && !isSearchCharset(charset)) {
    const offered = OFFERED_CHARSETS.join(' ');
    return no(`[BADCHARSET (${offered})] This charset is not known here; use UTF-8`);
  }
  const fields = new Set<string>();
  const textKeys = collectTextKeys(criteria);
  if (textKeys.length > TEXT_KEYS) return tooMuch(`${TEXT_KEYS} texts to look for`);
  for (const key of textKeys) {
    if (key.key === 'header') fields.add(key.field.toLowerCase());
    const text = 'text' in key ? key.text : undefined;
    if (text !== undefined && text.length > TEXT_BYTES) {
      return tooMuch(`${TEXT_BYTES} octets of text to look for`);
    }
  }
  return fields.size > HEADER_FIELDS ? tooMuch(`${HEADER_FIELDS} header fields`) : undefined;
}

function tooMuch(most: string): CommandResult {
  return no(`[LIMIT] One search may have at most ${most}`);
}
