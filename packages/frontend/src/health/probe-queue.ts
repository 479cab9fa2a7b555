/**
 * Runs probes, so many at a time and one for each host. Of those that are due the one that waits
 * longest goes next: many hosts that hang must not keep one from being found again.
 */

/** One probe, which `abort` ends. */
export type RunProbe<Host> = (host: Host, abort: AbortController) => Promise<void>;

export class ProbeQueue<Host extends object> {
  readonly #run: RunProbe<Host>;
  readonly #atOnce: number;
  readonly #running = new Map<
    Host,
    { readonly abort: AbortController; readonly done: Promise<void> }
  >();
  /** Whoever came first is first. */
  readonly #due = new Set<Host>();
  #isClosed = false;

  /** @param run Begins at once; never rejects. */
  constructor(run: RunProbe<Host>, atOnce: number) {
    this.#run = run;
    this.#atOnce = atOnce;
  }

  isProbing(host: Host): boolean {
    return this.#running.has(host);
  }

  /** Not a second time while it is probed, or waits for it. */
  add(host: Host): void {
    if (this.#isClosed || this.#running.has(host)) return;
    if (this.#running.size < this.#atOnce) this.#start(host);
    else this.#due.add(host);
  }

  /** A probe that is under way goes on. */
  drop(host: Host): void {
    this.#due.delete(host);
  }

  /** Aborts what is under way, and waits for it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#due.clear();
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort();
    await Promise.all(running.map(({ done }) => done));
  }

  #start(host: Host): void {
    this.#due.delete(host);
    const abort = new AbortController();
    const done = this.#run(host, abort).then(() => this.#end(host));
    this.#running.set(host, { abort, done });
  }

  #end(host: Host): void {
    this.#running.delete(host);
    const [next] = this.#due;
    if (next !== undefined) this.#start(next);
  }
}
