/**
 * Lanes in this process's memory: what a process counts by while the shared store is away. Of
 * bounded size: the lanes that had no news for longest give way.
 */
import type { Clock } from '../clock.ts';
import {
  RECENT_LANE_LIMIT,
  type LaneMember,
  type MarkKey,
  type NoteOptions,
  type RecentLane,
  type ThrottleStore,
} from './throttle-store.ts';

interface Lane {
  /** Name to when it expires, soonest first. */
  readonly members: Map<string, number>;
  nextTurnAtMs: number;
  recentAtMs: number | undefined;
}

const DEFAULT_LANE_LIMIT = 20_000;

export class MemoryThrottleStore implements ThrottleStore {
  readonly #clock: Pick<Clock, 'elapsedMs'>;
  readonly #laneLimit: number;
  /** Least recently changed first. */
  readonly #lanes = new Map<string, Lane>();
  #key: { readonly key: Uint8Array; readonly untilMs: number } | undefined;

  constructor(clock: Pick<Clock, 'elapsedMs'>, laneLimit: number = DEFAULT_LANE_LIMIT) {
    this.#clock = clock;
    this.#laneLimit = laneLimit;
  }

  get laneCount(): number {
    return this.#lanes.size;
  }

  async read(lanes: readonly string[]): Promise<readonly (readonly LaneMember[])[]> {
    return lanes.map((lane) => this.#membersOf(lane));
  }

  /** Members of a lane that have not expired. */
  countOf(lane: string): number {
    return this.#membersOf(lane).length;
  }

  async note(lane: string, member: string, { lifeMs, limit }: NoteOptions): Promise<void> {
    const nowMs = this.#clock.elapsedMs();
    const { members } = this.#touch(lane);
    for (const [name, untilMs] of members) if (untilMs <= nowMs) members.delete(name);
    members.delete(member);
    members.set(member, nowMs + lifeMs);
    for (const name of members.keys()) {
      if (members.size <= limit) break;
      members.delete(name);
    }
  }

  async takeTurn(lane: string, intervalMs: number, maxWaitMs: number): Promise<number> {
    const nowMs = this.#clock.elapsedMs();
    const turns = this.#touch(lane);
    const atMs = Math.max(nowMs, turns.nextTurnAtMs);
    if (atMs - nowMs <= maxWaitMs) turns.nextTurnAtMs = atMs + intervalMs;
    return atMs - nowMs;
  }

  async noteRecent(lane: string): Promise<void> {
    this.#touch(lane).recentAtMs = this.#clock.elapsedMs();
  }

  async listRecent(): Promise<readonly RecentLane[]> {
    const nowMs = this.#clock.elapsedMs();
    const recent: RecentLane[] = [];
    for (const [lane, { recentAtMs }] of this.#lanes) {
      if (recentAtMs !== undefined) recent.push({ lane, agoMs: nowMs - recentAtMs });
    }
    return recent.sort((a, b) => a.agoMs - b.agoMs).slice(0, RECENT_LANE_LIMIT);
  }

  async clear(lanes: readonly string[]): Promise<number> {
    return lanes.filter((lane) => this.#lanes.delete(lane)).length;
  }

  async markKey(fresh: Uint8Array, lifeMs: number): Promise<MarkKey> {
    const nowMs = this.#clock.elapsedMs();
    if (this.#key === undefined || this.#key.untilMs <= nowMs) {
      this.#key = { key: fresh, untilMs: nowMs + lifeMs };
    }
    return { key: this.#key.key, leftMs: this.#key.untilMs - nowMs };
  }

  #membersOf(lane: string): LaneMember[] {
    const nowMs = this.#clock.elapsedMs();
    return [...(this.#lanes.get(lane)?.members ?? [])]
      .map(([name, untilMs]) => ({ name, leftMs: untilMs - nowMs }))
      .filter(({ leftMs }) => leftMs > 0);
  }

  #touch(name: string): Lane {
    const lane = this.#lanes.get(name) ?? {
      members: new Map<string, number>(),
      nextTurnAtMs: 0,
      recentAtMs: undefined,
    };
    this.#lanes.delete(name);
    this.#lanes.set(name, lane);
    for (const oldest of this.#lanes.keys()) {
      if (this.#lanes.size <= this.#laneLimit) break;
      this.#lanes.delete(oldest);
    }
    return lane;
  }
}
