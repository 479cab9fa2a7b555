/** Mailbox names in responses (RFC 3501 §9 mailbox, §5.1.3; RFC 6855 §3). */
import { encodeModifiedUtf7 } from '../mailbox-name.ts';
import { formatAstring, formatUtf8Astring } from './strings.ts';

/**
 * An atom or a quoted string, never a literal unless the name is very long.
 *
 * @param name In Unicode.
 * @param isUtf8 The client has enabled UTF-8; for all others modified UTF-7 leaves printable
 *   ASCII only.
 */
export function formatMailbox(name: string, isUtf8 = false): string {
  return isUtf8 ? formatUtf8Astring(name) : formatAstring(encodeModifiedUtf7(name));
}
