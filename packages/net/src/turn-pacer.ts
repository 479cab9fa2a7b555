/**
 * Starts work that costs the processor, a few pieces in each turn of the event loop and in the
 * order in which it came, so that thousands of handshakes at once hold up nobody who is being
 * served. While little is to be done everything starts at once.
 *
 * Turns and not pieces under way are counted: whoever stalls takes no place from others.
 */
export class TurnPacer {
  readonly #perTurn: number;
  #startedThisTurn = 0;
  #isArmed = false;
  /** Those from `#next` on wait. */
  #waiting: (() => void)[] = [];
  #next = 0;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  get waitingCount(): number {
    return this.#waiting.length - this.#next;
  }

  /** @param start Must not throw. */
  run(start: () => void): void {
    if (this.waitingCount > 0 || this.#startedThisTurn >= this.#perTurn) this.#waiting.push(start);
    else this.#start(start);
    this.#arm();
  }

  #start(start: () => void): void {
    this.#startedThisTurn += 1;
    start();
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => this.#onTurn());
  }

  #onTurn(): void {
    this.#isArmed = false;
    this.#startedThisTurn = 0;
    while (this.#startedThisTurn < this.#perTurn) {
      const start = this.#waiting[this.#next];
      if (start === undefined) break;
      this.#next += 1;
      this.#start(start);
    }
    if (this.waitingCount === 0) {
      this.#waiting = [];
      this.#next = 0;
    }
    if (this.waitingCount > 0 || this.#startedThisTurn > 0) this.#arm();
  }
}
