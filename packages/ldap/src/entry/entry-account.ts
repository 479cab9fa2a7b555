/**
 * An entry as an account: what of the record follows the entry, checked by the same rules as what
 * operators type. Home, epoch, limits, delegates and the operator's own switch are not the entry's.
 */
import {
  type AccountRecord,
  normaliseLoginName,
  parseAccountFields,
  type Protocol,
} from '@homeward/directory';
import type { LdapEntry } from './ldap-entry.ts';

/** What of an account its entry decides. */
export type EntryFields = Pick<
  AccountRecord,
  'address' | 'names' | 'displayName' | 'kind' | 'protocols'
> & { readonly ldap: NonNullable<AccountRecord['ldap']> };

export type EntryFieldsOutcome =
  | { readonly ok: true; readonly fields: EntryFields }
  | { readonly ok: false; readonly detail: string };

const PROTOCOLS: readonly Protocol[] = ['imap', 'pop3', 'submission'];
/** Of the directory; what an entry has beyond is left out. */
const NAME_COUNT_LIMIT = 64;

/**
 * @param domain Of the settings: `domain\name` of every plain name is a login name as well.
 * @returns What the account is to be, or why the entry is none. Names that are no login names are
 *   left out: a printer's X.500 address keeps nobody from his mail.
 */
export function readEntryFields(entry: LdapEntry, domain: string): EntryFieldsOutcome {
  if (entry.id === '') return { ok: false, detail: `${entry.dn} has no id` };
  if (entry.address === undefined) return { ok: false, detail: `${entry.dn} has no address` };
  const names = listNames(entry, domain);
  const { values, problems } = parseAccountFields({
    address: entry.address,
    names,
    displayName: entry.displayName ?? null,
    kind: entry.kind ?? 'user',
  });
  const problem = problems[0];
  if (problem !== undefined) return { ok: false, detail: `${entry.dn}: ${problem.text}` };
  const address = values.address ?? '';
  return {
    ok: true,
    fields: {
      address,
      names: [...new Set([address, ...(values.names ?? [])])],
      displayName: values.displayName,
      kind: values.kind ?? 'user',
      protocols: readProtocols(entry.protocols),
      ldap: {
        entryId: entry.id,
        loginName: undefined,
        state: entry.isEnabled ? 'present' : 'disabled',
      },
    },
  };
}

/** Whether the account is as its entry says. */
export function isUpToDate(account: AccountRecord, fields: EntryFields): boolean {
  const { address, names, displayName, kind, protocols, ldap } = account;
  const present = { address, names, displayName, kind, protocols, ldap };
  return comparable(present) === comparable(fields);
}

function comparable(fields: Omit<EntryFields, 'ldap'> & Pick<AccountRecord, 'ldap'>): string {
  const { address, names, displayName = '', kind, protocols, ldap } = fields;
  const switches = PROTOCOLS.map((protocol) => protocols[protocol]);
  const { entryId, state } = ldap ?? {};
  return JSON.stringify([address, [...names].sort(), displayName, kind, switches, entryId, state]);
}

function listNames({ names }: LdapEntry, domain: string): readonly string[] {
  const plain = names.flatMap((name) => normaliseLoginName(name) ?? []);
  const ofDomain =
    domain === ''
      ? []
      : plain
          .filter((name) => !/[@\\]/.test(name))
          .flatMap((name) => normaliseLoginName(`${domain}\\${name}`) ?? []);
  return [...new Set([...plain, ...ofDomain])].slice(0, NAME_COUNT_LIMIT - 1);
}

function readProtocols(listed: LdapEntry['protocols']): Readonly<Record<Protocol, boolean>> {
  const has = (protocol: Protocol): boolean => listed === undefined || listed.includes(protocol);
  return { imap: has('imap'), pop3: has('pop3'), submission: has('submission') };
}
