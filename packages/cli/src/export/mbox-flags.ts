/** Flags in the header fields that mbox readers know: Status, X-Status and X-Keywords. */

/** The fields' lines, each with its line end. */
export function formatFlagFields(flags: readonly string[], lineEnd: string): string {
  const has = (flag: string): boolean => flags.some((one) => one.toLowerCase() === flag);
  const letters = STATUS_LETTERS.map(([flag, letter]) => (has(flag) ? letter : '')).join('');
  const keywords = flags.filter((flag) => !flag.startsWith('\\'));
  return [
    // Everything is old: no mail program has to announce it.
    `Status: ${has('\\seen') ? 'R' : ''}O`,
    ...(letters === '' ? [] : [`X-Status: ${letters}`]),
    ...(keywords.length === 0 ? [] : [`X-Keywords: ${keywords.join(' ')}`]),
  ]
    .map((line) => line + lineEnd)
    .join('');
}

const STATUS_LETTERS: readonly (readonly [string, string])[] = [
  ['\\answered', 'A'],
  ['\\flagged', 'F'],
  ['\\draft', 'T'],
  ['\\deleted', 'D'],
];
