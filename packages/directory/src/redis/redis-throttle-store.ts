/**
 * The throttle's lanes in Redis, the one that may be lost: a sorted set and a turn for each lane,
 * each lane in a slot of its own, every key with an expiry.
 *
 * How much that can be: a failure is noted when a secret was verified, so hashing bounds the rate
 * for passwords, and the gate for each network (SCRAM's proofs cost no hash); the window bounds the
 * time: 30 failures a second from ever new networks for an hour
 * are some 50 MB.
 */
import { z } from 'zod';
import {
  RECENT_LANE_LIMIT,
  type LaneMember,
  type MarkKey,
  type NoteOptions,
  type RecentLane,
  type ThrottleStore,
} from '../throttle/throttle-store.ts';
import type { KeyLayout } from './key-layout.ts';
import type { RedisLink } from './redis-link.ts';
import {
  GET_MARK_KEY,
  NOTE_MEMBER,
  NOTE_RECENT,
  READ_LANE,
  TAKE_TURN,
} from './throttle-scripts.ts';

const laneShape = z.tuple([z.coerce.number()]).rest(z.string());
const keyShape = z.tuple([z.string(), z.number()]);

export class RedisThrottleStore implements ThrottleStore {
  readonly #link: RedisLink;
  readonly #keys: KeyLayout;

  constructor(link: RedisLink, keys: KeyLayout) {
    this.#link = link;
    this.#keys = keys;
  }

  read(lanes: readonly string[]): Promise<readonly (readonly LaneMember[])[]> {
    return Promise.all(lanes.map((lane) => this.#readOne(lane)));
  }

  async note(lane: string, member: string, { lifeMs, limit }: NoteOptions): Promise<void> {
    const key = this.#keys.throttleLane(lane);
    await this.#link.runScript(NOTE_MEMBER, [key], [member, Math.ceil(lifeMs), limit]);
  }

  async takeTurn(lane: string, intervalMs: number, maxWaitMs: number): Promise<number> {
    const key = this.#keys.throttleTurn(lane);
    const args = [Math.ceil(intervalMs), Math.ceil(maxWaitMs)];
    return Number(await this.#link.runScript(TAKE_TURN, [key], args));
  }

  async noteRecent(lane: string, lifeMs: number): Promise<void> {
    const args = [lane, Math.ceil(lifeMs), RECENT_LANE_LIMIT];
    await this.#link.runScript(NOTE_RECENT, [this.#keys.throttleRecent], args);
  }

  async listRecent(): Promise<readonly RecentLane[]> {
    const key = this.#keys.throttleRecent;
    return this.#link.run(async (client) => {
      const [[seconds = 0, micros = 0], found] = await Promise.all([
        client.time(),
        client.zrevrange(key, 0, -1, 'WITHSCORES'),
      ]);
      const nowMs = Number(seconds) * 1000 + Number(micros) / 1000;
      return inPairs(found).map(([lane, atMs]) => ({ lane, agoMs: Math.max(0, nowMs - atMs) }));
    });
  }

  async clear(lanes: readonly string[]): Promise<number> {
    if (lanes.length === 0) return 0;
    return this.#link.run(async (client) => {
      const removed = await Promise.all(
        lanes.flatMap((lane) => [
          client.del(this.#keys.throttleLane(lane)),
          client.del(this.#keys.throttleTurn(lane)).then(() => 0),
        ]),
      );
      await client.zrem(this.#keys.throttleRecent, ...lanes);
      return removed.reduce((sum, count) => sum + count, 0);
    });
  }

  async markKey(fresh: Uint8Array, lifeMs: number): Promise<MarkKey> {
    const text = Buffer.from(fresh).toString('base64');
    const args = [text, Math.ceil(lifeMs)];
    const answer = await this.#link.runScript(GET_MARK_KEY, [this.#keys.throttleKey], args);
    const [key, leftMs] = keyShape.parse(answer);
    return { key: Buffer.from(key, 'base64'), leftMs };
  }

  async #readOne(lane: string): Promise<readonly LaneMember[]> {
    const answer = await this.#link.runScript(READ_LANE, [this.#keys.throttleLane(lane)], []);
    const [nowMs, ...found] = laneShape.parse(answer);
    return inPairs(found).map(([name, expiryMs]) => ({ name, leftMs: expiryMs - nowMs }));
  }
}

function inPairs(flat: readonly string[]): readonly (readonly [string, number])[] {
  const pairs: [string, number][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    pairs.push([flat[at] ?? '', Number(flat[at + 1])]);
  }
  return pairs;
}
