/**
 * Login names as people type them, and the one form in which the directory keeps and compares
 * them. The forms are Exchange's: an alias (`anna`), an address or UPN (`anna@example.org`),
 * `DOMAIN\user` or the same with a slash; and the delegate forms, which name a second mailbox
 * behind a further slash or backslash (MS-OXIMAP4).
 *
 * Normal form: Unicode NFC, lower case, no space around, backslash between domain and user.
 * Who an account is, and whether its kind may log in, is never decided by the typed form: every
 * form leads to one account record, and the policy looks at that (`login-policy.ts`).
 *
 * Gap: an internationalised domain and its `xn--` form are two different names here.
 */

/** Of the normal form in UTF-8: 64 octets of local part, `@`, 255 of domain. */
export const LOGIN_NAME_LIMIT_BYTES = 320;

/** Why something typed is no login name; closed list. */
export type LoginNameRefusal = 'empty' | 'too-long' | 'forbidden-character' | 'malformed';

export type ParsedLoginName =
  /** One account's own name. */
  | {
      readonly kind: 'name';
      readonly name: string;
      readonly form: 'alias' | 'address' | 'domain-user';
    }
  /** `delegate` logs in, with its own password, to open the mailbox of `principal`. */
  | { readonly kind: 'delegate'; readonly delegate: string; readonly principal: string }
  | { readonly kind: 'invalid'; readonly reason: LoginNameRefusal };

/**
 * Control, format, private-use and ignorable characters and lone surrogates: invisible, so two
 * names could look alike. U+FFFD is what a decoder leaves of octets that are not UTF-8. Quoted
 * local parts (RFC 5321 §4.1.2) are not names here.
 */
const FORBIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFFD"]|(?! )\p{Zs}/u;
/** What almost everybody types: needs no Unicode work. */
const PLAIN = /^[a-z0-9._+-]{1,64}(?:@[a-z0-9.-]{1,190})?$/;

/** Reads what a client sent as login name. Cost is bounded whatever the length. */
export function parseLoginName(typed: string): ParsedLoginName {
  if (PLAIN.test(typed)) {
    return { kind: 'name', name: typed, form: typed.includes('@') ? 'address' : 'alias' };
  }
  // No character loses more than two thirds of its octets by NFC and lower case.
  if (typed.length > LOGIN_NAME_LIMIT_BYTES * 3) return invalid('too-long');
  const text = toNormalText(typed);
  if (text === '') return invalid('empty');
  if (Buffer.byteLength(text) > LOGIN_NAME_LIMIT_BYTES) return invalid('too-long');
  if (FORBIDDEN.test(text)) return invalid('forbidden-character');
  const parts = text.split(/[\\/]/);
  if (parts.some((part) => part === '' || part !== part.trim())) return invalid('malformed');
  return parseParts(parts);
}

/** The normal form of one account's own name; undefined for delegate forms and non-names. */
export function normaliseLoginName(typed: string): string | undefined {
  const parsed = parseLoginName(typed);
  return parsed.kind === 'name' ? parsed.name : undefined;
}

function parseParts(parts: readonly string[]): ParsedLoginName {
  const [first = '', second = '', third = ''] = parts;
  switch (parts.length) {
    case 1:
      return parseSingle(first);
    case 2:
      return parsePair(first, second);
    case 3:
      if (first.includes('@') || second.includes('@') || !isMailboxName(third)) break;
      return { kind: 'delegate', delegate: `${first}\\${second}`, principal: third };
    default:
  }
  return invalid('malformed');
}

function parseSingle(text: string): ParsedLoginName {
  if (!text.includes('@')) return { kind: 'name', name: text, form: 'alias' };
  if (!isAddress(text)) return invalid('malformed');
  return { kind: 'name', name: text, form: 'address' };
}

/** `domain/user`, or a delegate's UPN with the mailbox behind it: the "@" tells them apart. */
function parsePair(first: string, second: string): ParsedLoginName {
  if (first.includes('@')) {
    if (!isAddress(first) || !isMailboxName(second)) return invalid('malformed');
    return { kind: 'delegate', delegate: first, principal: second };
  }
  if (second.includes('@')) return invalid('malformed');
  return { kind: 'name', name: `${first}\\${second}`, form: 'domain-user' };
}

/** Whether a text in normal form holds what no name may hold. */
export function hasForbiddenCharacter(text: string): boolean {
  return FORBIDDEN.test(text);
}

/** Lower case can undo NFC (U+0130) and NFC can bring back upper case nowhere: so NFC again. */
export function toNormalText(typed: string): string {
  return typed
    .replace(/^ +| +$/g, '')
    .normalize('NFC')
    .toLowerCase()
    .normalize('NFC');
}

function isAddress(text: string): boolean {
  const at = text.indexOf('@');
  return at > 0 && at === text.lastIndexOf('@') && at < text.length - 1;
}

function isMailboxName(text: string): boolean {
  return !text.includes('@') || isAddress(text);
}

function invalid(reason: LoginNameRefusal): ParsedLoginName {
  return { kind: 'invalid', reason };
}
