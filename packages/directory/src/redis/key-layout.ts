/**
 * Every key and channel that Homeward has in Redis. Nothing else in the code spells a key.
 *
 * Cluster: the durable part shares one hash tag, `{homeward}`, and so one slot, because adding an
 * account must check names, site and record in one atomic step. It is small (about 2 KB for each
 * account) and front ends read it through a cache. Live sessions, which see every login, are
 * spread by a tag for each account, `{homeward:01J…}`; the leases have a third, since they may
 * live in another Redis, and so have the lanes of the throttle, `{homeward:throttle:…}`.
 *
 * Schema version 2: version 1 knew no delegates. Groups came later and need no other number: what
 * an earlier release finds under their names is the id of no account, and it tells "everything" for
 * their changes. A release that finds a lower number upgrades what
 * is there and raises it; one that finds a higher number refuses to work.
 */
import type { DutyName } from '../operations/ports.ts';
import type { AccountId, GroupId, NameHolder } from '../ports.ts';

export const SCHEMA_VERSION = 2;
export const DEFAULT_KEY_PREFIX = 'homeward';

export interface KeyLayout {
  /**
   * Prefix of a layout of its own, in which sessions are counted by address where `id` stands for
   * an address or a network: `{homeward:by-address:203.0.113.7}:sessions`,
   * `{homeward:by-address:2001:db8:1:2::/64}:sessions`.
   */
  readonly addressPrefix: string;
  /** STRING, the schema's version. `{homeward}:schema` → `2` */
  readonly schema: string;
  /** STRING, random: tells this directory from every other. `{homeward}:directory-id` → `Xk3_…` */
  readonly directoryId: string;
  /** STRING, counts changes; the n-th message on the channel has number n. `{homeward}:changes` */
  readonly changeCount: string;
  /** CHANNEL, `<n> <change as JSON>`. `{homeward}:change-feed` → `7 {"area":"settings"}` */
  readonly changeChannel: string;
  /**
   * STRING, the id that has a login name, or the group that has an address.
   * `{homeward}:name:anna@example.org` → `01JD…`, `{homeward}:name:all@example.org` → `group:01JE…`
   */
  name(name: string): string;
  /**
   * HASH of one account: `record` (JSON), `version` (raised by each change) and, if there is a
   * password, `credentials` (JSON), `appPasswords` (JSON), `used:<id>` (when one of these was used
   * last, ms). `{homeward}:account:01JD…`
   */
  account(id: AccountId): string;
  /**
   * SET of those of whose mailboxes an account is a delegate, each as `delegate:<id>`.
   * `{homeward}:sharers:01JD…` → `delegate:01JC…`
   */
  sharers(grantee: AccountId): string;
  /** ZSET for paging, all scores 0: `<address>\0<id>`. `{homeward}:addresses` */
  readonly addresses: string;
  /** HASH of one group: `record` (JSON), `version`. `{homeward}:group:01JE…` */
  group(id: GroupId): string;
  /** ZSET for paging, as `addresses`. `{homeward}:groups` */
  readonly groups: string;
  /** HASH, site → number of accounts that live there. `{homeward}:residents` → `dublin 17` */
  readonly residents: string;
  /** HASH, site → record as JSON. `{homeward}:sites` */
  readonly sites: string;
  /** HASH, key id → front-end key as JSON. `{homeward}:front-end-keys` */
  readonly frontEndKeys: string;
  /** HASH, dotted name → JSON value. `{homeward}:settings` → `connectionLimits.perUser 16` */
  readonly settings: string;
  /** HASH, purpose → secret of all processes, base64. `{homeward}:secrets` → `scram-salts q83v…` */
  readonly secrets: string;
  /** HASH, id → request to end sessions as JSON. `{homeward}:session-ends` */
  readonly sessionEnds: string;
  /** HASH, lease → sessions told to end. `{homeward}:session-end-answers:4f…` → `fe1-7-…:… 2` */
  sessionEndAnswers(id: string): string;
  /** HASH, `<component> <requester>` → wish as JSON. `{homeward}:components` */
  readonly components: string;
  /** STRING that expires, who does it at present. `{homeward}:duty:ldap-sync` → `root@fe1:77:9c…` */
  duty(duty: DutyName): string;
  /** ZSET, lease id → when it expires (Redis's clock, ms). `{homeward:leases}:expiry` */
  readonly leases: string;
  /** HASH of a lease's sessions, conversation → claim. `{homeward:leases}:of:01JD…` */
  sessionsOfLease(leaseId: string): string;
  /** HASH of an account's sessions, conversation → lease. `{homeward:01JD…}:sessions` */
  sessionsOfAccount(id: AccountId): string;
  /**
   * ZSET of a lane of the brute-force throttle (see `throttle/lanes.ts`), member → when it expires
   * (Redis's clock, ms). Each has a slot of its own.
   * `{homeward:throttle:address:203.0.113.7/32}:members` → `Xk3_.9aB 1785…`
   */
  throttleLane(lane: string): string;
  /** STRING, when the lane's next turn is. `{homeward:throttle:address:…}:turn` → `1785…` */
  throttleTurn(lane: string): string;
  /** ZSET, lane → when it last had news; the newest 1,000. `{homeward:throttle}:recent` */
  readonly throttleRecent: string;
  /** STRING, the key under which secrets are hashed there, base64. `{homeward:throttle}:key` */
  readonly throttleKey: string;
}

