/**
 * The id under which an operator finds a connection in the log, at the end of what a person may
 * read out on the telephone. Without `<…>`, which a POP3 greeting must not have (RFC 1939 §7).
 */

/** @param reference ASCII, a dozen letters and digits; undefined leaves the text as it is. */
export function withReference(text: string, reference: string | undefined): string {
  return reference === undefined ? text : `${text} (ref ${reference})`;
}

/** The same for a whole line with its CRLF. */
export function lineWithReference(line: string, reference: string | undefined): string {
  return reference === undefined ? line : `${line.slice(0, -2)} (ref ${reference})\r\n`;
}
