/**
 * Text → octets in old charsets. The platform only decodes them, so tables are made by turning
 * its decoders round; each is made once, when it is first needed.
 */

/** Charsets that the samples use beside UTF-8. */
export type OldCharset = 'gb18030' | 'iso-2022-jp' | 'koi8-r' | 'iso-8859-1' | 'iso-8859-7';

type Table = ReadonlyMap<string, Buffer>;

/** @param text Must lie within the charset; what does not becomes "?". */
export function encodeCharset(text: string, charset: OldCharset): Buffer {
  if (charset === 'iso-2022-jp') return encodeIso2022Jp(text);
  const table = charset === 'gb18030' ? getTable('gb18030', true) : getTable(charset, false);
  return Buffer.concat(Array.from(text, (character) => encodeCharacter(character, table)));
}

function encodeCharacter(character: string, table: Table): Buffer {
  if (character < '\u0080') return Buffer.from(character);
  return table.get(character) ?? Buffer.from('?');
}

const tables = new Map<string, Table>();

function getTable(charset: string, hasPairs: boolean): Table {
  let table = tables.get(charset);
  if (table === undefined) {
    table = hasPairs ? invertPairs(charset) : invertSingles(charset);
    tables.set(charset, table);
  }
  return table;
}

function invertSingles(charset: string): Table {
  const decoder = new TextDecoder(charset);
  const table = new Map<string, Buffer>();
  for (let octet = 0xa0; octet <= 0xff; octet++) {
    const octets = Buffer.of(octet);
    table.set(decoder.decode(octets), octets);
  }
  if (charset === 'koi8-r') {
    table.set('—', Buffer.from('-'));
    for (const quote of '«»') table.set(quote, Buffer.from('"'));
  }
  return table;
}

function invertPairs(charset: string): Table {
  const decoder = new TextDecoder(charset);
  const table = new Map<string, Buffer>();
  for (let lead = 0xa1; lead <= 0xf7; lead++) {
    for (let trail = 0xa1; trail <= 0xfe; trail++) {
      const octets = Buffer.of(lead, trail);
      const text = decoder.decode(octets);
      if (!text.includes('\ufffd') && !table.has(text)) table.set(text, octets);
    }
  }
  return table;
}

const toJis = Buffer.from('\x1b$B');
const toAscii = Buffer.from('\x1b(B');

/** RFC 1468: EUC-JP without its high bits, between escape sequences; ASCII at each line's end. */
function encodeIso2022Jp(text: string): Buffer {
  const table = getTable('euc-jp', true);
  const pieces: Buffer[] = [];
  let isJis = false;
  for (const character of text) {
    const isAscii = character < '\u0080';
    if (isAscii === isJis) pieces.push(isAscii ? toAscii : toJis);
    isJis = !isAscii;
    const octets = encodeCharacter(character, table);
    pieces.push(isAscii ? octets : Buffer.from(octets.map((octet) => octet & 0x7f)));
  }
  if (isJis) pieces.push(toAscii);
  return Buffer.concat(pieces);
}
