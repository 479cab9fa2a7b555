/**
 * What an entry says about a person, read into our words. Values come from whoever may write the
 * entry, so each is checked again before it becomes part of an account (`entry-account.ts`).
 */
import { Buffer } from 'node:buffer';
import type { Entry } from 'ldapts';
import type { AttributeNames } from '../settings/presets.ts';

export interface LdapEntry {
  readonly dn: string;
  /** Stable: entryUUID as it is, objectGUID as 32 hex digits. Empty: the entry has none. */
  readonly id: string;
  readonly address: string | undefined;
  readonly names: readonly string[];
  readonly displayName: string | undefined;
  /** As it is written; undefined: the entry does not say. */
  readonly kind: string | undefined;
  readonly isEnabled: boolean;
  readonly site: string | undefined;
  readonly protocols: readonly string[] | undefined;
}

/** The attributes that a search has to ask for. */
export function listAttributes(names: AttributeNames): readonly string[] {
  const { id, address, displayName, kind, enabled, site, protocols } = names;
  const single = [id, address, displayName, kind, enabled, site, protocols];
  const all = [...single, ...names.names, ...(isWindows(names) ? ['objectSid'] : [])];
  return [...new Set(all.filter((name) => name !== ''))];
}

/** Reads what ldapts makes of an entry: one value, or several, of text or of octets. */
export function readEntry(entry: Entry, names: AttributeNames): LdapEntry {
  const values = (name: string): readonly string[] => textsOf(findValue(entry, name));
  const first = (name: string): string | undefined => values(name).find((text) => text !== '');
  const sid = isWindows(names) ? wellKnownKind(findValue(entry, 'objectSid')) : undefined;
  const protocols = values(names.protocols).filter((text) => text !== '');
  return {
    dn: entry.dn,
    id: isWindows(names)
      ? (octetsOf(findValue(entry, names.id))?.toString('hex') ?? '')
      : (first(names.id) ?? ''),
    address: first(names.address)?.toLowerCase(),
    names: names.names.flatMap((name) => values(name).flatMap(readName)),
    displayName: first(names.displayName),
    kind: sid ?? first(names.kind)?.toLowerCase(),
    isEnabled: readEnabled(names.enabled, first(names.enabled)),
    site: first(names.site)?.toLowerCase(),
    protocols: protocols.length === 0 ? undefined : protocols.map((text) => text.toLowerCase()),
  };
}

type Value = Entry[string] | undefined;

/** Attribute names have no case (RFC 4512 §2.5); servers answer in their own. */
function findValue(entry: Entry, name: string): Value {
  if (name === '') return undefined;
  const wanted = name.toLowerCase();
  const key = Object.keys(entry).find((one) => one !== 'dn' && one.toLowerCase() === wanted);
  return key === undefined ? undefined : entry[key];
}

function textsOf(value: Value): readonly string[] {
  if (value === undefined) return [];
  const list: readonly (string | Buffer)[] = Array.isArray(value) ? value : [value];
  return list.map((one) => (Buffer.isBuffer(one) ? one.toString('utf8') : one).trim());
}

function octetsOf(value: Value): Buffer | undefined {
  const one = Array.isArray(value) ? value[0] : value;
  if (one === undefined) return undefined;
  return Buffer.isBuffer(one) ? one : Buffer.from(one, 'latin1');
}

/** `smtp:anna@x` of AD's proxyAddresses is an address, `x400:…` is nothing to log in with. */
function readName(text: string): readonly string[] {
  const scheme = /^([A-Za-z][A-Za-z0-9]{1,15}):(.*)$/.exec(text);
  if (scheme === null) return text === '' ? [] : [text];
  return scheme[1]?.toLowerCase() === 'smtp' && scheme[2] !== '' ? [scheme[2] ?? ''] : [];
}

/** MS-ADTS §2.2.16: the account is disabled. */
const ACCOUNT_DISABLE = 0x2;

function readEnabled(name: string, value: string | undefined): boolean {
  if (name === '' || value === undefined) return true;
  if (name.toLowerCase() === 'useraccountcontrol') return (Number(value) & ACCOUNT_DISABLE) === 0;
  return !/^(?:false|no|0|off|disabled|inactive)$/i.test(value);
}

/** Whose ids are octets, and who has built-in accounts. */
export function isWindows(names: AttributeNames): boolean {
  return names.id.toLowerCase() === 'objectguid';
}

/** MS-DTYP §2.4.2.4: the last number of the SID tells the built-in accounts of a domain. */
function wellKnownKind(value: Value): string | undefined {
  const sid = octetsOf(value);
  if (sid === undefined || sid.length < 12) return undefined;
  const last = sid.readUInt32LE(sid.length - 4);
  if (last === 500) return 'administrator';
  return last === 501 ? 'guest' : undefined;
}
