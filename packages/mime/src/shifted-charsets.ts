/**
 * Charsets of seven bits that shift between ASCII and a set of two octets, which no platform
 * decodes any more: HZ-GB-2312 (RFC 1843) and ISO-2022-KR (RFC 1557). Shifted octets are those
 * of GBK and EUC-KR but for the high bit, so that is set, and the rest is the platform's.
 *
 * Lenient: a line end ends a shift, which both RFCs demand to be ended before it.
 */
import type { CharsetDecoder } from './decoders.ts';

const LF = 0x0a;

/** Turns an octet into what the eight-bit charset has for it; undefined for nothing. */
type Unshift = (octet: number) => number | undefined;

/** @param gbk Reads what comes out. */
export function createHzDecoder(gbk: CharsetDecoder): CharsetDecoder {
  const TILDE = 0x7e;
  let isShifted = false;
  let isSecondOctet = false;
  let isBehindTilde = false;
  return createShiftedDecoder(gbk, (octet) => {
    if (isBehindTilde) {
      isBehindTilde = false;
      if (octet === 0x7b) isShifted = true;
      else if (octet === 0x7d) isShifted = false;
      else if (octet === TILDE) return TILDE;
      else if (octet !== LF) return octet;
      return undefined;
    }
    if (octet === LF) {
      isShifted = false;
      isSecondOctet = false;
      return octet;
    }
    if (isSecondOctet) {
      isSecondOctet = false;
      return octet | 0x80;
    }
    if (octet === TILDE) {
      isBehindTilde = true;
      return undefined;
    }
    isSecondOctet = isShifted && octet > 0x20;
    return isSecondOctet ? octet | 0x80 : octet;
  });
}

/** @param eucKr Reads what comes out. */
export function createIso2022KrDecoder(eucKr: CharsetDecoder): CharsetDecoder {
  const SHIFT_OUT = 0x0e;
  const SHIFT_IN = 0x0f;
  /** The escape that announces the charset. */
  const announcement = Buffer.from('\x1b$)C');
  let isShifted = false;
  let announcedCount = 0;
  return createShiftedDecoder(eucKr, (octet) => {
    if (octet === announcement[announcedCount]) {
      announcedCount = (announcedCount + 1) % announcement.length;
      return undefined;
    }
    announcedCount = 0;
    if (octet === SHIFT_OUT || octet === SHIFT_IN) {
      isShifted = octet === SHIFT_OUT;
      return undefined;
    }
    if (octet === LF) isShifted = false;
    return isShifted && octet > 0x20 ? octet | 0x80 : octet;
  });
}

function createShiftedDecoder(decoder: CharsetDecoder, unshift: Unshift): CharsetDecoder {
  return {
    push(octets) {
      const unshifted = Buffer.allocUnsafe(octets.length);
      let length = 0;
      for (const octet of octets) {
        const one = unshift(octet);
        if (one !== undefined) unshifted[length++] = one;
      }
      return decoder.push(unshifted.subarray(0, length));
    },
    finish: () => decoder.finish(),
  };
}
