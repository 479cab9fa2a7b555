/**
 * What a client hears of a command that takes long: `* OK [INPROGRESS ("tag" done goal)]`
 * (RFC 9585 §4), so that it neither gives up nor asks twice.
 */

/** Between two words of progress, and before the first. */
export const PROGRESS_MS = 10_000;

/** One session's; a command begins it anew. */
export class Progress {
  readonly #nowMs: () => number;
  #tag = '';
  #toldMs = 0;
  #done: number | undefined;
  #goal: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A command begins. */
  begin(tag: string): void {
    this.#tag = tag;
    this.#toldMs = this.#nowMs();
    this.#done = undefined;
    this.#goal = undefined;
  }

  /** The command is over: whatever comes next is about another. */
  end(): void {
    this.#toldMs = Infinity;
  }

  /** So many of so many messages are dealt with. */
  note(done: number, goal: number): void {
    this.#done = done;
    this.#goal = goal;
  }

  /** @returns what to say now, if it is time. */
  takeDue(): string | undefined {
    const nowMs = this.#nowMs();
    if (nowMs - this.#toldMs < PROGRESS_MS) return undefined;
    this.#toldMs = nowMs;
    return this.say();
  }

  /** What to say, whether or not it is time. */
  say(): string {
    const [done, goal] = [this.#done ?? 'NIL', this.#goal ?? 'NIL'];
    return `OK [INPROGRESS ("${this.#tag}" ${done} ${goal})] Still working`;
  }
}
