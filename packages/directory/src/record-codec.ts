/**
 * Records as text in a store, and back. Reading checks every field, since a store may hold what
 * another release, an operator or a fault wrote; a record that cannot be read is as good as an
 * unavailable one, never a guess. Error texts name the record, never its contents.
 */
import { z } from 'zod';
import {
  DirectoryUnavailableError,
  type AccountId,
  type AccountRecord,
  type AppPasswords,
  type CredentialSet,
  type DirectoryChange,
  type FrontEndKey,
  type GroupId,
  type GroupMember,
  type GroupRecord,
  type SiteName,
  type SiteRecord,
} from './ports.ts';
import { foreignShape } from './sites/foreign-shape.ts';

const accountShape = z.object({
  id: z.string(),
  address: z.string(),
  names: z.array(z.string()),
  displayName: z.string().optional(),
  kind: z.enum(['user', 'shared', 'guest', 'anonymous', 'administrator']),
  isEnabled: z.boolean(),
  protocols: z.object({ imap: z.boolean(), pop3: z.boolean(), submission: z.boolean() }),
  home: z.string(),
  homeLogin: z.string().optional(),
  epoch: z.int(),
  connectionLimit: z.int().optional(),
  quotaBytes: z.int().optional(),
  quotaMessages: z.int().optional(),
  // Schema version 1 had none.
  delegates: z
    .array(
      z.object({
        accountId: z.string(),
        rights: z.array(z.enum(['full', 'read', 'send-as'])).min(1),
      }),
    )
    .default([]),
  ldap: z
    .object({
      entryId: z.string().optional(),
      loginName: z.string().optional(),
      state: z.enum(['present', 'disabled', 'absent']),
    })
    .optional(),
  isPasswordLoginOff: z.boolean().optional(),
  savesSentCopy: z.boolean().optional(),
  createdAtMs: z.number(),
});

const groupMemberShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('account'), id: z.string() }),
  z.object({ kind: z.literal('group'), id: z.string() }),
  z.object({ kind: z.literal('address'), address: z.string() }),
]);

const groupShape = z.object({
  id: z.string(),
  address: z.string(),
  names: z.array(z.string()),
  displayName: z.string().optional(),
  members: z.array(groupMemberShape),
  senders: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('anybody') }),
    z.object({ kind: z.literal('accounts') }),
    z.object({ kind: z.literal('members') }),
    z.object({ kind: z.literal('named'), named: z.array(groupMemberShape) }),
  ]),
  createdAtMs: z.number(),
});

const appPasswordsShape = z.object({
  scram: z.object({ salt: z.string(), iterationCount: z.int() }),
  all: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      protocols: z.array(z.enum(['imap', 'pop3', 'submission'])),
      createdAtMs: z.number(),
      sha256: z.string(),
      storedKey: z.string(),
      serverKey: z.string(),
    }),
  ),
});

const credentialShape = z.object({
  argon2id: z.string(),
  scramSha256: z.object({
    salt: z.string(),
    iterationCount: z.int(),
    storedKey: z.string(),
    serverKey: z.string(),
  }),
  setAtMs: z.number(),
});

const siteShape = z.object({
  name: z.string(),
  serverName: z.string(),
  workers: z.array(
    z.object({
      host: z.string(),
      imapsPort: z.int(),
      pop3sPort: z.int(),
      controlPort: z.int().optional(),
      imapPort: z.int().optional(),
      pop3Port: z.int().optional(),
      submissionsPort: z.int().optional(),
      submissionPort: z.int().optional(),
      lmtpsPort: z.int().optional(),
    }),
  ),
  shardTable: z.object({ version: z.int(), workerOfShard: z.array(z.int()) }),
  foreign: foreignShape.optional(),
  version: z.int(),
});

const keyShape = z.object({
  keyId: z.string(),
  publicKey: z.string(),
  label: z.string(),
  createdAtMs: z.number(),
  revokedAtMs: z.number().optional(),
});

const changeShape = z.discriminatedUnion('area', [
  z.object({
    area: z.literal('account'),
    id: z.string(),
    names: z.array(z.string()),
    grantees: z.array(z.string()),
    epoch: z.int().optional(),
  }),
  z.object({ area: z.literal('group'), id: z.string(), names: z.array(z.string()) }),
  z.object({ area: z.literal('site'), name: z.string() }),
  z.object({ area: z.literal('front-end-keys') }),
  z.object({ area: z.literal('settings') }),
  z.object({ area: z.literal('session-ends') }),
  z.object({ area: z.literal('components') }),
  z.object({ area: z.literal('everything') }),
]);

/** @param version Kept beside the record, since a change of the secrets raises it alone. */
export function decodeAccount(text: string, version: number): AccountRecord {
  const { ldap, ...record } = decode(accountShape, text, 'an account record');
  return {
    ...record,
    id: record.id as AccountId,
    displayName: record.displayName,
    home: record.home as SiteName,
    connectionLimit: record.connectionLimit,
    quotaBytes: record.quotaBytes,
    quotaMessages: record.quotaMessages,
    delegates: record.delegates.map(({ accountId, rights }) => ({
      accountId: accountId as AccountId,
      rights,
    })),
    ...(ldap !== undefined && {
      ldap: { entryId: ldap.entryId, loginName: ldap.loginName, state: ldap.state },
    }),
    version,
  };
}

export function encodeAccount(account: AccountRecord): string {
  const { version: _keptBeside, ...record } = account;
  return JSON.stringify(record);
}

/** @param version Kept beside the record, as an account's. */
export function decodeGroup(text: string, version: number): GroupRecord {
  const { senders, ...record } = decode(groupShape, text, 'a group record');
  return {
    ...record,
    id: record.id as GroupId,
    displayName: record.displayName,
    members: record.members as readonly GroupMember[],
    senders:
      senders.kind === 'named'
        ? { kind: 'named', named: senders.named as readonly GroupMember[] }
        : senders,
    version,
  };
}

export function encodeGroup(group: GroupRecord): string {
  const { version: _keptBeside, ...record } = group;
  return JSON.stringify(record);
}

export function decodeCredentials(text: string): CredentialSet {
  return decode(credentialShape, text, 'a credential set');
}

export function decodeAppPasswords(text: string): AppPasswords {
  return decode(appPasswordsShape, text, 'a list of app passwords');
}

export function decodeSite(text: string): SiteRecord {
  const site = decode(siteShape, text, 'a site record');
  return { ...site, name: site.name as SiteName };
}

export function decodeFrontEndKey(text: string): FrontEndKey {
  const key = decode(keyShape, text, 'a front-end key');
  return { ...key, revokedAtMs: key.revokedAtMs };
}

/** A change as another process told it; what cannot be read may have been anything. */
export function decodeChange(text: string): DirectoryChange {
  const parsed = changeShape.safeParse(parseJson(text));
  return parsed.success ? (parsed.data as DirectoryChange) : { area: 'everything' };
}

/** How long a shared secret is. */
export const SHARED_SECRET_BYTES = 32;

/** @param text Base64, as a store has it. */
export function decodeSharedSecret(text: unknown): Uint8Array {
  const octets = Buffer.from(typeof text === 'string' ? text : '', 'base64');
  if (octets.length === SHARED_SECRET_BYTES) return octets;
  throw new DirectoryUnavailableError('a shared secret in the directory cannot be read');
}

/** One setting's value; undefined if the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function decode<Shape extends z.ZodType>(
  shape: Shape,
  text: string,
  what: string,
): z.output<Shape> {
  const parsed = shape.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.');
  throw new DirectoryUnavailableError(`${what} in the directory cannot be read (field "${field}")`);
}
