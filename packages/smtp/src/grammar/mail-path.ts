/**
 * Paths of MAIL and RCPT (RFC 5321 §4.1.2, with non-ASCII letters by RFC 6531 §3.3). Source routes
 * are read over, as §4.1.2 asks; quoted local parts come in their shortest form, so that two ways
 * of writing one mailbox are equal.
 */

/** One mailbox. Domains are lower case; local parts are as written, since they may have a case. */
export interface MailPath {
  /** Without its quotes. */
  readonly localPart: string;
  /** A domain name, or an address literal in brackets; undefined for `<Postmaster>` alone. */
  readonly domain: string | undefined;
  /** Something in it is not ASCII: only SMTPUTF8 may carry it. */
  readonly isUtf8: boolean;
}

/** What was read, and where it ended. */
export interface ReadPath {
  /** Undefined for the null path, `<>`. */
  readonly path: MailPath | undefined;
  /** Behind the closing bracket. */
  readonly rest: string;
}

/** RFC 5321 §4.5.3.1, in octets. */
const LOCAL_PART_BYTES = 64;
const DOMAIN_BYTES = 255;
const LABEL_BYTES = 63;

const DOT_STRING =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+)*$/u;
const QUOTED = /^"(?<content>(?:[ !#-[\]-~\u{80}-\u{10ffff}]|\\[ -~])*)"$/u;
/** Letters of other scripts stand for the U-labels of RFC 6531 §3.3. */
const LABEL =
  /^[A-Za-z0-9\u{80}-\u{10ffff}](?:[A-Za-z0-9\u{80}-\u{10ffff}-]*[A-Za-z0-9\u{80}-\u{10ffff}])?$/u;
const ADDRESS_LITERAL = /^\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9A-Fa-f:.]{2,45})\]$/iu;
const SOURCE_ROUTE = /^@[^:<>" ]+(?:,@[^:<>" ]+)*:/u;
const NON_ASCII = /[^\0-\x7f]/u;

/**
 * Reads a path in angle brackets from the start of a text.
 *
 * @returns undefined if it is none.
 */
export function readPath(text: string): ReadPath | undefined {
  const end = findPathEnd(text);
  if (end === undefined) return undefined;
  const inside = text.slice(1, end).replace(SOURCE_ROUTE, '');
  const rest = text.slice(end + 1);
  if (inside === '') return end === 1 ? { path: undefined, rest } : undefined;
  const path = parseMailbox(inside);
  return path === undefined ? undefined : { path, rest };
}

/** @param text Without brackets. @returns undefined if it is no mailbox. */
export function parseMailbox(text: string): MailPath | undefined {
  const at = text.lastIndexOf('@');
  const isBarePostmaster = at < 0 && text.toLowerCase() === 'postmaster';
  if (at < 0 && !isBarePostmaster) return undefined;
  const localPart = parseLocalPart(at < 0 ? text : text.slice(0, at));
  if (localPart === undefined) return undefined;
  const domain = at < 0 ? undefined : text.slice(at + 1).toLowerCase();
  if (domain !== undefined && !isDomain(domain)) return undefined;
  return { localPart, domain, isUtf8: NON_ASCII.test(text) };
}

/** As in a command or a header, without brackets. */
export function formatMailbox({ localPart, domain }: Omit<MailPath, 'isUtf8'>): string {
  const local = DOT_STRING.test(localPart)
    ? localPart
    : `"${localPart.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
  return domain === undefined ? local : `${local}@${domain}`;
}

/** With brackets; `<>` for the null path. */
export function formatPath(path: Omit<MailPath, 'isUtf8'> | undefined): string {
  return path === undefined ? '<>' : `<${formatMailbox(path)}>`;
}

/** A bracket inside of quotes does not end the path. */
function findPathEnd(text: string): number | undefined {
  if (!text.startsWith('<')) return undefined;
  let isQuoted = false;
  for (let at = 1; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted && character === '\\') at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === '>' && !isQuoted) return at;
  }
  return undefined;
}

function parseLocalPart(text: string): string | undefined {
  if (Buffer.byteLength(text) > LOCAL_PART_BYTES) return undefined;
  if (DOT_STRING.test(text)) return text;
  const content = QUOTED.exec(text)?.groups?.['content'];
  return content === undefined || content === '' ? undefined : content.replaceAll(/\\(.)/gu, '$1');
}

function isDomain(text: string): boolean {
  if (Buffer.byteLength(text) > DOMAIN_BYTES) return false;
  if (ADDRESS_LITERAL.test(text)) return true;
  return text
    .split('.')
    .every((label) => Buffer.byteLength(label) <= LABEL_BYTES && LABEL.test(label));
}
