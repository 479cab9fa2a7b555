/** Mailbox names in responses (RFC 3501 §9 mailbox, §5.1.3). */
import { encodeModifiedUtf7 } from '../mailbox-name.ts';
import { formatAstring } from './strings.ts';

/**
 * @param name In Unicode. Modified UTF-7 leaves printable ASCII only, so this is an atom or a
 *   quoted string, never a literal unless the name is very long.
 */
export function formatMailbox(name: string): string {
  return formatAstring(encodeModifiedUtf7(name));
}
