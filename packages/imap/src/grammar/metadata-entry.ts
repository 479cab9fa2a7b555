/** Names of annotations (RFC 5464 §3.2, §5 entry). */
import type { ArgumentDecoder } from './argument-decoder.ts';

/** Below /private or /shared, levels that are not empty, no wildcards; printable ASCII. */
const ENTRY = /^\/(?:private|shared)(?:\/[!-$&-)+-.0-~]+(?: +[!-$&-)+-.0-~]+)*)+$/;
/** What GETMETADATA may name with a DEPTH: the roots, too. */
const ENTRY_OR_ROOT = /^\/(?:private|shared)(?:\/[!-$&-)+-.0-~]+(?: +[!-$&-)+-.0-~]+)*)*$/;
const LONGEST = 1024;

/** Reads one entry's name; case does not count, so it comes in lower case. */
export function parseMetadataEntry(decoder: ArgumentDecoder): string {
  return parseName(decoder, ENTRY);
}

/** The same, where "/private" and "/shared" stand for all below them. */
export function parseMetadataEntryOrRoot(decoder: ArgumentDecoder): string {
  return parseName(decoder, ENTRY_OR_ROOT);
}

function parseName(decoder: ArgumentDecoder, form: RegExp): string {
  const start = decoder.position;
  const name = decoder.astring('the name of an entry').toLowerCase();
  if (name.length <= LONGEST && form.test(name)) return name;
  return decoder.fail('the name of an entry such as /private/comment', start);
}
