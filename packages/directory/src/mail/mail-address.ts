/**
 * Addresses of mail as names of the directory: the form of an SMTP path's mailbox (RFC 5321 §4.1.2,
 * with UTF-8 by RFC 6531 §3.3), and under which names its holder may be found.
 *
 * Local parts are compared as login names are, in NFC and without their case; RFC 5321 §2.4 leaves
 * that to who owns the domain. A domain has one form of its own, that of A-labels, whatever was
 * typed (RFC 5890 §2.3.2.1); names in the directory may have either, so both are looked for.
 */
import { domainToASCII, domainToUnicode } from 'node:url';
import { hasForbiddenCharacter, LOGIN_NAME_LIMIT_BYTES, toNormalText } from '../login-name.ts';

export interface MailAddress {
  /** As written, without quotes that it does not need. */
  readonly localPart: string;
  /** Lower case, NFC, with A-labels; undefined for `Postmaster` alone. */
  readonly domain: string | undefined;
  /** Lower case, NFC, as written otherwise; undefined as `domain`. */
  readonly writtenDomain: string | undefined;
}

/** What stands in a dot-atom (RFC 5322 §3.2.3); names in the directory are of nothing else. */
const NAME_LOCAL_PART = /^[^\s"(),:;<>@[\\\]]+$/;
const QUOTED = /^"(?<content>[^"\\]*)"$/;

/** Reads a mailbox, without angle brackets. Cost is bounded; undefined if it is none. */
export function parseMailAddress(text: string): MailAddress | undefined {
  // No character loses more than two thirds of its octets by NFC and lower case.
  if (text.length > LOGIN_NAME_LIMIT_BYTES * 3) return undefined;
  const at = text.lastIndexOf('@');
  if (at < 0) {
    if (text.toLowerCase() !== 'postmaster') return undefined;
    return { localPart: text, domain: undefined, writtenDomain: undefined };
  }
  const localPart = withoutQuotes(text.slice(0, at));
  const writtenDomain = toNormalText(text.slice(at + 1));
  if (localPart === '' || writtenDomain === '') return undefined;
  return { localPart, domain: normaliseMailDomain(writtenDomain), writtenDomain };
}

/** A domain's one form: lower case, A-labels. What is no domain name comes as it is. */
export function normaliseMailDomain(domain: string): string {
  const text = toNormalText(domain);
  return isPlain(text) ? text : domainToASCII(text) || text;
}

/**
 * The names under which the directory may have `localPart` at the address's domain, the likeliest
 * first, in normal form; none if nobody can have such a name.
 *
 * @param localPart The address's own, or what is left of it without its detail.
 */
export function namesOf(address: MailAddress, localPart: string): readonly string[] {
  const { domain, writtenDomain } = address;
  if (domain === undefined || writtenDomain === undefined) return [];
  const local = toNormalText(localPart);
  if (!NAME_LOCAL_PART.test(local) || hasForbiddenCharacter(local)) return [];
  const domains = isPlain(writtenDomain)
    ? [writtenDomain]
    : [...new Set([writtenDomain, domain, toNormalText(domainToUnicode(domain))])];
  const names = domains.filter((one) => one !== '').map((one) => `${local}@${one}`);
  return names.filter((name) => Buffer.byteLength(name) <= LOGIN_NAME_LIMIT_BYTES);
}

/**
 * One form for all ways of writing an address, to tell whether two are the same. Local parts of
 * other domains might have a case (RFC 5321 §2.4); nobody is known to tell two people by it.
 */
export function comparableAddress(text: string): string {
  const address = parseMailAddress(text);
  const domain = address?.domain ?? '';
  return `${toNormalText(address?.localPart ?? text)}@${domain}`;
}

/** Nothing in it has a second form. */
function isPlain(domain: string): boolean {
  return /^[a-z0-9.-]*$/.test(domain) && !domain.includes('xn--');
}

function withoutQuotes(localPart: string): string {
  return QUOTED.exec(localPart)?.groups?.['content'] ?? localPart;
}
