/** What ID answers (RFC 2971 §3.2, §4 id-params-list). */
import { formatNString, formatString } from './strings.ts';

/** `("name" "Homeward")`, or NIL where there is nothing to say. */
export function formatIdFields(fields: ReadonlyMap<string, string> | undefined): string {
  if (fields === undefined || fields.size === 0) return formatNString(undefined);
  return `(${[...fields].flat().map(formatString).join(' ')})`;
}
