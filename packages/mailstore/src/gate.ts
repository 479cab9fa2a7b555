/** Lets so many pieces of work run at once; the others wait, first come, first served. */
export class Gate {
  readonly #width: number;
  readonly #line: (() => void)[] = [];
  #runningCount = 0;

  constructor(width: number) {
    this.#width = width;
  }

  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#runningCount >= this.#width) {
      await new Promise<void>((resolve) => this.#line.push(resolve));
    } else this.#runningCount += 1;
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      // Whoever comes next takes over the place.
      if (next === undefined) this.#runningCount -= 1;
      else next();
    }
  }
}
