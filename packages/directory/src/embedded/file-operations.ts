/** What operators see and want, in the embedded directory's file. */
import type { Clock } from '../clock.ts';
import { decodeComponentRequest, decodeSessionEnd } from '../operations/operation-codecs.ts';
import { frontEndOfLease } from '../operations/lease-owner.ts';
import {
  SESSION_END_LIFE_MS,
  type ComponentName,
  type ComponentRequest,
  type DutyName,
  type LeaseFacts,
  type OperationsPort,
  type SessionEndRequest,
  type SessionPage,
  type SessionQuery,
} from '../operations/ports.ts';
import { findSessions, type StoredSessions } from '../operations/session-listing.ts';
import type { Database } from './database.ts';
import { noteChange } from './file-change-feed.ts';

const BATCH_ROWS = 2_000;

export interface FileOperationsParts {
  readonly db: Database;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Writes, and tells this process's own listeners at once. */
  readonly write: <Result>(task: (db: Database) => Result) => Promise<Result>;
}

export class FileOperations implements OperationsPort {
  readonly #parts: FileOperationsParts;

  constructor(parts: FileOperationsParts) {
    this.#parts = parts;
  }

  listSessions(
    query: SessionQuery,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<SessionPage> {
    return findSessions(this.#eachBatch(query), query, page);
  }

  async listLeases(): Promise<readonly LeaseFacts[]> {
    const rows = await this.#parts.db.read((db) =>
      db.all(
        `SELECT lease_id, (SELECT count(*) FROM sessions WHERE sessions.lease_id = leases.lease_id)
           AS count FROM leases WHERE expires_at_ms > ? ORDER BY lease_id`,
        this.#nowMs(),
      ),
    );
    return rows.map((row) => {
      const leaseId = String(row['lease_id']);
      const sessionCount = Number(row['count']);
      return { leaseId, frontEnd: frontEndOfLease(leaseId), sessionCount };
    });
  }

  async putSessionEnd(request: SessionEndRequest): Promise<void> {
    const oldestMs = this.#nowMs() - SESSION_END_LIFE_MS;
    await this.#parts.write((db) => {
      db.run('DELETE FROM session_ends WHERE requested_at_ms < ?', oldestMs);
      db.run('DELETE FROM session_end_answers WHERE id NOT IN (SELECT id FROM session_ends)');
      db.run(
        'INSERT INTO session_ends VALUES (?, ?, ?)',
        request.id,
        request.requestedAtMs,
        JSON.stringify(request),
      );
      noteChange(db, { area: 'session-ends' });
    });
  }

  async listSessionEnds(): Promise<readonly SessionEndRequest[]> {
    const rows = await this.#parts.db.read((db) => db.all('SELECT request FROM session_ends'));
    return rows
      .map((row) => decodeSessionEnd(String(row['request'])))
      .filter((request) => request !== undefined);
  }

  async answerSessionEnd(id: string, leaseId: string, count: number): Promise<void> {
    await this.#parts.db.write((db) => {
      db.run('INSERT OR REPLACE INTO session_end_answers VALUES (?, ?, ?)', id, leaseId, count);
    });
  }

  async readSessionEndAnswers(id: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#parts.db.read((db) =>
      db.all('SELECT lease_id, count FROM session_end_answers WHERE id = ?', id),
    );
    return new Map(rows.map((row) => [String(row['lease_id']), Number(row['count'])]));
  }

  async listComponentRequests(): Promise<readonly ComponentRequest[]> {
    const rows = await this.#parts.db.read((db) => db.all('SELECT request FROM components'));
    return rows
      .map((row) => decodeComponentRequest(String(row['request'])))
      .filter((request) => request !== undefined);
  }

  async putComponentRequest(request: ComponentRequest): Promise<void> {
    const { component, requester } = request;
    await this.#parts.write((db) => {
      const text = JSON.stringify(request);
      db.run('INSERT OR REPLACE INTO components VALUES (?, ?, ?)', component, requester, text);
      noteChange(db, { area: 'components' });
    });
  }

  removeComponentRequest(component: ComponentName, requester: string): Promise<boolean> {
    return this.#parts.write((db) => {
      const sql = 'DELETE FROM components WHERE component = ? AND requester = ?';
      if (db.run(sql, component, requester) === 0) return false;
      noteChange(db, { area: 'components' });
      return true;
    });
  }

  takeDuty(duty: DutyName, holder: string, lifeMs: number): Promise<string> {
    const nowMs = this.#nowMs();
    return this.#parts.db.write((db) => {
      const row = db.get('SELECT holder, expires_at_ms FROM duties WHERE duty = ?', duty);
      const present = row === undefined ? holder : String(row['holder']);
      if (present !== holder && Number(row?.['expires_at_ms']) > nowMs) return present;
      const untilMs = nowMs + Math.ceil(lifeMs);
      db.run('INSERT OR REPLACE INTO duties VALUES (?, ?, ?)', duty, holder, untilMs);
      return holder;
    });
  }

  async leaveDuty(duty: DutyName, holder: string): Promise<void> {
    await this.#parts.db.write((db) =>
      db.run('DELETE FROM duties WHERE duty = ? AND holder = ?', duty, holder),
    );
  }

  async *#eachBatch({ frontEnd }: SessionQuery): AsyncGenerator<StoredSessions> {
    for (const { leaseId, frontEnd: owner } of await this.listLeases()) {
      if (frontEnd !== undefined && owner !== frontEnd) continue;
      let after = ['', ''];
      for (;;) {
        const [account = '', conversation = ''] = after;
        const rows = await this.#parts.db.read((db) =>
          db.all(
            `SELECT account_id, conversation_id, claim FROM sessions
             WHERE lease_id = ? AND (account_id, conversation_id) > (?, ?)
             ORDER BY account_id, conversation_id LIMIT ${BATCH_ROWS}`,
            leaseId,
            account,
            conversation,
          ),
        );
        yield {
          leaseId,
          claims: rows.map(
            (row) => [String(row['conversation_id']), String(row['claim'])] as const,
          ),
        };
        const last = rows.at(-1);
        if (last === undefined) break;
        after = [String(last['account_id']), String(last['conversation_id'])];
      }
    }
  }

  #nowMs(): number {
    return Math.floor(this.#parts.clock.nowMs());
  }
}
