/** GETMETADATA and SETMETADATA (RFC 5464 §4.2, §4.3, §5). */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { MetadataDepth } from '../command.ts';
import { parseMetadataEntry, parseMetadataEntryOrRoot } from '../metadata-entry.ts';
import type { WholeSyntax } from './command-syntax.ts';

interface Options {
  readonly depth: MetadataDepth;
  readonly maxSizeBytes: number | undefined;
}

type Option = Partial<Options>;

const noOptions: Options = { depth: 'entry', maxSizeBytes: undefined };

/** By the word in the command. */
export const METADATA_DEPTHS: ReadonlyMap<string, MetadataDepth> = new Map([
  ['0', 'entry'],
  ['1', 'children'],
  ['INFINITY', 'all'],
]);

/**
 * `getmetadata [SP options] SP mailbox SP entries`.
 *
 * Deviation: options are taken behind the mailbox, too, where RFC 5464 §4.2.1 shows them in its
 * examples, against its own grammar; clients were written by the examples.
 */
export const getMetadataSyntax: WholeSyntax = {
  word: 'GETMETADATA',
  parse(decoder) {
    decoder.space();
    const before = decoder.comesNext('(') ? parseOptions(decoder) : undefined;
    if (before !== undefined) decoder.space();
    const mailbox = decoder.mailbox();
    decoder.space();
    const behind = before === undefined ? tryOptions(decoder) : undefined;
    if (behind !== undefined) decoder.space();
    const entries = decoder.comesNext('(')
      ? decoder.list(() => parseMetadataEntryOrRoot(decoder))
      : [parseMetadataEntryOrRoot(decoder)];
    const options = before ?? behind ?? noOptions;
    return { name: 'getmetadata', mailbox, entries: [...new Set(entries)], ...options };
  },
};

/** `setmetadata SP mailbox SP "(" entry SP value *(SP entry SP value) ")"` */
export const setMetadataSyntax: WholeSyntax = {
  word: 'SETMETADATA',
  parse(decoder) {
    decoder.space();
    const mailbox = decoder.mailbox();
    decoder.space();
    const values = decoder.list(() => {
      const entry = parseMetadataEntry(decoder);
      decoder.space();
      return [entry, parseValue(decoder)] as const;
    });
    return { name: 'setmetadata', mailbox, values: new Map(values) };
  },
};

/** nstring / literal8 */
function parseValue(decoder: ArgumentDecoder): Uint8Array | undefined {
  decoder.tryTake('~');
  const value = decoder.nstring('a value or NIL');
  return value === undefined ? undefined : Buffer.from(value, 'latin1');
}

/** A list of options begins with a word where a list of entries has a slash. */
function tryOptions(decoder: ArgumentDecoder): Options | undefined {
  return decoder.startsWith('(D') || decoder.startsWith('(M') ? parseOptions(decoder) : undefined;
}

function parseOptions(decoder: ArgumentDecoder): Options {
  const options = decoder.list(() => parseOption(decoder));
  return Object.assign({}, noOptions, ...options) as Options;
}

function parseOption(decoder: ArgumentDecoder): Option {
  const start = decoder.position;
  if (decoder.tryKeyword('MAXSIZE')) {
    decoder.space();
    return { maxSizeBytes: decoder.number('a size in octets') };
  }
  if (!decoder.tryKeyword('DEPTH')) decoder.fail('MAXSIZE or DEPTH', start);
  decoder.space();
  const depth = METADATA_DEPTHS.get(decoder.atom('0, 1 or infinity').toUpperCase());
  return { depth: depth ?? decoder.fail('0, 1 or infinity', start) };
}
