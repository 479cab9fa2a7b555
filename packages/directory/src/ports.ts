/**
 * What the directory knows, and the parts of `DirectoryDriver`, by which the rest of Homeward asks
 * for it.
 *
 * A driver's calls reject with `DirectoryUnavailableError` when the store cannot be reached
 * within the driver's budget, and only then; every other outcome is a value.
 */
import type { ForeignSite } from './sites/foreign-site.ts';

/** Opaque, stable for the account's life: 26 characters of Crockford base32 (a ULID). */
export type AccountId = string & { readonly __accountId: unique symbol };
/** 1 to 63 characters: a-z, 0-9, hyphen inside. */
export type SiteName = string & { readonly __siteName: unique symbol };

export type AccountKind = 'user' | 'shared' | 'guest' | 'anonymous' | 'administrator';
export type Protocol = 'imap' | 'pop3' | 'submission';

/**
 * What a delegate may do with another's mailbox: open it for everything or for reading alone.
 * `send-as` lets nobody in: it is the right to send by the mailbox's addresses.
 */
export type DelegateRight = 'full' | 'read' | 'send-as';

/** Somebody who may use another's mailbox with a password of his own. */
export interface Delegate {
  /** The account may be gone: ids are never used again, so what is left over harms nobody. */
  readonly accountId: AccountId;
  /** At least one, each once. */
  readonly rights: readonly DelegateRight[];
}

/** Of an account whose password is judged elsewhere, by LDAP, and who may come from there. */
export interface LdapIdentity {
  /**
   * The entry's own stable id, if the account was made from it and follows what it says;
   * undefined: an operator made the account, and LDAP judges its password alone.
   */
  readonly entryId: string | undefined;
  /** Under which login name LDAP knows it, if there is no `entryId`; undefined: its address. */
  readonly loginName: string | undefined;
  /** What the entry was when it was last looked at; only `present` lets anybody in. */
  readonly state: 'present' | 'disabled' | 'absent';
}

export interface AccountRecord {
  readonly id: AccountId;
  /** Primary address, lower case. */
  readonly address: string;
  /**
   * All login names, normalised (lower case, NFC), the address among them: addresses, aliases
   * ("anna"), `domain\user`, UPN. Unique over the directory, groups included. Mail reaches those
   * that are addresses.
   */
  readonly names: readonly string[];
  readonly displayName: string | undefined;
  readonly kind: AccountKind;
  readonly isEnabled: boolean;
  readonly protocols: Readonly<Record<Protocol, boolean>>;
  readonly home: SiteName;
  /** What its home calls it, where that runs other software and the site's template is wrong. */
  readonly homeLogin?: string | undefined;
  /** Grows with every move; starts at 1. */
  readonly epoch: number;
  /** Overrides connectionLimits.perUser. */
  readonly connectionLimit: number | undefined;
  /** Octets of all messages in the mailbox; undefined: the site's default. */
  readonly quotaBytes: number | undefined;
  /** Messages in the mailbox; undefined: the site's default. */
  readonly quotaMessages: number | undefined;
  /** Who else may use the mailbox, in order of their ids, each account once. */
  readonly delegates: readonly Delegate[];
  /** Only app passwords and tokens let anybody in; undefined: its password does, too. */
  readonly isPasswordLoginOff?: boolean | undefined;
  /** Whether its home keeps copies of what it sends; undefined: as the setting says. */
  readonly savesSentCopy?: boolean | undefined;
  /** Undefined: its password is the directory's own. */
  readonly ldap?: LdapIdentity | undefined;
  /** Grows with every change of the record or of its credentials. */
  readonly version: number;
  readonly createdAtMs: number;
}

/** Opaque, of the form of an account's id; never one that an account has. */
export type GroupId = string & { readonly __groupId: unique symbol };

/** Who gets a group's mail, or may send to it. */
export type GroupMember =
  /** The account may be gone: ids are never used again, so what is left over harms nobody. */
  | { readonly kind: 'account'; readonly id: AccountId }
  /** All members of that group. */
  | { readonly kind: 'group'; readonly id: GroupId }
  /** As written, in NFC; who has it is looked up when mail comes. */
  | { readonly kind: 'address'; readonly address: string };

/** Who may send to a group. */
export type GroupSenders =
  | { readonly kind: 'anybody' }
  /** Whoever has logged in with an account. */
  | { readonly kind: 'accounts' }
  | { readonly kind: 'members' }
  /** The same as `members` of another list. */
  | { readonly kind: 'named'; readonly named: readonly GroupMember[] };

/** An address whose mail goes to several others. */
export interface GroupRecord {
  readonly id: GroupId;
  /** Primary address, lower case, NFC. */
  readonly address: string;
  /** All its addresses, the primary one among them; no account has any of them. */
  readonly names: readonly string[];
  readonly displayName: string | undefined;
  /** Each once. */
  readonly members: readonly GroupMember[];
  readonly senders: GroupSenders;
  /** Grows with every change. */
  readonly version: number;
  readonly createdAtMs: number;
}

/** Who has a name. */
export type NameHolder =
  | { readonly kind: 'account'; readonly id: AccountId }
  | { readonly kind: 'group'; readonly id: GroupId };

/** What a password leaves behind; made together when it is set (architecture, life of a login). */
export interface CredentialSet {
  /** PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$hash. */
  readonly argon2id: string;
  /** RFC 5802 §3 and RFC 7677; base64. */
  readonly scramSha256: {
    readonly salt: string;
    readonly iterationCount: number;
    readonly storedKey: string;
    readonly serverKey: string;
  };
  readonly setAtMs: number;
}

