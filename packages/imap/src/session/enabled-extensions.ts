/**
 * What a client has asked to be done differently for the rest of its connection (RFC 5161): by
 * ENABLE, or by a command that implies it. Nothing of it can be taken back.
 */

/** What can be enabled, in the terms of the code that asks. */
interface Modes {
  /** MODSEQ and UID in every FETCH that was not asked for (RFC 7162 §3.1, §3.2.4). */
  condstore: boolean;
  /** VANISHED in place of EXPUNGE (RFC 7162 §3.2.10). */
  qresync: boolean;
}

/** What each capability brings with it, by its name in capitals. */
const implied: ReadonlyMap<string, readonly (keyof Modes)[]> = new Map([
  ['CONDSTORE', ['condstore']],
  // RFC 7162 §3.2.3: all of CONDSTORE is part of QRESYNC.
  ['QRESYNC', ['condstore', 'qresync']],
]);

/** One connection's modes. */
export class EnabledExtensions {
  readonly #modes: Modes = { condstore: false, qresync: false };
  readonly #names = new Set<string>();

  get condstore(): boolean {
    return this.#modes.condstore;
  }

  get qresync(): boolean {
    return this.#modes.qresync;
  }

  /**
   * Enables what a capability stands for.
   *
   * @param capability In capitals.
   * @returns whether there is such a thing to enable, and it was not enabled by name before.
   */
  enable(capability: string): boolean {
    const modes = implied.get(capability);
    if (modes === undefined || this.#names.has(capability)) return false;
    this.#names.add(capability);
    for (const mode of modes) this.#modes[mode] = true;
    return true;
  }
}
