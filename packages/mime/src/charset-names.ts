/**
 * What charsets are called (RFC 2978), in mail and in the platform, which goes by the labels of
 * the WHATWG.
 */

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

/** Charsets that the platform lacks and that are read by decoders of our own. */
export type OwnCharset = 'hz-gb-2312' | 'iso-2022-kr' | 'utf-7';

const ownNames: ReadonlyMap<string, OwnCharset> = new Map<string, OwnCharset>([
  ['utf-7', 'utf-7'],
  ['utf7', 'utf-7'],
  ['unicode-1-1-utf-7', 'utf-7'],
  ['unicode-2-0-utf-7', 'utf-7'],
  ['x-unicode-2-0-utf-7', 'utf-7'],
  ['csunicode11utf7', 'utf-7'],
  ['hz-gb-2312', 'hz-gb-2312'],
  ['hz', 'hz-gb-2312'],
  ['iso-2022-kr', 'iso-2022-kr'],
  ['csiso2022kr', 'iso-2022-kr'],
]);

const asciiNames: readonly string[] = [
  'us-ascii',
  'ascii',
  'ansi_x3.4-1968',
  'ansi_x3.4-1986',
  'iso_646.irv:1991',
  'iso646-us',
  'iso-ir-6',
  'us',
  'cp367',
  'ibm367',
  'csascii',
];

/** US-ASCII is sent with octets above 127 all the time, so it does not decide anything. */
const undecidedNames: ReadonlySet<string> = new Set([
  ...asciiNames,
  '',
  'unknown',
  'unknown-8bit',
  'x-unknown',
  'default',
  'none',
  // A label of the WHATWG for octets that are no text.
  'x-user-defined',
]);

/** A name as this file and the platform know it. */
export function normalizeCharsetName(charset: string): string {
  const name = charset
    .trim()
    .replaceAll(/^["']|["']$/g, '')
    .toLowerCase();
  return Object.hasOwn(aliases, name) ? (aliases[name] as string) : name;
}

/** @param name Normalised. */
export function findOwnCharset(name: string): OwnCharset | undefined {
  return ownNames.get(name);
}

export type PlatformDecoder = InstanceType<typeof TextDecoder>;

/**
 * @param name Normalised.
 * @returns undefined if the platform does not know it, or if the name says too little.
 */
export function createPlatformDecoder(name: string): PlatformDecoder | undefined {
  if (undecidedNames.has(name)) return undefined;
  try {
    return new TextDecoder(name);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Whether text in a charset of that name is read as what it is, US-ASCII included, in any
 * spelling: for SEARCH, which has to refuse what it would only guess (RFC 3501 §6.4.4
 * BADCHARSET).
 */
export function isKnownCharset(charset: string): boolean {
  const name = normalizeCharsetName(charset);
  if (asciiNames.includes(name) || ownNames.has(name)) return true;
  return createPlatformDecoder(name) !== undefined;
}
