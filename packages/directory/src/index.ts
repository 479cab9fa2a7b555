/** The directory: accounts, sites, keys, settings and live sessions. */
export type * from './directory-driver.ts';
export * from './ports.ts';
export {
  ACCOUNT_KINDS,
  type AccountField,
  type AccountFields,
  type FieldProblem,
  type FieldsVerdict,
  parseAccountFields,
  type ParsedFields,
} from './accounts/account-fields.ts';
export {
  createAccountService,
  type AccountChanges,
  type AccountOutcome,
  type AccountService,
  type NewAccount,
} from './accounts/account-service.ts';
export {
  createGroupService,
  type GroupChanges,
  type GroupOutcome,
  type GroupService,
  type NewGroup,
} from './groups/group-service.ts';
export { DirectoryAlarm, type DirectoryAlarmOptions } from './cache/directory-alarm.ts';
export {
  createDirectoryView,
  type AccountLookup,
  type DirectorySource,
  type DirectoryView,
  type DirectoryViewOptions,
  type GroupLookup,
  type HolderLookup,
  type KeyLookup,
  type LoginLookup,
  type SettingsLookup,
  type SiteLookup,
} from './cache/directory-view.ts';
export {
  DELEGATE_COUNT_LIMIT,
  DELEGATE_RIGHTS,
  findDelegateAccess,
  type DelegateAccess,
} from './delegates.ts';
export { accountIdOfEntry, createAccountIdSource, parseAccountId } from './account-id.ts';
export {
  COMPONENT_STATES,
  type ComponentName,
  type ComponentRequest,
  type ComponentState,
  type DutyName,
  type LeaseFacts,
  type ListedSession,
  type OperationsPort,
  type SessionEndRequest,
  type SessionPage,
  type SessionQuery,
} from './operations/ports.ts';
export {
  frontEndComponent,
  parseComponentName,
  siteComponent,
  workerComponent,
} from './operations/component-name.ts';
export {
  openComponentStates,
  type ComponentStates,
  type ComponentStatesParts,
} from './operations/component-states.ts';
export { formatLeaseOwner, isSite, siteAsFrontEnd } from './operations/lease-owner.ts';
export { systemClock, type Clock } from './clock.ts';
export {
  createPasswordService,
  PASSWORD_LIMIT_BYTES,
  type CreateCredentialsOutcome,
  type PasswordService,
  type PasswordServiceOptions,
  type VerifyOutcome,
} from './credentials/password-service.ts';
export {
  createAppPasswordService,
  type AppPasswordFacts,
  type AppPasswordOutcome,
  type AppPasswordService,
} from './accounts/app-password-service.ts';
export { isSecretStillGood, type SessionSecret } from './credentials/session-secret.ts';
export { AppPasswordUses } from './credentials/app-password-uses.ts';
export { findAppPassword, type NewAppPassword } from './credentials/app-passwords.ts';
export type { HashTurn } from './credentials/hash-pool.ts';
export { createSharedSecrets, type SharedSecrets } from './credentials/shared-secrets.ts';
export { createScramJudge, type ScramJudge, type ScramVerdict } from './credentials/scram-judge.ts';
export type { Argon2Costs } from './credentials/phc-string.ts';
export { VerifiedSecrets } from './credentials/verified-secrets.ts';
export { prepareSaslString } from './credentials/sasl-prep.ts';
export {
  isAcceptedDomainPattern,
  normaliseDomainPattern,
  type AcceptedDomainKind,
  type AcceptedDomains,
} from './mail/accepted-domains.ts';
export { type GroupExpansion, type GroupMailbox } from './mail/expand-group.ts';
export {
  createMailAddresses,
  type MailAddresses,
  type MailAddressesParts,
} from './mail/mail-addresses.ts';
export {
  mailAddressSchema,
  mailAddressShape,
  type MailAddressSettings,
} from './mail/mail-address-settings.ts';
export { findMailRefusal, type MailDirectory, type MailRefusal } from './mail/mail-directory.ts';
export type { RecipientResolution } from './mail/resolve-recipient.ts';
export type { GroupSender, SenderVerdict } from './mail/sender-rights.ts';
export {
  openEmbeddedDirectory,
  type EmbeddedDirectoryOptions,
} from './embedded/embedded-directory.ts';
export { readLoginIdentities, type LoginIdentities } from './login-identities.ts';
export {
  LOGIN_NAME_LIMIT_BYTES,
  normaliseLoginName,
  parseLoginName,
  type LoginNameRefusal,
  type ParsedLoginName,
} from './login-name.ts';
export {
  admitLogin,
  findPolicyRefusal,
  isBlockedKind,
  judgeDelegate,
  type Admission,
  type DelegateRefusal,
  type DelegateVerdict,
  type PolicyRefusal,
} from './login-policy.ts';
export type { SetBackAccount } from './redis/epoch-floors.ts';
export { openDirectory, type DirectoryLocation, type DirectoryOptions } from './open-directory.ts';
export { createSettingsSource, type DirectorySettingsSource } from './settings-source.ts';
export { parseRedisUrl, type RedisAddress } from './redis/connection-url.ts';
export { openRedisDirectory, type RedisDirectoryOptions } from './redis/redis-directory.ts';
export {
  createShardTable,
  findSiteProblem,
  SHARD_COUNT,
  shardOf,
  workerFor,
  type ShardOwner,
} from './shard.ts';
export { lanesOf, parseLane, type FailureLane, type Subject } from './throttle/lanes.ts';
export {
  createLoginThrottle,
  type JudgedAttempt,
  type LoginThrottle,
  type ThrottledAttempt,
  type ThrottleRules,
  type ThrottleVerdict,
} from './throttle/login-throttle.ts';
export {
  countAccounts,
  rankOf,
  type Standing,
  type ThrottleCause,
} from './throttle/throttle-policy.ts';
export { parseSiteName } from './site-name.ts';
export {
  listKnownNetworks,
  listThrottled,
  type ThrottleEntry,
} from './throttle/throttle-report.ts';
export type { LaneMember, RecentLane, ThrottleStore } from './throttle/throttle-store.ts';
export {
  DEFAULT_HOME_LOGIN_NAME,
  DEFAULT_MASTER_SEPARATOR,
  SECRET_NAME,
  type ClientIdentity,
  type DoorTls,
  type ForeignDoor,
  type ForeignLogin,
  type ForeignSite,
  type ForeignTrust,
  type SiteHost,
} from './sites/foreign-site.ts';
export { homeLoginName } from './sites/home-login-name.ts';
export { orderHosts } from './sites/order-hosts.ts';
