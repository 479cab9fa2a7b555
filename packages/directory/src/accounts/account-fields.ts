/**
 * What an operator may put into an account record. Problems come all at once, each with the field
 * it is about, what is wrong, and what to do.
 */
import { DELEGATE_RIGHTS } from '../delegates.ts';
import { LOGIN_NAME_LIMIT_BYTES, parseLoginName, type LoginNameRefusal } from '../login-name.ts';
import type { AccountKind, AccountRecord, DelegateRight, Protocol, SiteName } from '../ports.ts';
import { parseSiteName } from '../site-name.ts';

export const ACCOUNT_KINDS: readonly AccountKind[] = [
  'user',
  'shared',
  'guest',
  'anonymous',
  'administrator',
];
/** RFC 5321 §4.5.3.1.3: a path has 256 octets, its angle brackets included. */
const ADDRESS_LIMIT_BYTES = 254;
const NAME_COUNT_LIMIT = 64;
const DISPLAY_NAME_LIMIT = 256;
const CONNECTION_LIMIT_MAX = 100_000;
/** No message and no octet of it fits in less: who shall get no mail is switched off instead. */
const QUOTA_MIN = 1;

export type AccountField =
  | 'account'
  | 'address'
  | 'names'
  | 'displayName'
  | 'kind'
  | 'site'
  | 'homeLogin'
  | 'password'
  | 'connectionLimit'
  | 'quotaBytes'
  | 'quotaMessages'
  | 'delegates'
  | 'appPasswords'
  | 'ldap'
  | 'group'
  | 'members'
  | 'senders';

export interface FieldProblem {
  readonly field: AccountField;
  /** What is wrong; never holds a password. */
  readonly text: string;
  readonly remedy: string;
}

/** Fields as they were typed; a field that is undefined is not judged. */
export interface AccountFields {
  readonly address?: string | undefined;
  /** Further login names: addresses, aliases, `DOMAIN\user`, UPN. */
  readonly names?: readonly string[] | undefined;
  /** Null removes it. */
  readonly displayName?: string | null | undefined;
  readonly kind?: string | undefined;
  readonly site?: string | undefined;
  /** Its login name at a home of other software; null: as the site's template says. */
  readonly homeLogin?: string | null | undefined;
  readonly isEnabled?: boolean | undefined;
  /** Its own password lets nobody in, but its app passwords and tokens do. */
  readonly isPasswordLoginOff?: boolean | undefined;
  /** Null: as the setting says. */
  readonly savesSentCopy?: boolean | null | undefined;
  readonly protocols?: Partial<Readonly<Record<Protocol, boolean>>> | undefined;
  /** Null: the deployment's own limit. */
  readonly connectionLimit?: number | null | undefined;
  /** Null: the site's default. */
  readonly quotaBytes?: number | null | undefined;
  /** Null: the site's default. */
  readonly quotaMessages?: number | null | undefined;
  /**
   * LDAP judges the password: under this login name there, '' for the address. Null: no more.
   * An account that was made from an entry follows that entry whatever is given here.
   */
  readonly ldapLogin?: string | null | undefined;
}

/** What becomes of the fields; those not given are left out. */
export type ParsedFields = Partial<
  Pick<
    AccountRecord,
    | 'address'
    | 'names'
    | 'displayName'
    | 'kind'
    | 'home'
    | 'homeLogin'
    | 'isEnabled'
    | 'isPasswordLoginOff'
    | 'savesSentCopy'
    | 'connectionLimit'
    | 'quotaBytes'
    | 'quotaMessages'
    | 'ldap'
  >
>;

export interface FieldsVerdict {
  readonly values: ParsedFields;
  readonly problems: readonly FieldProblem[];
}

