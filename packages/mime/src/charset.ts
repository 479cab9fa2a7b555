/**
 * Octets in a named charset → text, through the platform's decoders and a few of our own.
 * Nothing fails: unknown names fall back to UTF-8 where the octets are valid UTF-8, else to
 * windows-1252; invalid sequences give U+FFFD.
 *
 * Gap: ISO-2022-CN, EUC-TW, UTF-32 and the DOS code pages but 866 have no decoder.
 */
import type { CharsetDecoder } from './decoders.ts';
import { isUtf8 } from 'node:buffer';
import {
  createPlatformDecoder,
  findOwnCharset,
  normalizeCharsetName,
  type OwnCharset,
  type PlatformDecoder,
} from './charset-names.ts';
import { createHzDecoder, createIso2022KrDecoder } from './shifted-charsets.ts';
import { createUtf7Decoder } from './utf7.ts';

const createOwnDecoder: Readonly<Record<OwnCharset, () => CharsetDecoder>> = {
  'hz-gb-2312': () => createHzDecoder(createCharsetDecoder('gbk')),
  'iso-2022-kr': () => createIso2022KrDecoder(createCharsetDecoder('euc-kr')),
  'utf-7': createUtf7Decoder,
};

/** Decodes octets that lie there as a whole. */
export function decodeCharset(octets: Uint8Array, charset: string): string {
  const decode = wholeDecoders.get(charset) ?? prepareWholeDecoder(charset);
  return decode(octets);
}

type WholeDecoder = (octets: Uint8Array) => string;

/**
 * Decoders of whole texts by name as sent: making one costs more than a short text. Lenient
 * ones keep nothing from one text to the next. Names come from strangers, so they are bounded.
 */
const wholeDecoders = new Map<string, WholeDecoder>();
const maxWholeDecoders = 128;

function prepareWholeDecoder(charset: string): WholeDecoder {
  const decode = createWholeDecoder(normalizeCharsetName(charset));
  if (wholeDecoders.size >= maxWholeDecoders) wholeDecoders.clear();
  if (charset.length <= 64) wholeDecoders.set(charset, decode);
  return decode;
}

function createWholeDecoder(name: string): WholeDecoder {
  const own = findOwnCharset(name);
  if (own !== undefined) {
    return (octets) => {
      const decoder = createOwnDecoder[own]();
      return decoder.push(octets) + decoder.finish();
    };
  }
  const decoder = createPlatformDecoder(name);
  return decoder === undefined ? decodeUnlabelled : (octets) => decoder.decode(octets);
}

const windows1252 = new TextDecoder('windows-1252');

/** Decodes octets of which nobody said what they are: UTF-8 if they are, else windows-1252. */
export function decodeUnlabelled(octets: Uint8Array): string {
  return isUtf8(octets) ? utf8.decode(octets) : windows1252.decode(octets);
}

const utf8 = new TextDecoder('utf-8');

/**
 * Prepares decoding in pieces. An unknown charset is read as UTF-8 until something is not,
 * and as windows-1252 from that piece on.
 */
export function createCharsetDecoder(charset: string): CharsetDecoder {
  const name = normalizeCharsetName(charset);
  const own = findOwnCharset(name);
  if (own !== undefined) return createOwnDecoder[own]();
  const decoder = createPlatformDecoder(name);
  if (decoder === undefined) return createGuessingDecoder();
  if (lineWiseNames.has(decoder.encoding)) return createLineWiseDecoder(decoder);
  return {
    push: (octets) => decoder.decode(octets, { stream: true }),
    finish: () => decoder.decode(),
  };
}

/**
 * Encodings whose platform decoder must not be fed in pieces: on broken octets at a seam Node
 * 24 throws (it makes room for too few characters), although it is told to be lenient. LF is
 * never the second half of a character in them.
 */
const lineWiseNames: ReadonlySet<string> = new Set(['gb18030', 'gbk', 'euc-jp']);

/** Octets without a line end that are held at most. */
const maxHeldBytes = 65_536;

function createLineWiseDecoder(decoder: PlatformDecoder): CharsetDecoder {
  let held: Buffer = Buffer.alloc(0);
  return {
    push(octets) {
      const all = Buffer.concat([held, octets]);
      const end = all.length > maxHeldBytes ? all.length : all.lastIndexOf(0x0a) + 1;
      held = Buffer.from(all.subarray(end));
      return end === 0 ? '' : decoder.decode(all.subarray(0, end));
    },
    finish: () => decoder.decode(held),
  };
}

function createGuessingDecoder(): CharsetDecoder {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const fallback = new TextDecoder('windows-1252');
  let isStillUtf8 = true;
  /** Octets of an unfinished UTF-8 character, which the strict decoder holds back. */
  let pending: Buffer = Buffer.alloc(0);
  return {
    push(octets) {
      if (!isStillUtf8) return fallback.decode(octets);
      try {
        const text = utf8.decode(octets, { stream: true });
        pending = unfinishedUtf8(Buffer.concat([pending, octets.subarray(-4)]));
        return text;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        isStillUtf8 = false;
        return fallback.decode(Buffer.concat([pending, octets]));
      }
    },
    finish: () => (isStillUtf8 ? fallback.decode(pending) : ''),
  };
}

/** @returns The octets at the end that begin a character and do not finish it: at most three. */
function unfinishedUtf8(octets: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, octets.length); back++) {
    const octet = octets[octets.length - back] as number;
    if (octet < 0x80) break;
    if (octet >= 0xc0) {
      const needed = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2;
      return needed > back ? Buffer.from(octets.subarray(-back)) : Buffer.alloc(0);
    }
  }
  return Buffer.alloc(0);
}
