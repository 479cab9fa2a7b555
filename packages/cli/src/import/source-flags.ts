/** Flags of a source, as far as a client may set them (RFC 9051 §2.3.2, §9 flag). */

const SYSTEM_FLAGS: ReadonlyMap<string, string> = new Map(
  ['\\Answered', '\\Deleted', '\\Draft', '\\Flagged', '\\Seen'].map((flag) => [
    flag.toLowerCase(),
    flag,
  ]),
);
/** What an atom cannot hold makes no keyword. */
const KEYWORD = /^[^\\\s(){%*"\]\0-\x1f\x7f-\uffff]+$/;

/** Leaves out \Recent, system flags that nobody knows, and what cannot be written. */
export function settableFlags(flags: Iterable<string>): readonly string[] {
  const found: string[] = [];
  for (const flag of flags) {
    const system = SYSTEM_FLAGS.get(flag.toLowerCase());
    if (system !== undefined) found.push(system);
    else if (KEYWORD.test(flag)) found.push(flag);
  }
  return found;
}
