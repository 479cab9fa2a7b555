/**
 * Base64 bodies (RFC 2045 §6.8), leniently: whatever is not of the alphabet is skipped, padding
 * may be missing, and data may go on behind padding (bodies that were joined).
 */
import { viewAsBuffer } from './header-fields.ts';
import type { TransferDecoder } from './decoders.ts';

/** For one body; keeps at most three digits between pieces. */
export function createBase64Decoder(): TransferDecoder {
  /** Digits of an unfinished group of four. */
  let pending = '';
  return {
    push(octets) {
      const digits = viewAsBuffer(octets)
        .toString('latin1')
        .replaceAll(/[^A-Za-z0-9+/=]+/g, '');
      const groups = (pending + digits).split(/=+/);
      const last = groups.pop() as string;
      const whole = last.length - (last.length % 4);
      pending = last.slice(whole);
      groups.push(last.slice(0, whole));
      if (groups.length === 1) return Buffer.from(groups[0] as string, 'base64');
      return Buffer.concat(groups.map((group) => Buffer.from(group, 'base64')));
    },
    finish: () => Buffer.from(pending, 'base64'),
  };
}
