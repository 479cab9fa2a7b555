/** Flag sets as FETCH shows them, formatted once for each distinct set. */
import type { FlagSet } from './ports.ts';

const plainTexts = new WeakMap<FlagSet, string>();
const recentTexts = new WeakMap<FlagSet, string>();

/** `FLAGS (…)`, with \Recent (RFC 3501 §2.3.2) where the session says so. */
export function formatFlagsItem(flags: FlagSet, isRecent: boolean): string {
  const texts = isRecent ? recentTexts : plainTexts;
  const known = texts.get(flags);
  if (known !== undefined) return known;
  const names = isRecent ? [...flags.names, '\\Recent'] : flags.names;
  const text = `FLAGS (${names.join(' ')})`;
  texts.set(flags, text);
  return text;
}
