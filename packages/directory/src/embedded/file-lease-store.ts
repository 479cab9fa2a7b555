/**
 * Live sessions in the embedded directory's file. Its connection doesn't wait for the disk: after
 * a power cut no session lives anyway. Expiry goes by the host's wall clock, which all processes
 * share.
 */
import { countedNetwork } from '@homeward/net';
import type { Clock } from '../clock.ts';
import type { AccountId, SessionClaim } from '../ports.ts';
import type { LeaseStore, NotedCount, SessionRef } from '../registry/lease-store.ts';
import type { Database } from './database.ts';

export class FileLeaseStore implements LeaseStore {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  async renew(leaseId: string, lifeMs: number): Promise<boolean> {
    const nowMs = this.#nowMs();
    return this.#db.write((db) => {
      const lease = db.get('SELECT expires_at_ms FROM leases WHERE lease_id = ?', leaseId);
      db.run('INSERT OR REPLACE INTO leases VALUES (?, ?)', leaseId, nowMs + Math.ceil(lifeMs));
      return lease !== undefined && Number(lease['expires_at_ms']) > nowMs;
    });
  }

  async put(leaseId: string, sessions: readonly SessionClaim[]): Promise<void> {
    if (sessions.length === 0) return;
    await this.#db.write((db) => {
      for (const session of sessions) putSession(db, leaseId, session);
    });
  }

  async putAndCountOthers(leaseId: string, session: SessionClaim): Promise<NotedCount> {
    const nowMs = this.#nowMs();
    const others = await this.#db.write((db) => {
      putSession(db, leaseId, session);
      return countLiving(db, session.accountId, nowMs, leaseId);
    });
    return { others, noted: Promise.resolve() };
  }

  async count(accountId: AccountId): Promise<number> {
    const nowMs = this.#nowMs();
    return this.#db.read((db) => countLiving(db, accountId, nowMs, ''));
  }

  /** Sessions under living leases whose clients are counted as this. */
  async countFrom(network: string): Promise<number> {
    const nowMs = this.#nowMs();
    const row = await this.#db.read((db) =>
      db.get(
        `SELECT count(*) AS count FROM sessions JOIN leases USING (lease_id)
         WHERE coalesce(
             json_extract(claim, '$.clientNetwork'), json_extract(claim, '$.clientAddress')
           ) = ? AND expires_at_ms > ?`,
        network,
        nowMs,
      ),
    );
    return Number(row?.['count'] ?? 0);
  }

  async remove(leaseId: string, sessions: readonly SessionRef[]): Promise<void> {
    if (sessions.length === 0) return;
    await this.#db.write((db) => {
      for (const session of sessions) {
        db.run(
          'DELETE FROM sessions WHERE account_id = ? AND conversation_id = ? AND lease_id = ?',
          session.accountId,
          session.conversationId,
          leaseId,
        );
      }
    });
  }

  async list(leaseId: string): Promise<readonly SessionRef[]> {
    const rows = await this.#db.read((db) =>
      db.all('SELECT account_id, conversation_id FROM sessions WHERE lease_id = ?', leaseId),
    );
    return rows.map((row) => ({
      accountId: String(row['account_id']) as AccountId,
      conversationId: String(row['conversation_id']),
    }));
  }

  async end(leaseId: string): Promise<void> {
    await this.#db.write((db) => {
      db.run('DELETE FROM sessions WHERE lease_id = ?', leaseId);
      db.run('DELETE FROM leases WHERE lease_id = ?', leaseId);
    });
  }

  async listExpired(): Promise<readonly string[]> {
    const nowMs = this.#nowMs();
    const rows = await this.#db.read((db) =>
      db.all('SELECT lease_id FROM leases WHERE expires_at_ms <= ? LIMIT 100', nowMs),
    );
    return rows.map((row) => String(row['lease_id']));
  }

  #nowMs(): number {
    return Math.floor(this.#clock.nowMs());
  }
}

function putSession(db: Database, leaseId: string, session: SessionClaim): void {
  db.run(
    'INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)',
    session.accountId,
    session.conversationId,
    leaseId,
    JSON.stringify(withNetwork(session)),
  );
}

/** Is no address and no network, so that nobody counts it. */
const NO_NETWORK = '';

/** An address of IPv4 is counted as itself, and the claim has that. */
function withNetwork(session: SessionClaim): SessionClaim & { readonly clientNetwork?: string } {
  if (session.isCountedByAddress === false) return { ...session, clientNetwork: NO_NETWORK };
  const clientNetwork = countedNetwork(session.clientAddress);
  return clientNetwork === session.clientAddress ? session : { ...session, clientNetwork };
}

/** @param ownLeaseId Its sessions are not counted. */
function countLiving(db: Database, id: AccountId, nowMs: number, ownLeaseId: string): number {
  const row = db.get(
    `SELECT count(*) AS count FROM sessions JOIN leases USING (lease_id)
     WHERE account_id = ? AND lease_id <> ? AND expires_at_ms > ?`,
    id,
    ownLeaseId,
    nowMs,
  );
  return Number(row?.['count'] ?? 0);
}
