/** The hops of one probe, each with its latency, and where it ended. */

/** What a hop is called; closed list, in the order in which they come. */
export type HopName =
  | 'dns'
  | 'connect'
  | 'tls'
  | 'greeting'
  | 'starttls'
  | 'login'
  | 'select'
  | 'append'
  | 'fetch'
  | 'find'
  | 'delete'
  | 'recipient'
  | 'submit'
  | 'logout';

export interface Hop {
  readonly hop: HopName;
  readonly result: 'Success' | 'Skipped' | 'Failure';
  readonly latencyMs: number;
  /** What is worth knowing: the address, the cipher, why it failed. */
  readonly detail: string | null;
}

/** A hop that did not do what it should: ends the probe. The message is for the operator. */
export class HopFailure extends Error {
  override readonly name = 'HopFailure';
}

/** Measures hops one after the other. */
export class HopWatch {
  readonly hops: Hop[] = [];
  readonly #elapsedMs: () => number;

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** @param run Its result may carry what is worth knowing. Rejects with what `run` rejects. */
  async measure<Value>(
    hop: HopName,
    run: () => Promise<Value>,
    describe: (value: Value) => string | undefined = () => undefined,
  ): Promise<Value> {
    const startedAtMs = this.#elapsedMs();
    const note = (result: Hop['result'], detail: string | undefined): void => {
      const latencyMs = this.#elapsedMs() - startedAtMs;
      this.hops.push({ hop, result, latencyMs, detail: detail ?? null });
    };
    try {
      const value = await run();
      note('Success', describe(value));
      return value;
    } catch (error) {
      note('Failure', error instanceof HopFailure ? error.message : undefined);
      throw error;
    }
  }

  skip(hop: HopName, why: string): void {
    this.hops.push({ hop, result: 'Skipped', latencyMs: 0, detail: why });
  }
}
