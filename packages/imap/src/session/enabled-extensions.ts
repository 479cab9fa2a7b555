/**
 * What a client has asked to be done differently for the rest of its connection (RFC 5161): by
 * ENABLE, or by a command that implies it. Nothing of it can be taken back.
 *
 * Deviation: RFC 6855 §4 has APPEND refuse messages with 8-bit header fields from clients that
 * did not enable UTF-8. Such messages are around since long before, mostly without UTF-8 in mind,
 * and programs that move mail here must be able to; everybody is given their octets as they are,
 * in literals, which may hold them (RFC 3501 §9 CHAR8).
 */

/** What can be enabled, in the terms of the code that asks. */
interface Modes {
  /** MODSEQ and UID in every FETCH that was not asked for (RFC 7162 §3.1, §3.2.4). */
  condstore: boolean;
  /** VANISHED in place of EXPUNGE (RFC 7162 §3.2.10). */
  qresync: boolean;
  /** UTF-8 in quoted strings and names, both ways (RFC 6855 §3, RFC 9051 §5.1). */
  utf8: boolean;
  /** SEARCH names no charset, since all text is UTF-8 (RFC 6855 §3). */
  utf8Accept: boolean;
  /** No sequence numbers, either way (RFC 9586 §3). */
  uidOnly: boolean;
  /** Responses of IMAP4rev2, without what it did away with (RFC 9051 Appendix E). */
  rev2: boolean;
}

/** A capability as it is spelled, and what it brings. */
interface Extension {
  readonly name: string;
  readonly modes: readonly (keyof Modes)[];
}

/** By name in capitals. */
const extensions: ReadonlyMap<string, Extension> = new Map(
  [
    { name: 'CONDSTORE', modes: ['condstore'] as const },
    // RFC 7162 §3.2.3: all of CONDSTORE is part of QRESYNC.
    { name: 'QRESYNC', modes: ['condstore', 'qresync'] as const },
    { name: 'UTF8=ACCEPT', modes: ['utf8', 'utf8Accept'] as const },
    { name: 'UIDONLY', modes: ['uidOnly'] as const },
    { name: 'IMAP4rev2', modes: ['utf8', 'rev2'] as const },
  ].map((extension) => [extension.name.toUpperCase(), extension]),
);

/** One connection's modes. */
export class EnabledExtensions {
  readonly #modes: Modes = {
    condstore: false,
    qresync: false,
    utf8: false,
    utf8Accept: false,
    uidOnly: false,
    rev2: false,
  };
  readonly #names = new Set<string>();

  get condstore(): boolean {
    return this.#modes.condstore;
  }

  get qresync(): boolean {
    return this.#modes.qresync;
  }

  get utf8(): boolean {
    return this.#modes.utf8;
  }

  get utf8Accept(): boolean {
    return this.#modes.utf8Accept;
  }

  get uidOnly(): boolean {
    return this.#modes.uidOnly;
  }

  get rev2(): boolean {
    return this.#modes.rev2;
  }

  /**
   * Enables what a capability stands for.
   *
   * @param capability In any case.
   * @returns its name if there is such a thing to enable, and it was not enabled by name before.
   */
  enable(capability: string): string | undefined {
    const extension = extensions.get(capability.toUpperCase());
    if (extension === undefined || this.#names.has(extension.name)) return undefined;
    this.#names.add(extension.name);
    for (const mode of extension.modes) this.#modes[mode] = true;
    return extension.name;
  }
}
