/**
 * The settings of LDAP, all of them live. One section, flat, so that each key is a setting of its
 * own; every key has a default, and without servers LDAP is off.
 *
 * What contradicts what is looked at when all are in force (`findLdapProblem`), not key by key:
 * they are set one after the other.
 */
import { help } from '@homeward/service';
import { z } from 'zod';
import { type AttributeNames, LDAP_PRESETS, type LdapKind } from './presets.ts';

export interface LdapSettings {
  readonly servers: readonly string[];
  readonly kind: LdapKind;
  readonly tls: 'required' | 'off';
  readonly caFile: string;
  readonly bindDn: string;
  readonly bindPasswordFile: string;
  readonly base: string;
  readonly filter: string;
  readonly dnTemplate: string;
  /** In place of the preset's. */
  readonly attributes: {
    readonly [Name in keyof AttributeNames]?: AttributeNames[Name] | undefined;
  };
  readonly domain: string;
  readonly makeAccounts: boolean;
  readonly site: string;
  readonly connections: number;
  readonly operationLimitMs: number;
  readonly rememberSeconds: number;
  readonly entrySeconds: number;
  readonly absenceSeconds: number;
}

const attributeName = z.string().regex(/^(?:[A-Za-z][A-Za-z0-9-]*|[0-9.]+)?$/);

const attributesSchema = z.strictObject({
  id: attributeName.optional(),
  address: attributeName.optional(),
  names: z.array(attributeName).max(16).optional(),
  displayName: attributeName.optional(),
  kind: attributeName.optional(),
  enabled: attributeName.optional(),
  site: attributeName.optional(),
  protocols: attributeName.optional(),
});

export const ldapSchema: z.ZodType<LdapSettings> = z
  .strictObject({
    servers: z
      .array(z.string().regex(/^ldaps?:\/\/[^/?#@\s]+\/?$/u))
      .max(8)
      .default([])
      .meta(
        help(
          'ldaps://host:636, or ldap://host:389 with StartTLS; asked in this order, the next one when one fails. Without any LDAP is off.',
        ),
      ),
    kind: z
      .enum(['inetOrgPerson', 'activeDirectory'])
      .default('inetOrgPerson')
      .meta(help('What filter and attributes are unless they are given.')),
    tls: z
      .enum(['required', 'off'])
      .default('required')
      .meta(help('off sends passwords in the clear to ldap:// servers: for loopback alone.')),
    caFile: z
      .string()
      .default('')
      .meta(help('PEM file of the authority to trust; the system’s authorities if left out.')),
    bindDn: z
      .string()
      .max(1_024)
      .default('')
      .meta(help('Who searches: a DN (with Active Directory also a UPN); nobody if left out.')),
    bindPasswordFile: z
      .string()
      .default('')
      .meta(help('File that holds the password of bindDn; read for each new connection.')),
    base: z.string().max(1_024).default('').meta(help('Below which entry people are.')),
    filter: z
      .string()
      .max(2_048)
      .default('')
      .meta(
        help(
          'How a person is found (RFC 4515): {login} is the whole login name, {user} what stands before @ or behind the domain, {domain} the rest.',
        ),
      ),
    dnTemplate: z
      .string()
      .max(1_024)
      .default('')
      .meta(
        help('Instead of a search: uid={user},ou=people,dc=example,dc=org, placeholders as above.'),
      ),
    attributes: attributesSchema
      .default({})
      .meta(
        help(
          'What an entry says under which name: id, address, names (a list), displayName, kind, enabled, site, protocols. Those not given are as kind has them.',
        ),
      ),
    domain: z
      .string()
      .regex(/^[^\\/@\s]*$/u)
      .max(64)
      .default('')
      .meta(
        help(
          'Makes domain\\user a login name of each account; a name of another domain is unknown.',
        ),
      ),
    makeAccounts: z
      .boolean()
      .default(true)
      .meta(
        help(
          'Whether a login name that the directory lacks is looked up, and becomes an account at the first login.',
        ),
      ),
    site: z
      .string()
      .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)?$/)
      .default('')
      .meta(help('Home site of new accounts whose entry names none.')),
    connections: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(4)
      .meta(help('Operations at once, of each worker at each server.')),
    operationLimitMs: z
      .number()
      .int()
      .min(100)
      .max(4_000)
      .default(1_500)
      .meta(help('Limit for connecting, for TLS and for each operation.')),
    rememberSeconds: z
      .number()
      .int()
      .min(0)
      .max(3_600)
      .default(300)
      .meta(help('How long a right password is remembered, as a keyed hash; 0 never.')),
    entrySeconds: z
      .number()
      .int()
      .min(0)
      .max(3_600)
      .default(60)
      .meta(help('How long what an entry says is believed.')),
    absenceSeconds: z
      .number()
      .int()
      .min(0)
      .max(600)
      .default(10)
      .meta(help('How long a name that LDAP lacks is believed to be unknown.')),
  })
  .prefault({});

/** Filter and attributes as they count. */
export function resolvePreset(settings: LdapSettings): {
  readonly filter: string;
  readonly attributes: AttributeNames;
} {
  const preset = LDAP_PRESETS[settings.kind];
  const given = Object.entries(settings.attributes).filter(([, value]) => value !== undefined);
  return {
    filter: settings.filter === '' ? preset.filter : settings.filter,
    attributes: { ...preset.attributes, ...Object.fromEntries(given) },
  };
}

/** What keeps LDAP from working with these settings, and the remedy; undefined: nothing. */
export function findLdapProblem(settings: LdapSettings): string | undefined {
  const { servers, tls, base, dnTemplate, bindDn, bindPasswordFile, makeAccounts } = settings;
  if (servers.length === 0) return undefined;
  if (base === '' && dnTemplate === '') {
    return 'ldap.base is missing: name the entry below which people are, or give ldap.dnTemplate';
  }
  if (bindDn !== '' && bindPasswordFile === '') {
    return 'ldap.bindPasswordFile is missing: give the file with the password of ldap.bindDn';
  }
  if (tls === 'off' && servers.some((url) => url.startsWith('ldaps:'))) {
    return 'ldap.tls is off while a server is ldaps://: leave ldap.tls out';
  }
  const { filter, attributes } = resolvePreset(settings);
  if (dnTemplate === '' && !/\{(?:login|user)\}/.test(filter)) {
    return 'ldap.filter has neither {login} nor {user}: it would find the same entry for everybody';
  }
  if (makeAccounts && (attributes.id === '' || attributes.address === '')) {
    return 'ldap.attributes lack id or address, without which no account can be made';
  }
  return undefined;
}