/** Normalises and judges fields. `names` in the result are without the address. */
export function parseAccountFields(fields: AccountFields): FieldsVerdict {
  const problems: FieldProblem[] = [];
  const values: { -readonly [Field in keyof ParsedFields]: ParsedFields[Field] } = {};
  const note = (field: AccountField, text: string, remedy: string): void => {
    problems.push({ field, text, remedy });
  };
  if (fields.address !== undefined) values.address = parseAddress(fields.address, note);
  if (fields.names !== undefined) values.names = parseNames(fields.names, note);
  if (fields.kind !== undefined) values.kind = parseKind(fields.kind, note);
  if (fields.site !== undefined) values.home = parseSite(fields.site, note);
  if (fields.homeLogin !== undefined) {
    values.homeLogin = parseHomeLogin(fields.homeLogin ?? undefined, note);
  }
  if (fields.isEnabled !== undefined) values.isEnabled = fields.isEnabled;
  if (fields.isPasswordLoginOff !== undefined) {
    // What is usual is left out of the record.
    values.isPasswordLoginOff = fields.isPasswordLoginOff || undefined;
  }
  if (fields.savesSentCopy !== undefined) {
    values.savesSentCopy = fields.savesSentCopy ?? undefined;
  }
  if (fields.displayName !== undefined) {
    values.displayName = parseDisplayName(fields.displayName ?? undefined, note);
  }
  if (fields.connectionLimit !== undefined) {
    values.connectionLimit = parseConnectionLimit(fields.connectionLimit ?? undefined, note);
  }
  for (const field of ['quotaBytes', 'quotaMessages'] as const) {
    const quota = fields[field];
    if (quota !== undefined) values[field] = parseQuota(field, quota ?? undefined, note);
  }
  if (fields.ldapLogin !== undefined) values.ldap = parseLdapLogin(fields.ldapLogin, note);
  return { values, problems };
}

/** Reads what a delegate shall be allowed; each right once. */
export function parseDelegateRights(typed: readonly string[]): {
  readonly rights: readonly DelegateRight[];
  readonly problems: readonly FieldProblem[];
} {
  const strange = typed.filter((one) => !DELEGATE_RIGHTS.some((right) => right === one));
  return {
    rights: DELEGATE_RIGHTS.filter((right) => typed.includes(right)),
    problems: strange.map((one) => ({
      field: 'delegates',
      text: `"${show(one)}" is not a right of delegates`,
      remedy: `Use ${DELEGATE_RIGHTS.join(', ')}.`,
    })),
  };
}

/** Takes down what is wrong with a field. */
export type Note = (field: AccountField, text: string, remedy: string) => void;

const REFUSALS: Readonly<Record<LoginNameRefusal, string>> = {
  empty: 'is empty',
  'too-long': `is longer than ${LOGIN_NAME_LIMIT_BYTES} octets`,
  'forbidden-character': 'holds a control, invisible or quote character',
  malformed: 'is neither alias, address nor DOMAIN\\user',
};

/** Local part: dot-atom (RFC 5322 §3.2.3), with UTF-8 (RFC 6531 §3.3); no quoted strings. */
const LOCAL_PART = /^[^\s"(),:;<>@[\\\].]+(?:\.[^\s"(),:;<>@[\\\].]+)*$/;
const DOMAIN_LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u;

/** @returns The address in normal form, or something of no use if a problem was noted. */
export function parseAddress(typed: string, note: Note): string {
  const parsed = parseLoginName(typed);
  const remedy = 'Give an address like anna@example.org.';
  if (parsed.kind === 'invalid') {
    note('address', `"${show(typed)}" ${REFUSALS[parsed.reason]}`, remedy);
    return '';
  }
  const address = parsed.kind === 'name' && parsed.form === 'address' ? parsed.name : '';
  const at = address.lastIndexOf('@');
  const isGood =
    LOCAL_PART.test(address.slice(0, Math.max(at, 0))) &&
    address
      .slice(at + 1)
      .split('.')
      .every((label) => DOMAIN_LABEL.test(label));
  if (!isGood) note('address', `"${show(typed)}" is not an e-mail address`, remedy);
  else if (Buffer.byteLength(address) > ADDRESS_LIMIT_BYTES) {
    note('address', `the address is longer than ${ADDRESS_LIMIT_BYTES} octets`, remedy);
  }
  return address;
}

