/**
 * UTF-7 (RFC 2152), which old Outlook and some Japanese systems sent and no platform decodes.
 * Not the modified UTF-7 of IMAP folder names.
 */
import type { CharsetDecoder } from './decoders.ts';

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const digitValues: readonly number[] = Array.from({ length: 256 }, (_, octet) =>
  base64Digits.indexOf(String.fromCharCode(octet)),
);

/** Lenient: octets above 127 stand for Latin-1 characters; a broken shift just ends. */
export function createUtf7Decoder(): CharsetDecoder {
  let isShifted = false;
  let isFirstOfShift = false;
  let bits = 0;
  let bitCount = 0;

  const readShifted = (octet: number): string => {
    const wasFirst = isFirstOfShift;
    isFirstOfShift = false;
    const value = digitValues[octet] as number;
    if (value === -1) {
      isShifted = false;
      if (octet !== 0x2d) return String.fromCharCode(octet);
      return wasFirst ? '+' : '';
    }
    bits = ((bits << 6) | value) & 0x3f_ffff;
    bitCount += 6;
    if (bitCount < 16) return '';
    bitCount -= 16;
    return String.fromCharCode((bits >> bitCount) & 0xffff);
  };

  return {
    push(octets) {
      let text = '';
      for (const octet of octets) {
        if (isShifted) text += readShifted(octet);
        else if (octet === 0x2b) {
          isShifted = true;
          isFirstOfShift = true;
          bits = 0;
          bitCount = 0;
        } else text += String.fromCharCode(octet);
      }
      return text;
    },
    finish: () => '',
  };
}
