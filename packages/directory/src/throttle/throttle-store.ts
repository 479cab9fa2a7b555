/**
 * What the brute-force throttle keeps, and nothing of what it means: lanes, each a small set of
 * members that expire one by one, and a row of turns. What is kept may be lost without harm: all
 * that is lost is the memory of attackers, and of where people usually come from.
 *
 * Each driver supplies one over its store, and `memory-throttle-store.ts` one for a process that
 * is alone. Calls reject with `DirectoryUnavailableError` when the store is away.
 */

/** One member of a lane. */
export interface LaneMember {
  readonly name: string;
  /** Until it expires. */
  readonly leftMs: number;
}

/** How a member is noted. */
export interface NoteOptions {
  /** Noting a member again makes it live anew. */
  readonly lifeMs: number;
  /** Members that a lane may have; those that expire first give way. */
  readonly limit: number;
}

/** A lane that had news lately, for operators. */
export interface RecentLane {
  readonly lane: string;
  readonly agoMs: number;
}

/** The key under which secrets are hashed; drawn anew now and then, and when it was lost. */
export interface MarkKey {
  readonly key: Uint8Array;
  readonly leftMs: number;
}

/** Lanes are named by `lanes.ts`; a name has no braces. */
export interface ThrottleStore {
  /** The members of each lane that have not expired. */
  read(lanes: readonly string[]): Promise<readonly (readonly LaneMember[])[]>;
  /** Notes a member; a new lane needs no making. */
  note(lane: string, member: string, options: NoteOptions): Promise<void>;
  /**
   * Takes the lane's next turn; turns lie `intervalMs` apart.
   *
   * @returns How long until it. If that is more than `maxWaitMs`, it was not taken.
   */
  takeTurn(lane: string, intervalMs: number, maxWaitMs: number): Promise<number>;
  /** Puts a lane on the list of those with news, which has the newest 1,000 alone. */
  noteRecent(lane: string, lifeMs: number): Promise<void>;
  /** Newest first. */
  listRecent(): Promise<readonly RecentLane[]>;
  /** Forgets lanes with their turns. @returns how many there were. */
  clear(lanes: readonly string[]): Promise<number>;
  /** The key that all processes share; made of `fresh` if there is none. */
  markKey(fresh: Uint8Array, lifeMs: number): Promise<MarkKey>;
}

/** How many lanes `listRecent` knows. */
export const RECENT_LANE_LIMIT = 1_000;
