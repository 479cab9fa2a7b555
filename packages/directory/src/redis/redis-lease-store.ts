/**
 * Live sessions in Redis: a hash for each account (conversation → lease), which is what a claim
 * counts, and a hash for each lease (conversation → claim), by which its sessions are found again
 * when it ends. They lie in different slots of a Cluster, so nothing here is atomic over both;
 * a session whose lease is gone counts for nothing wherever its remains lie, and claims sweep
 * such remains away. So a login waits only for the account's hash, one command; the lease's
 * follows a moment later, for many sessions at once.
 *
 * Which leases live is asked for at most twice a second, not with each claim.
 */
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { AccountId, SessionClaim } from '../ports.ts';
import { parseJson } from '../record-codec.ts';
import type { LeaseStore, NotedCount, SessionRef } from '../registry/lease-store.ts';
import type { KeyLayout } from './key-layout.ts';
import type { RedisLink } from './redis-link.ts';
import { CLAIM_SESSION, LIST_LEASES, RENEW_LEASE } from './scripts.ts';
import { SessionNotes } from './session-notes.ts';

const LEASE_LIST_MAX_AGE_MS = 500;
const SCAN_COUNT = 500;

const leasesShape = z.array(z.string());
const leaseListShape = z.tuple([z.array(z.string()), z.array(z.string())]);
const storedClaimShape = z.object({ accountId: z.string() });

interface LeaseList {
  readonly living: ReadonlySet<string>;
  readonly askedAtMs: number;
}

export class RedisLeaseStore implements LeaseStore {
  readonly #link: RedisLink;
  readonly #keys: KeyLayout;
  readonly #clock: Clock;
  readonly #notes: SessionNotes;
  #leases: LeaseList | undefined;
  /** How often servers had changed at the last renewal. */
  #seenDisturbances: number | undefined;

  constructor(link: RedisLink, keys: KeyLayout, clock: Clock) {
    this.#link = link;
    this.#keys = keys;
    this.#clock = clock;
    this.#notes = new SessionNotes(link, keys, clock);
  }

  async renew(leaseId: string, lifeMs: number): Promise<boolean> {
    const answer = await this.#link.runScript(
      RENEW_LEASE,
      [this.#keys.leases],
      [leaseId, Math.ceil(lifeMs)],
    );
    // A server that took over may lack the last claims: then all are written once more.
    const { disturbanceCount } = this.#link;
    const isSameServer = disturbanceCount === this.#seenDisturbances;
    this.#seenDisturbances = disturbanceCount;
    return answer === 1 && isSameServer;
  }

