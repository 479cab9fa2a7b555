/**
 * Status lines: `+OK`, `-ERR`, with response codes (RFC 2449 §8, RFC 3206), and the `+` of AUTH
 * (RFC 5034 §4), both ways. One line has 512 octets at most, its CRLF included (RFC 2449 §4).
 */

/** The response codes that Homeward sends. */
export type ResponseCode =
  /** RFC 3206 §5: the credentials. */
  | 'AUTH'
  /** RFC 3206 §4: may work later. */
  | 'SYS/TEMP'
  /** RFC 3206 §4: needs a person. */
  | 'SYS/PERM'
  /** RFC 2449 §8.1.2. */
  | 'IN-USE'
  /** RFC 2449 §8.1.1. */
  | 'LOGIN-DELAY';

/** A language as the listing names it. */
interface ListedLanguage {
  readonly tag: string;
  readonly name: string;
}

/** What a server's line says. */
export type ServerLine =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'err'; readonly code: string | undefined; readonly text: string }
  /** The challenge as written, base64. */
  | { readonly kind: 'challenge'; readonly base64: string };

/** Without the CRLF. */
const TEXT_LIMIT_BYTES = 510;
const PRINTABLE_ASCII = /^[ -~]*$/u;
const CONTROLS = /[\p{Cc}\p{Cs}\u2028\u2029]/gu;
/** RFC 2449 §8 resp-code. */
const RESPONSE_CODE = /^\[(?<code>[!-.0-Z\\^-~]+(?:\/[!-.0-Z\\^-~]+)*)\] ?(?<text>.*)$/u;

/**
 * `+OK text`; `text` must not begin with a bracket. Like all that is formatted here, the line
 * comes as one character for each octet (Latin-1); its text is UTF-8 where it is not ASCII
 * (RFC 6856 §3.2).
 */
export function formatOk(text: string): string {
  return bounded(`+OK ${text}`);
}

/** `-ERR [code] text`. */
export function formatErr(code: ResponseCode | undefined, text: string): string {
  return bounded(code === undefined ? `-ERR ${text}` : `-ERR [${code}] ${text}`);
}

/** `+ base64`. Challenges have no limit (RFC 5034 §4). */
export function formatChallenge(octets: Uint8Array): string {
  return `+ ${Buffer.from(octets).toString('base64')}\r\n`;
}

/** A multi-line response of short lines, none of which begins with a dot. */
export function formatLines(text: string, lines: readonly string[]): string {
  return `${formatOk(text)}${lines.map((line) => `${line}\r\n`).join('')}.\r\n`;
}

/** The languages that LANG offers, with their own names for themselves (RFC 6856 §3.2). */
export function formatLanguages(text: string, languages: readonly ListedLanguage[]): string {
  const lines = languages.map(({ tag, name }) => toOctets(`${tag} ${name}`));
  return formatLines(text, lines);
}

/**
 * Reads a status line, its CRLF removed.
 *
 * @returns undefined if it is none.
 */
export function parseServerLine(line: string): ServerLine | undefined {
  const keyword = /^(?<keyword>\+OK|-ERR|\+)(?: (?<rest>.*))?$/su.exec(line)?.groups;
  if (keyword === undefined) return undefined;
  const rest = keyword['rest'] ?? '';
  if (keyword['keyword'] === '+') return { kind: 'challenge', base64: rest };
  if (keyword['keyword'] === '+OK') return { kind: 'ok', text: rest };
  const coded = RESPONSE_CODE.exec(rest)?.groups;
  if (coded === undefined) return { kind: 'err', code: undefined, text: rest };
  return { kind: 'err', code: coded['code']?.toUpperCase(), text: coded['text'] ?? '' };
}

/** One line, whatever the words hold. */
function bounded(line: string): string {
  if (PRINTABLE_ASCII.test(line)) return `${line.slice(0, TEXT_LIMIT_BYTES)}\r\n`;
  const octets = toOctets(line.replaceAll(CONTROLS, '?'));
  return `${octets.slice(0, findCharacterEnd(octets, TEXT_LIMIT_BYTES))}\r\n`;
}

/** UTF-8, one character for each octet. */
function toOctets(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** @returns The last place up to `limit` where a character of UTF-8 begins or all ends. */
function findCharacterEnd(octets: string, limit: number): number {
  let end = Math.min(limit, octets.length);
  while (end < octets.length && (octets.charCodeAt(end) & 0xc0) === 0x80) end -= 1;
  return end;
}
