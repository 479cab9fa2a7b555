/**
 * Who gets the mail of one address: the accepted domains say whose it is to know, the directory who
 * has the address, and a detail behind a separator (RFC 5233 §1) belongs to the address before it.
 */
import type { AccountRecord, GroupRecord } from '../ports.ts';
import type { DomainTable } from './accepted-domains.ts';
import { type MailAddress, namesOf, parseMailAddress } from './mail-address.ts';
import {
  findMailRefusal,
  findNamedRecord,
  type MailDirectory,
  type MailRefusal,
  type NamedRecord,
} from './mail-directory.ts';

export type RecipientResolution =
  | {
      readonly kind: 'mailbox';
      readonly account: AccountRecord;
      /** What stood behind the separator, in NFC and its own case; undefined if there was none. */
      readonly detail: string | undefined;
      /** The account's name that it was found by. */
      readonly name: string;
    }
  | { readonly kind: 'group'; readonly group: GroupRecord; readonly name: string }
  /** Its domain is not ours, or is relayed and nobody here has the address. */
  | { readonly kind: 'elsewhere' }
  /**
   * It is ours, and nobody gets its mail: `nobody` has it or can have it; `blocked-kind` and
   * `account-disabled` see `findMailRefusal`, the latter may end.
   */
  | { readonly kind: 'unknown'; readonly reason: 'nobody' | MailRefusal }
  | { readonly kind: 'unavailable' };

/** The settings in the form that look-ups want. */
export interface AddressRules {
  readonly domains: DomainTable;
  readonly detailSeparator: string;
}

const NOBODY: RecipientResolution = { kind: 'unknown', reason: 'nobody' };
/** Domains at which `<Postmaster>` without one is looked for. */
const POSTMASTER_DOMAIN_LIMIT = 16;

/**
 * At most six look-ups, of which names in use cost no round trip.
 *
 * @param text A mailbox as in RCPT, without angle brackets.
 */
export async function resolveRecipient(
  directory: MailDirectory,
  rules: AddressRules,
  text: string,
): Promise<RecipientResolution> {
  const address = parseMailAddress(text);
  if (address === undefined) return NOBODY;
  if (address.domain === undefined) return resolvePostmaster(directory, rules);
  const kind = rules.domains.kindOf(address.domain);
  if (kind === undefined) return { kind: 'elsewhere' };
  const found = await findAddress(directory, rules, address);
  if (found.kind === 'unknown' && found.reason === 'nobody' && kind === 'internal-relay') {
    return { kind: 'elsewhere' };
  }
  return found;
}

/** The same, whatever the accepted domains say; never `elsewhere`. */
export async function findAddress(
  directory: MailDirectory,
  { detailSeparator }: Pick<AddressRules, 'detailSeparator'>,
  address: MailAddress,
): Promise<RecipientResolution> {
  const { localPart } = address;
  const literal = await findFirst(directory, namesOf(address, localPart), undefined);
  if (literal !== undefined) return literal;
  const split = detailSeparator === '' ? -1 : localPart.indexOf(detailSeparator);
  if (split < 1) return NOBODY;
  const detail = localPart.slice(split + 1).normalize('NFC');
  const names = namesOf(address, localPart.slice(0, split));
  return (await findFirst(directory, names, detail === '' ? undefined : detail)) ?? NOBODY;
}

/** RFC 5321 §4.5.1: it must be there without a domain, too. */
async function resolvePostmaster(
  directory: MailDirectory,
  { domains }: AddressRules,
): Promise<RecipientResolution> {
  const names = domains.authoritative().map((domain) => `postmaster@${domain}`);
  const tried = names.slice(0, POSTMASTER_DOMAIN_LIMIT);
  return (await findFirst(directory, tried, undefined)) ?? NOBODY;
}

/** @returns undefined if nobody has any of the names. */
async function findFirst(
  directory: MailDirectory,
  names: readonly string[],
  detail: string | undefined,
): Promise<RecipientResolution | undefined> {
  for (const name of names) {
    const found = await findNamedRecord(directory, name);
    if (found.kind !== 'unknown') return toResolution(found, name, detail);
  }
  return undefined;
}

function toResolution(
  found: Exclude<NamedRecord, { kind: 'unknown' }>,
  name: string,
  detail: string | undefined,
): RecipientResolution {
  switch (found.kind) {
    case 'unavailable':
      return { kind: 'unavailable' };
    case 'group':
      return { kind: 'group', group: found.group, name };
    case 'account': {
      const reason = findMailRefusal(found.account);
      if (reason !== undefined) return { kind: 'unknown', reason };
      return { kind: 'mailbox', account: found.account, detail, name };
    }
  }
}
