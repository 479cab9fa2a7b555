/**
 * Ends sessions that would not be let in any more, within a second or two, at every front end: the
 * directory tells each of them of changes, and those whom a change concerns are judged again by
 * what is read just now. Where something was missed all sessions are, a few accounts at a time.
 * While the directory is away everybody stays; it tells of its return.
 */
import {
  DirectoryUnavailableError,
  type AccountId,
  type DirectoryDriver,
  type LoginRecord,
} from '@homeward/directory';
import type { ConversationSet } from '../conversation/conversation-set.ts';
import { accountsOf, type LiveConversation } from '../conversation/live-session.ts';
import type { Clock } from '../login/ports.ts';
import { judgeSession } from './judge-session.ts';

/** Accounts that are read at once: after an outage there may be many thousands to go through. */
const READ_COUNT = 8;
/** How long a login may take, the news of a change included: it may have seen what was before. */
const RECENT_MS = 30_000;
const RECENT_COUNT = 10_000;

export interface RevocationWatchParts {
  readonly driver: Pick<DirectoryDriver, 'subscribe' | 'loadLogin'>;
  readonly conversations: Pick<ConversationSet, 'find' | 'onSession'>;
  readonly clock: Pick<Clock, 'elapsedMs'>;
  /** Told of a bug: nobody is ended for it. */
  readonly onFault: (error: unknown) => void;
}

/** Close it. */
export class RevocationWatch {
  readonly #parts: RevocationWatchParts;
  readonly #stop: readonly (() => void)[];
  /** Accounts that are to be read, each once. */
  readonly #waiting = new Set<string>();
  /** When which account changed, oldest first. */
  readonly #recent = new Map<string, number>();
  /** Until then any account may have changed without being in `#recent`. */
  #doubtUntilMs = -Infinity;
  #readerCount = 0;

  constructor(parts: RevocationWatchParts) {
    this.#parts = parts;
    const { driver, conversations } = parts;
    this.#stop = [
      driver.subscribe((change) => {
        if (change.area === 'account') this.#noteChange(change.id);
        else if (change.area === 'everything') this.#doubtAll();
      }),
      conversations.onSession((conversation) => this.#noteSession(conversation)),
    ];
  }

  close(): void {
    for (const stop of this.#stop) stop();
    this.#waiting.clear();
  }

  #noteChange(id: AccountId): void {
    const nowMs = this.#parts.clock.elapsedMs();
    this.#recent.delete(id);
    this.#recent.set(id, nowMs);
    for (const [oldest, atMs] of this.#recent) {
      const isOld = nowMs - atMs > RECENT_MS;
      if (!isOld && this.#recent.size <= RECENT_COUNT) break;
      if (!isOld) this.#doubtUntilMs = nowMs + RECENT_MS;
      this.#recent.delete(oldest);
    }
    if (this.#parts.conversations.find({ accountId: id }).length > 0) this.#review(id);
  }

  #doubtAll(): void {
    this.#doubtUntilMs = this.#parts.clock.elapsedMs() + RECENT_MS;
    for (const { session } of this.#parts.conversations.find()) {
      if (session !== undefined) for (const id of accountsOf(session)) this.#review(id);
    }
  }

  /** Its login may have read what a change has overtaken meanwhile. */
  #noteSession({ session }: LiveConversation): void {
    if (session === undefined) return;
    const nowMs = this.#parts.clock.elapsedMs();
    for (const id of accountsOf(session)) {
      const changedAtMs = this.#recent.get(id) ?? -Infinity;
      if (nowMs < this.#doubtUntilMs || nowMs - changedAtMs <= RECENT_MS) this.#review(id);
    }
  }

  #review(id: string): void {
    this.#waiting.add(id);
    if (this.#readerCount >= READ_COUNT) return;
    this.#readerCount += 1;
    void this.#reviewWaiting();
  }

  /** A change that comes during the reading of an account has it read again. */
  async #reviewWaiting(): Promise<void> {
    for (const id of this.#waiting) {
      this.#waiting.delete(id);
      try {
        await this.#judgeSessionsOf(id);
      } catch (error) {
        // It tells of its return, and then everybody is judged.
        if (!(error instanceof DirectoryUnavailableError)) this.#parts.onFault(error);
      }
    }
    this.#readerCount -= 1;
  }

  async #judgeSessionsOf(id: string): Promise<void> {
    const { conversations } = this.#parts;
    const read = new Map<string, Promise<LoginRecord | undefined>>();
    const load = (one: string): Promise<LoginRecord | undefined> => {
      const known = read.get(one) ?? this.#parts.driver.loadLogin(one as AccountId);
      read.set(one, known);
      return known;
    };
    for (const conversation of conversations.find({ accountId: id })) {
      const { session, protocol } = conversation;
      if (session === undefined) continue;
      const mailbox = await load(session.accountId);
      const holder = await load(session.delegateId ?? session.accountId);
      const present = { holder, mailbox: mailbox?.account };
      const reason = judgeSession(session, protocol, present);
      if (reason !== undefined) conversation.end(reason);
    }
  }
}