/** A secret made for one program (`credentials/app-passwords.ts`). */
export interface AppPassword {
  /** Unique in the account; says nothing of the secret. */
  readonly id: string;
  /** For people, unique in the account. */
  readonly label: string;
  /** At least one. */
  readonly protocols: readonly Protocol[];
  readonly createdAtMs: number;
  /** Of account id and secret; base64. */
  readonly sha256: string;
  /** RFC 5802 §3; base64. */
  readonly storedKey: string;
  readonly serverKey: string;
}

/** All of an account; at least one. */
export interface AppPasswords {
  /** How the SCRAM keys of all of them were made. */
  readonly scram: { readonly salt: string; readonly iterationCount: number };
  /** In the order in which they were made. */
  readonly all: readonly AppPassword[];
}

export interface WorkerAddress {
  readonly host: string;
  /** Implicit TLS, for front ends (and clients where directLogin is on). */
  readonly imapsPort: number;
  readonly pop3sPort: number;
  /** For operators' tools; undefined: it has none. */
  readonly controlPort?: number | undefined;
  /** Without TLS, for front ends that may do without it on a closed network. */
  readonly imapPort?: number | undefined;
  readonly pop3Port?: number | undefined;
  /** Submission under implicit TLS, for front ends; undefined: nobody submits there. */
  readonly submissionsPort?: number | undefined;
  /** Submission without TLS, as `imapPort`. */
  readonly submissionPort?: number | undefined;
  /** LMTP under implicit TLS, for who shows a certificate; undefined: nothing is delivered there. */
  readonly lmtpsPort?: number | undefined;
}

export interface SiteRecord {
  readonly name: SiteName;
  /** The name that the site's certificate must carry; '' (foreign sites): each host's own. */
  readonly serverName: string;
  readonly workers: readonly WorkerAddress[];
  /** Fixed, versioned: shard of the account id (see `shardOf`) to index in `workers`. */
  readonly shardTable: { readonly version: number; readonly workerOfShard: readonly number[] };
  /** Of a site that runs other software; workers and shard table are empty then. */
  readonly foreign?: ForeignSite | undefined;
  readonly version: number;
}

/** Public half of one front end's ticket key. */
export interface FrontEndKey {
  readonly keyId: string;
  /** Ed25519 SPKI, base64url of the DER. */
  readonly publicKey: string;
  readonly label: string;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | undefined;
}

/** What changed; listeners re-read. */
export type DirectoryChange =
  | {
      readonly area: 'account';
      readonly id: AccountId;
      /** All that the account had before or has now. */
      readonly names: readonly string[];
      /** Whose answer from `listSharers` is another one now. */
      readonly grantees: readonly AccountId[];
      /** The account's present one, if the change was of its record; 0: it was deleted. */
      readonly epoch?: number | undefined;
    }
  /** `names` as above. */
  | { readonly area: 'group'; readonly id: GroupId; readonly names: readonly string[] }
  | { readonly area: 'site'; readonly name: SiteName }
  | { readonly area: 'front-end-keys' }
  | { readonly area: 'settings' }
  | { readonly area: 'session-ends' }
  | { readonly area: 'components' }
  /** Something was missed (a lost connection or message): everything may have changed. */
  | { readonly area: 'everything' };

export type WriteOutcome<Reason extends string> =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: Reason; readonly detail: string };

/** A live session as the registry knows it. */
export interface SessionClaim {
  /** Conversation id. */
  readonly conversationId: string;
  /** Who logged in: whose limit it counts for. */
  readonly accountId: AccountId;
  /** Whose mailbox is open: his own, or another's for a delegate. */
  readonly mailboxId: AccountId;
  readonly protocol: Protocol;
  readonly site: SiteName;
  readonly clientAddress: string;
  readonly startedAtMs: number;
  /** False: its address has no limit, so no address lease is asked, and none counts it. */
  readonly isCountedByAddress?: false;
}

/**
 * A front-end worker's lease in the registry; its sessions die with it. A lease never rejects:
 * while the store is away it counts its own sessions alone (so limits still hold, locally), and
 * once the store is back it puts right what the store has of it.
 */
export interface SessionLease {
  readonly id: string;
  /** Adds a session. @returns how many the account now has, this one included. */
  claim(session: SessionClaim): Promise<number>;
  release(session: SessionClaim): Promise<void>;
  /** Ends the lease and all its sessions. */
  close(): Promise<void>;
}

/**
 * The sessions of a front-end worker by address, of IPv6 by /64; they die with it, as those of its
 * lease. Never rejects: while the store is away it counts this worker's alone.
 */
export interface AddressLease {
  /**
   * @param session Claimed from the worker's lease before.
   * @returns How many sessions its address now has, this one included.
   */
  claim(session: SessionClaim): Promise<number>;
  release(session: SessionClaim): Promise<void>;
  close(): Promise<void>;
}

/** What a login needs to know of an account. */
export interface LoginRecord {
  readonly account: AccountRecord;
  /** Undefined while no password is set. */
  readonly credentials: CredentialSet | undefined;
  /** Undefined: there are none. */
  readonly appPasswords?: AppPasswords | undefined;
}

/** What a shared secret is for: `scram-salts` makes the salts of accounts that are not there. */
export type SharedSecretName = 'scram-salts';

/**
 * The store cannot be reached; nothing is known. A write that ends so may still have happened.
 * The message never holds record contents, secrets or a store's password.
 */
export class DirectoryUnavailableError extends Error {
  override readonly name = 'DirectoryUnavailableError';
}

/** The store answers, but with a record of before what this process has seen: nothing is known. */
export class RecordSetBackError extends DirectoryUnavailableError {}