  async put(leaseId: string, sessions: readonly SessionClaim[]): Promise<void> {
    await this.#link.run(async (client) => {
      await Promise.all(
        sessions.flatMap((session) => [
          client.hset(
            this.#keys.sessionsOfLease(leaseId),
            session.conversationId,
            JSON.stringify(session),
          ),
          client.hset(
            this.#keys.sessionsOfAccount(session.accountId),
            session.conversationId,
            leaseId,
          ),
        ]),
      );
    });
  }

  async putAndCountOthers(leaseId: string, session: SessionClaim): Promise<NotedCount> {
    const { accountId, conversationId } = session;
    const noted = this.#notes.add(leaseId, session);
    // Who awaits it later meets the fault; till then it must not count as one that nobody saw.
    noted.catch(() => undefined);
    const key = this.#keys.sessionsOfAccount(accountId);
    const [answer, list] = await Promise.all([
      this.#link.runScript(CLAIM_SESSION, [key], [conversationId, leaseId]),
      this.#listLeases(LEASE_LIST_MAX_AGE_MS),
    ]);
    const others = leasesShape.parse(answer).filter((other) => other !== leaseId);
    const areAlive = others.every((other) => list.living.has(other));
    return { others: areAlive ? others.length : await this.#sweep(accountId, leaseId), noted };
  }

  /** How many sessions the account has under living leases. */
  async count(accountId: AccountId): Promise<number> {
    const [leaseOf] = await Promise.all([
      this.#leaseOfSessions(accountId),
      this.#listLeases(LEASE_LIST_MAX_AGE_MS),
    ]);
    const dead = await this.#findDead(leaseOf, undefined);
    return Object.keys(leaseOf).length - dead.length;
  }

  async remove(leaseId: string, sessions: readonly SessionRef[]): Promise<void> {
    if (sessions.length > 0) await this.#notes.remove(leaseId, sessions);
  }

  async list(leaseId: string): Promise<readonly SessionRef[]> {
    const key = this.#keys.sessionsOfLease(leaseId);
    const found = new Map<string, SessionRef>();
    let cursor = '0';
    do {
      const [next, entries] = await this.#link.run((client) =>
        client.hscan(key, cursor, 'COUNT', SCAN_COUNT),
      );
      for (let i = 0; i + 1 < entries.length; i += 2) {
        const conversationId = entries[i] ?? '';
        const claim = storedClaimShape.safeParse(parseJson(entries[i + 1] ?? ''));
        const accountId = (claim.success ? claim.data.accountId : '') as AccountId;
        found.set(conversationId, { conversationId, accountId });
      }
      cursor = next;
    } while (cursor !== '0');
    return [...found.values()];
  }

  async end(leaseId: string): Promise<void> {
    await this.#link.run(async (client) => {
      await Promise.all([
        client.del(this.#keys.sessionsOfLease(leaseId)),
        client.zrem(this.#keys.leases, leaseId),
      ]);
    });
    this.#leases = undefined;
  }

  /** Asks anew. */
  async listLiving(): Promise<readonly string[]> {
    return [...(await this.#listLeases(0)).living].toSorted();
  }

  async listExpired(): Promise<readonly string[]> {
    return (await this.#askForLeases()).expired;
  }

  /** Removes the sessions of leases that are gone. @returns How many are left under others. */
  async #sweep(accountId: AccountId, ownLeaseId: string): Promise<number> {
    const leaseOf = await this.#leaseOfSessions(accountId);
    const dead = await this.#findDead(leaseOf, ownLeaseId);
    if (dead.length > 0) {
      const key = this.#keys.sessionsOfAccount(accountId);
      await this.#link.run((client) => client.hdel(key, ...dead));
    }
    const own = Object.values(leaseOf).filter((leaseId) => leaseId === ownLeaseId);
    return Object.keys(leaseOf).length - dead.length - own.length;
  }

  async #leaseOfSessions(accountId: AccountId): Promise<Record<string, string>> {
    return this.#link.run((client) => client.hgetall(this.#keys.sessionsOfAccount(accountId)));
  }

  /** Conversations whose lease is gone. A lease never seen may be new: that asks once more. */
  async #findDead(
    leaseOf: Readonly<Record<string, string>>,
    ownLeaseId: string | undefined,
  ): Promise<string[]> {
    let list = await this.#listLeases(LEASE_LIST_MAX_AGE_MS);
    if (Object.values(leaseOf).some((leaseId) => isDead(list, leaseId, ownLeaseId))) {
      list = await this.#listLeases(0);
    }
    return Object.entries(leaseOf)
      .filter(([, leaseId]) => isDead(list, leaseId, ownLeaseId))
      .map(([conversationId]) => conversationId);
  }

  async #listLeases(maxAgeMs: number): Promise<LeaseList> {
    const known = this.#leases;
    if (known !== undefined && this.#clock.elapsedMs() - known.askedAtMs <= maxAgeMs) return known;
    return (await this.#askForLeases()).list;
  }

  async #askForLeases(): Promise<{ list: LeaseList; expired: readonly string[] }> {
    const askedAtMs = this.#clock.elapsedMs();
    const answer = await this.#link.runScript(LIST_LEASES, [this.#keys.leases], []);
    const [living, expired] = leaseListShape.parse(answer);
    const list = { living: new Set(living), askedAtMs };
    this.#leases = list;
    return { list, expired };
  }
}

/** @param ownLeaseId Lives, whatever the list says. */
function isDead({ living }: LeaseList, leaseId: string, ownLeaseId: string | undefined): boolean {
  return leaseId !== ownLeaseId && !living.has(leaseId);
}