/**
 * @param prefix Tells installations apart that share a Redis: 1 to 64 of a-z, 0-9, ":", "_", "-".
 */
export function createKeyLayout(prefix: string): KeyLayout {
  // With room for the layouts that are made of a prefix that was given.
  if (!/^[a-z0-9:_-]{1,80}$/.test(prefix)) {
    throw new RangeError('A Redis key prefix is 1 to 64 of a-z, 0-9, ":", "_" and "-"');
  }
  const durable = `{${prefix}}`;
  const leases = `{${prefix}:leases}`;
  return {
    addressPrefix: `${prefix}:by-address`,
    schema: `${durable}:schema`,
    directoryId: `${durable}:directory-id`,
    changeCount: `${durable}:changes`,
    changeChannel: `${durable}:change-feed`,
    name: (name) => `${durable}:name:${name}`,
    account: (id) => `${durable}:account:${id}`,
    sharers: (grantee) => `${durable}:sharers:${grantee}`,
    addresses: `${durable}:addresses`,
    group: (id) => `${durable}:group:${id}`,
    groups: `${durable}:groups`,
    residents: `${durable}:residents`,
    sites: `${durable}:sites`,
    frontEndKeys: `${durable}:front-end-keys`,
    settings: `${durable}:settings`,
    secrets: `${durable}:secrets`,
    sessionEnds: `${durable}:session-ends`,
    sessionEndAnswers: (id) => `${durable}:session-end-answers:${id}`,
    components: `${durable}:components`,
    duty: (duty) => `${durable}:duty:${duty}`,
    leases: `${leases}:expiry`,
    sessionsOfLease: (leaseId) => `${leases}:of:${leaseId}`,
    sessionsOfAccount: (id) => `{${prefix}:${id}}:sessions`,
    throttleLane: (lane) => `{${prefix}:throttle:${lane}}:members`,
    throttleTurn: (lane) => `{${prefix}:throttle:${lane}}:turn`,
    throttleRecent: `{${prefix}:throttle}:recent`,
    throttleKey: `{${prefix}:throttle}:key`,
  };
}

const GROUP_PREFIX = 'group:';

/** What a name's key has for a group; that of an account is its id alone. */
export function formatGroupHolder(id: GroupId): string {
  return GROUP_PREFIX + id;
}

/** Reads what a name's key has. */
export function parseHolder(text: string): NameHolder {
  return text.startsWith(GROUP_PREFIX)
    ? { kind: 'group', id: text.slice(GROUP_PREFIX.length) as GroupId }
    : { kind: 'account', id: text as AccountId };
}
