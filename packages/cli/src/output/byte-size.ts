/** Sizes as people write them: 500M, 2G; steps of 1,024, as quotas have them (RFC 9208 §5.1). */

const UNITS = ['', 'K', 'M', 'G', 'T'];

/** @returns Octets; undefined if it is no size. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?)\s*([KMGT]?)i?B?$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const bytes = Number(digits) * 1_024 ** UNITS.indexOf(unit.toUpperCase());
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined;
}

/** `1.5 G`; as exact as `parseSize` needs it only for whole units. */
export function formatSize(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1_024 && unit < UNITS.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))} ${UNITS[unit]}B`;
}
