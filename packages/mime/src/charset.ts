/**
 * Octets in a named charset → text, through the platform's decoders and, for UTF-7, our own.
 * Nothing fails: unknown names fall back to UTF-8 where the octets are valid UTF-8, else to
 * windows-1252; invalid sequences give U+FFFD.
 *
 * Gap: HZ-GB-2312, ISO-2022-KR, ISO-2022-CN, EUC-TW and the DOS code pages have no decoder.
 */
import { isUtf8 } from 'node:buffer';
import { createUtf7Decoder } from './utf7.ts';

/** Decodes a stream of octets piece by piece; characters may be split between pieces. */
export interface CharsetDecoder {
  push(octets: Uint8Array): string;
  /** What is left; call once. */
  finish(): string;
}

/** Names that mail uses and the WHATWG labels (which `TextDecoder` knows) lack. */
const aliases: Readonly<Record<string, string>> = {
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  'iso-2022-jp-3': 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  eucjp: 'euc-jp',
  'eucjp-ms': 'euc-jp',
  cp51932: 'euc-jp',
  cp932: 'shift_jis',
  'windows-932': 'shift_jis',
  euckr: 'euc-kr',
  cp949: 'euc-kr',
  uhc: 'euc-kr',
  ks_c_5601: 'euc-kr',
  euccn: 'gbk',
  'euc-cn': 'gbk',
  cp936: 'gbk',
  'windows-936': 'gbk',
  gb_2312: 'gbk',
  'gb18030-2000': 'gb18030',
  cp950: 'big5',
  'windows-950': 'big5',
  cp874: 'windows-874',
  macroman: 'macintosh',
  'mac-roman': 'macintosh',
  'iso-10646-utf-8': 'utf-8',
  'utf-8-mac': 'utf-8',
  'x-utf-8': 'utf-8',
  utf8mb4: 'utf-8',
  'utf-16be-bom': 'utf-16be',
};

const utf7Names: ReadonlySet<string> = new Set([
  'utf-7',
  'utf7',
  'unicode-1-1-utf-7',
  'unicode-2-0-utf-7',
  'x-unicode-2-0-utf-7',
  'csunicode11utf7',
]);

/** US-ASCII is sent with octets above 127 all the time, so it does not decide anything. */
const undecidedNames: ReadonlySet<string> = new Set([
  '',
  'us-ascii',
  'ascii',
  'ansi_x3.4-1968',
  'iso646-us',
  'iso-ir-6',
  'us',
  'unknown',
  'unknown-8bit',
  'x-unknown',
  'default',
  'none',
]);

function normalizeName(charset: string): string {
  const name = charset
    .trim()
    .replaceAll(/^["']|["']$/g, '')
    .toLowerCase();
  return Object.hasOwn(aliases, name) ? (aliases[name] as string) : name;
}

type PlatformDecoder = InstanceType<typeof TextDecoder>;

function createPlatformDecoder(name: string): PlatformDecoder | undefined {
  if (undecidedNames.has(name)) return undefined;
  try {
    return new TextDecoder(name);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Decodes octets that lie there as a whole. */
export function decodeCharset(octets: Uint8Array, charset: string): string {
  const decoder = wholeDecoders.get(charset) ?? prepareWholeDecoder(charset);
  if (decoder === 'utf-7') {
    const utf7 = createUtf7Decoder();
    return utf7.push(octets) + utf7.finish();
  }
  return decoder === 'unlabelled' ? decodeUnlabelled(octets) : decoder.decode(octets);
}

/**
 * Decoders of whole texts by name as sent: making one costs more than a short text. Lenient
 * ones keep nothing from one text to the next. Names come from strangers, so they are bounded.
 */
const wholeDecoders = new Map<string, PlatformDecoder | 'unlabelled' | 'utf-7'>();
const maxWholeDecoders = 128;

function prepareWholeDecoder(charset: string): PlatformDecoder | 'unlabelled' | 'utf-7' {
  const name = normalizeName(charset);
  const decoder = utf7Names.has(name) ? 'utf-7' : (createPlatformDecoder(name) ?? 'unlabelled');
  if (wholeDecoders.size >= maxWholeDecoders) wholeDecoders.clear();
  if (charset.length <= 64) wholeDecoders.set(charset, decoder);
  return decoder;
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
  const name = normalizeName(charset);
  if (utf7Names.has(name)) return createUtf7Decoder();
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
