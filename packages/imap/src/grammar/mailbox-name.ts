/**
 * Mailbox names on the wire and inside (RFC 3501 §5.1, §5.1.3): modified UTF-7 or UTF-8
 * outside, Unicode inside. Strict in what it writes, lenient in what it takes.
 *
 * - A name with 8-bit octets is UTF-8 as a whole (RFC 6855 §3 spells names so), and "&" in it
 *   stands for itself.
 * - What is not modified UTF-7 though it has a "&" is taken literally: `A&B` is the folder that
 *   LIST then shows as `A&-B`. Deviation: RFC 3501 §5.1.3 would have it refused; scripts and
 *   people type it, and no other name can be meant.
 */

const AMPERSAND = 0x26;
/** Modified base64 (RFC 3501 §5.1.3): "," in place of "/", no padding. */
const SHIFTED = /&([A-Za-z0-9+,]*)-/y;
const NEEDS_SHIFT = /[^\x20-\x7e]+|&/g;
const EIGHT_BIT = /[\x80-\xff]/;
/** What no name may hold (RFC 6855 §3). */
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;
const INBOX = 'INBOX';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a mailbox name or a LIST pattern.
 *
 * @param octets The astring's content as Latin-1.
 * @returns The name in Unicode, INBOX (also as the first level) in capitals; undefined if it is
 *   no text or has control characters.
 */
export function parseMailboxName(octets: string): string | undefined {
  const name = EIGHT_BIT.test(octets) ? decodeUtf8(octets) : decodeModifiedUtf7(octets);
  if (name === undefined || CONTROL.test(name)) return undefined;
  return withInboxSpelling(name);
}

/**
 * The same of a name that is UTF-8 for sure, so that "&" stands for itself: in URLs, and from
 * clients that have enabled UTF-8 (RFC 6855 §3, RFC 9051 §5.1).
 */
export function parseUtf8MailboxName(octets: string): string | undefined {
  const name = decodeUtf8(octets);
  return name === undefined || CONTROL.test(name) ? undefined : withInboxSpelling(name);
}

function decodeUtf8(octets: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(octets, 'latin1'));
  } catch {
    return undefined;
  }
}

/** INBOX is the same in any case (RFC 3501 §5.1); so are the folders below it. */
function withInboxSpelling(name: string): string {
  const first = name.charCodeAt(0) | 0x20;
  if (first !== 0x69 || name.length < INBOX.length) return name;
  if (name.length > INBOX.length && name.charAt(INBOX.length) !== '/') return name;
  if (name.slice(0, INBOX.length).toUpperCase() !== INBOX) return name;
  return INBOX + name.slice(INBOX.length);
}

/** Decodes modified UTF-7; gives `text` itself where that is not what it is. */
export function decodeModifiedUtf7(text: string): string {
  if (!text.includes('&')) return text;
  let decoded = '';
  let at = 0;
  while (at < text.length) {
    if (text.charCodeAt(at) !== AMPERSAND) {
      const next = text.indexOf('&', at);
      const end = next < 0 ? text.length : next;
      decoded += text.slice(at, end);
      at = end;
      continue;
    }
    SHIFTED.lastIndex = at;
    const run = SHIFTED.exec(text)?.[1];
    const characters = run === undefined ? undefined : decodeRun(run);
    if (run === undefined || characters === undefined) return text;
    decoded += characters;
    at += run.length + 2;
  }
  return decoded;
}

/** One shifted run without its "&" and "-"; undefined if it is no well-formed UTF-16. */
function decodeRun(run: string): string | undefined {
  if (run === '') return '&';
  const octets = Buffer.from(run.replaceAll(',', '/'), 'base64');
  // 16-bit units, and less than one base64 digit of padding bits behind them.
  if (octets.length < 2 || octets.length % 2 !== 0) return undefined;
  if (Math.ceil((octets.length * 4) / 3) !== run.length) return undefined;
  const characters = octets.swap16().toString('utf16le');
  return characters.isWellFormed() ? characters : undefined;
}

/** Writes a name as modified UTF-7; printable ASCII only, whatever the name holds. */
export function encodeModifiedUtf7(name: string): string {
  return name.toWellFormed().replace(NEEDS_SHIFT, (run) => {
    if (run === '&') return '&-';
    const base64 = Buffer.from(run, 'utf16le').swap16().toString('base64');
    return `&${base64.replaceAll('/', ',').replaceAll('=', '')}-`;
  });
}
