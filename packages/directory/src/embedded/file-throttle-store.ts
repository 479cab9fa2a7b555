/**
 * The throttle's lanes in the embedded directory's file, on the connection that does not wait for
 * the disk. Expiry goes by the host's wall clock, which all processes share; what has expired is
 * swept away a little at each write.
 */
import type { Clock } from '../clock.ts';
import {
  RECENT_LANE_LIMIT,
  type LaneMember,
  type MarkKey,
  type NoteOptions,
  type RecentLane,
  type ThrottleStore,
} from '../throttle/throttle-store.ts';
import type { Database, Row } from './database.ts';

/** The key is the only member of a lane that no attempt can name. */
const KEY_LANE = '@key';

export class FileThrottleStore implements ThrottleStore {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  read(lanes: readonly string[]): Promise<readonly (readonly LaneMember[])[]> {
    const nowMs = this.#nowMs();
    return this.#db.read((db) => lanes.map((lane) => readMembers(db, lane, nowMs)));
  }

  async note(lane: string, member: string, { lifeMs, limit }: NoteOptions): Promise<void> {
    const nowMs = this.#nowMs();
    await this.#db.write((db) => {
      sweep(db, nowMs);
      db.run(
        'INSERT OR REPLACE INTO throttle_members VALUES (?, ?, ?)',
        lane,
        member,
        nowMs + Math.ceil(lifeMs),
      );
      db.run(
        `DELETE FROM throttle_members WHERE lane = ?1 AND member IN (
           SELECT member FROM throttle_members WHERE lane = ?1
           ORDER BY expires_at_ms DESC, member LIMIT -1 OFFSET ?2)`,
        lane,
        limit,
      );
    });
  }

  async takeTurn(lane: string, intervalMs: number, maxWaitMs: number): Promise<number> {
    const nowMs = this.#nowMs();
    return this.#db.write((db) => {
      const row = db.get('SELECT next_at_ms FROM throttle_turns WHERE lane = ?', lane);
      const atMs = Math.max(nowMs, Number(row?.['next_at_ms'] ?? 0));
      if (atMs - nowMs <= maxWaitMs) {
        const nextMs = atMs + Math.ceil(intervalMs);
        db.run('INSERT OR REPLACE INTO throttle_turns VALUES (?, ?)', lane, nextMs);
      }
      return atMs - nowMs;
    });
  }

  async noteRecent(lane: string, lifeMs: number): Promise<void> {
    const nowMs = this.#nowMs();
    await this.#db.write((db) => {
      db.run('INSERT OR REPLACE INTO throttle_recent VALUES (?, ?)', lane, nowMs);
      db.run('DELETE FROM throttle_recent WHERE at_ms <= ?', nowMs - Math.ceil(lifeMs));
      db.run(
        `DELETE FROM throttle_recent WHERE lane IN (
           SELECT lane FROM throttle_recent ORDER BY at_ms DESC LIMIT -1 OFFSET ?)`,
        RECENT_LANE_LIMIT,
      );
    });
  }

  async listRecent(): Promise<readonly RecentLane[]> {
    const nowMs = this.#nowMs();
    const rows = await this.#db.read((db) =>
      db.all('SELECT lane, at_ms FROM throttle_recent ORDER BY at_ms DESC, lane'),
    );
    return rows.map((row) => ({
      lane: String(row['lane']),
      agoMs: Math.max(0, nowMs - Number(row['at_ms'])),
    }));
  }

  async clear(lanes: readonly string[]): Promise<number> {
    return this.#db.write((db) => {
      let count = 0;
      for (const lane of lanes) {
        if (db.run('DELETE FROM throttle_members WHERE lane = ?', lane) > 0) count += 1;
        db.run('DELETE FROM throttle_turns WHERE lane = ?', lane);
        db.run('DELETE FROM throttle_recent WHERE lane = ?', lane);
      }
      return count;
    });
  }

  async markKey(fresh: Uint8Array, lifeMs: number): Promise<MarkKey> {
    const nowMs = this.#nowMs();
    const text = Buffer.from(fresh).toString('base64');
    const [found] = await this.#db.read((db) => readMembers(db, KEY_LANE, nowMs));
    const { name, leftMs } =
      found ??
      (await this.#db.write((db) => {
        const [other] = readMembers(db, KEY_LANE, nowMs);
        if (other !== undefined) return other;
        const untilMs = nowMs + Math.ceil(lifeMs);
        db.run('DELETE FROM throttle_members WHERE lane = ?', KEY_LANE);
        db.run('INSERT INTO throttle_members VALUES (?, ?, ?)', KEY_LANE, text, untilMs);
        return { name: text, leftMs: lifeMs };
      }));
    return { key: Buffer.from(name, 'base64'), leftMs };
  }

  #nowMs(): number {
    return Math.floor(this.#clock.nowMs());
  }
}

function readMembers(db: Database, lane: string, nowMs: number): readonly LaneMember[] {
  const rows: Row[] = db.all(
    'SELECT member, expires_at_ms FROM throttle_members WHERE lane = ? AND expires_at_ms > ?',
    lane,
    nowMs,
  );
  return rows.map((row) => ({
    name: String(row['member']),
    leftMs: Number(row['expires_at_ms']) - nowMs,
  }));
}

function sweep(db: Database, nowMs: number): void {
  db.run('DELETE FROM throttle_members WHERE expires_at_ms <= ?', nowMs);
  db.run('DELETE FROM throttle_turns WHERE next_at_ms <= ?', nowMs);
}