function parseNames(typed: readonly string[], note: Note): string[] {
  const remedy = 'Give login names like anna, anna@example.org or EXAMPLE\\anna.';
  if (typed.length > NAME_COUNT_LIMIT) {
    note('names', `there are ${typed.length} names`, `Give at most ${NAME_COUNT_LIMIT}.`);
    return [];
  }
  const names = new Set<string>();
  for (const one of typed) {
    const parsed = parseLoginName(one);
    if (parsed.kind === 'name') names.add(parsed.name);
    else if (parsed.kind === 'invalid') {
      note('names', `"${show(one)}" ${REFUSALS[parsed.reason]}`, remedy);
    } else note('names', `"${show(one)}" names two mailboxes, a delegate and another`, remedy);
  }
  return [...names];
}

function parseKind(typed: string, note: Note): AccountKind {
  const kind = ACCOUNT_KINDS.find((one) => one === typed);
  if (kind === undefined) {
    note('kind', `"${show(typed)}" is not a kind of account`, `Use ${ACCOUNT_KINDS.join(', ')}.`);
  }
  return kind ?? 'user';
}

function parseSite(typed: string, note: Note): SiteName {
  const site = parseSiteName(typed);
  if (site === undefined) {
    const remedy = 'Site names have 1 to 63 of a-z, 0-9 and inner hyphens; see homeward site list.';
    note('site', `"${show(typed)}" is not a site name`, remedy);
  }
  return site ?? ('' as SiteName);
}

function parseHomeLogin(typed: string | undefined, note: Note): string | undefined {
  if (typed === undefined) return undefined;
  const isGood =
    typed.trim() === typed &&
    typed !== '' &&
    Buffer.byteLength(typed) <= LOGIN_NAME_LIMIT_BYTES &&
    !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(typed);
  if (!isGood) {
    const remedy = `Give up to ${LOGIN_NAME_LIMIT_BYTES} octets without control characters.`;
    note('homeLogin', `"${show(typed)}" cannot be said as a login name`, remedy);
  }
  return typed;
}

/** An empty one is none. */
export function parseDisplayName(typed: string | undefined, note: Note): string | undefined {
  const text = typed?.normalize('NFC').trim();
  if (text === undefined || text === '') return undefined;
  if (text.length > DISPLAY_NAME_LIMIT || /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) {
    const remedy = `Give at most ${DISPLAY_NAME_LIMIT} characters, no control characters.`;
    note('displayName', 'the display name cannot be stored', remedy);
  }
  return text;
}

function parseConnectionLimit(limit: number | undefined, note: Note): number | undefined {
  if (limit === undefined) return undefined;
  if (!Number.isInteger(limit) || limit < 1 || limit > CONNECTION_LIMIT_MAX) {
    const remedy = `Give a whole number from 1 to ${CONNECTION_LIMIT_MAX}, or disable the account.`;
    note('connectionLimit', `${limit} is not a limit of connections`, remedy);
  }
  return limit;
}

function parseQuota(
  field: 'quotaBytes' | 'quotaMessages',
  quota: number | undefined,
  note: Note,
): number | undefined {
  if (quota === undefined) return undefined;
  if (!Number.isSafeInteger(quota) || quota < QUOTA_MIN) {
    const remedy = 'Give a whole number from 1 on, or none for the default of the site.';
    note(field, `${quota} is not a quota`, remedy);
  }
  return quota;
}

function parseLdapLogin(typed: string | null, note: Note): AccountRecord['ldap'] {
  if (typed === null) return undefined;
  const [loginName, ...others] = typed === '' ? [] : parseNames([typed], note);
  const entryId = undefined;
  return others.length > 0 ? undefined : { entryId, loginName, state: 'present' };
}

/** What was typed, fit to be printed. */
export function show(typed: string): string {
  const printable = typed.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  return printable.length > 80 ? `${printable.slice(0, 80)}…` : printable;
}
