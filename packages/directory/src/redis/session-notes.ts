/**
 * What goes to Redis about sessions and nobody counts by: entries of a lease's own list, and
 * entries that are removed. They are gathered for a moment and sent together in few commands and
 * one packet; a session that came and went meanwhile is never written at all.
 */
import type { Clock } from '../clock.ts';
import type { SessionClaim } from '../ports.ts';
import type { SessionRef } from '../registry/lease-store.ts';
import type { KeyLayout } from './key-layout.ts';
import type { RedisCommand, RedisLink } from './redis-link.ts';

/** How long they are gathered: a place that was given back is free for others this much later. */
const GATHER_MS = 20;

/** One lease's news. */
interface Notes {
  /** Conversation id to the claim as JSON. */
  readonly added: Map<string, string>;
  readonly removed: Map<string, SessionRef>;
}

/** Gathers for all leases of one driver. */
export class SessionNotes {
  readonly #link: RedisLink;
  readonly #keys: KeyLayout;
  readonly #clock: Clock;
  #gathered = new Map<string, Notes>();
  #flush: Promise<void> | undefined;

  constructor(link: RedisLink, keys: KeyLayout, clock: Clock) {
    this.#link = link;
    this.#keys = keys;
    this.#clock = clock;
  }

  /** Settles when it is written; rejects with `DirectoryUnavailableError` when it may not be. */
  add(leaseId: string, session: SessionClaim): Promise<void> {
    const { added, removed } = this.#notesOf(leaseId);
    added.set(session.conversationId, JSON.stringify(session));
    removed.delete(session.conversationId);
    return this.#nextFlush();
  }

  /** As `add`. */
  remove(leaseId: string, sessions: readonly SessionRef[]): Promise<void> {
    const { added, removed } = this.#notesOf(leaseId);
    for (const session of sessions) {
      added.delete(session.conversationId);
      removed.set(session.conversationId, session);
    }
    return this.#nextFlush();
  }

  #notesOf(leaseId: string): Notes {
    const known = this.#gathered.get(leaseId);
    if (known !== undefined) return known;
    const notes: Notes = { added: new Map(), removed: new Map() };
    this.#gathered.set(leaseId, notes);
    return notes;
  }

  #nextFlush(): Promise<void> {
    this.#flush ??= new Promise((resolve) => {
      // Somebody waits, so a process that has nothing else to do stays for this.
      this.#clock.after(GATHER_MS, () => resolve(this.#send()), { keepsProcess: true });
    });
    return this.#flush;
  }

  #send(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = new Map();
    this.#flush = undefined;
    const commands = [...gathered].flatMap(([leaseId, notes]) => this.#commandsOf(leaseId, notes));
    return this.#link.runTogether(commands);
  }

  #commandsOf(leaseId: string, { added, removed }: Notes): readonly RedisCommand[] {
    const ofLease = this.#keys.sessionsOfLease(leaseId);
    const commands: RedisCommand[] = [];
    if (added.size > 0) commands.push(['hset', ofLease, ...[...added].flat()]);
    if (removed.size > 0) commands.push(['hdel', ofLease, ...removed.keys()]);
    for (const { accountId, conversationId } of removed.values()) {
      commands.push(['hdel', this.#keys.sessionsOfAccount(accountId), conversationId]);
    }
    return commands;
  }
}
