/** xtext (RFC 3461 §4): printable ASCII, with `+` and two hexadecimal digits for all else. */

const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/u;
const UNSAFE = /[^!-*,-<>-~]/gu;

/** @returns The text, or undefined if this is no xtext or no UTF-8. */
export function decodeXtext(text: string): string | undefined {
  if (!XTEXT.test(text)) return undefined;
  const octets = Buffer.from(
    text.replaceAll(/\+([0-9A-F]{2})/gu, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  );
  const decoded = octets.toString('utf8');
  return Buffer.from(decoded, 'utf8').equals(octets) ? decoded : undefined;
}

export function encodeXtext(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replaceAll(
      UNSAFE,
      (octet) => `+${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
}
