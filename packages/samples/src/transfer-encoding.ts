/** Writes bodies and headers in the encodings of mail (RFC 2045 §6, RFC 2047). */

/** Turns "\n" into CRLF; text written with CRLF stays. */
export function toCrlf(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}

/** Base64 in lines of 76 characters. */
export function encodeBase64Lines(octets: Uint8Array): string {
  const digits = Buffer.from(octets).toString('base64');
  return (digits.match(/.{1,76}/g) ?? []).map((line) => `${line}\r\n`).join('');
}

/** Quoted-printable of octets whose line ends are CRLF. */
export function encodeQuotedPrintable(octets: Uint8Array): string {
  const lines = Buffer.from(octets).toString('latin1').split('\r\n');
  return lines.map((line) => breakSoftly(escapeLine(line))).join('\r\n');
}

function escapeLine(line: string): string {
  const escaped = line.replaceAll(/[^\t\x20-\x3c\x3e-\x7e]/g, escapeOctet);
  return escaped.replace(/[ \t]$/, escapeOctet);
}

function escapeOctet(character: string): string {
  return `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function breakSoftly(line: string): string {
  const pieces: string[] = [];
  let rest = line;
  while (rest.length > 76) {
    const cut = rest.slice(0, 75).replace(/=[0-9A-F]?$/, '').length;
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...pieces, rest].join('=\r\n');
}

/** Writes text of a header: as it is if ASCII, else as encoded words in UTF-8. */
export function encodeHeaderText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((each) => encodeWord(Buffer.from(each), 'UTF-8')).join('\r\n ');
}

/** One encoded word of octets in any charset, in base64. */
export function encodeWord(octets: Uint8Array, charset: string): string {
  return `=?${charset}?B?${Buffer.from(octets).toString('base64')}?=`;
}

/** The same in the Q encoding. */
export function encodeWordQ(octets: Uint8Array, charset: string): string {
  const text = Buffer.from(octets).toString('latin1').replaceAll(' ', '_');
  return `=?${charset}?Q?${text.replaceAll(/[^\w!*+/-]/g, escapeOctet)}?=`;
}
