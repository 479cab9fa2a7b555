/**
 * Quoted-printable bodies (RFC 2045 §6.7), leniently: lower-case digits count, "=" before
 * anything but two digits or a line end stands for itself, octets above 126 pass.
 */
import type { TransferDecoder } from './decoders.ts';

const LF = 0x0a;
const CR = 0x0d;
const EQUALS = 0x3d;

/** White space that is held back at most, since a line end might follow (§6.7 rule 3). */
const maxHeldBytes = 1024;

/** What an "=" or a run of white space turns out to be. */
type Finding =
  | { readonly kind: 'octet'; readonly value: number; readonly end: number }
  | { readonly kind: 'nothing' | 'as-is'; readonly end: number }
  | { readonly kind: 'need-more' };

/** For one body; keeps an unfinished escape or run of white space between pieces. */
export function createQuotedPrintableDecoder(): TransferDecoder {
  /** The end of the last piece, if it is white space or "=" with what belongs to it. */
  let held: Uint8Array = new Uint8Array(0);
  const decode = (octets: Uint8Array, isLast: boolean): Uint8Array => {
    const input = held.length === 0 ? octets : Buffer.concat([held, octets]);
    const output = Buffer.allocUnsafe(input.length);
    const { read, written } = decodeInto(output, input, isLast);
    held = read === input.length ? new Uint8Array(0) : Buffer.from(input.subarray(read));
    return output.subarray(0, written);
  };
  return {
    push: (octets) => decode(octets, false),
    finish: () => decode(new Uint8Array(0), true),
  };
}

/** Decodes as far as it can be decided; all of it if this is the last piece. */
function decodeInto(
  output: Buffer,
  input: Uint8Array,
  isLast: boolean,
): { readonly read: number; readonly written: number } {
  let written = 0;
  let index = 0;
  while (index < input.length) {
    const octet = input[index] as number;
    if (octet !== EQUALS && !isBlank(octet)) {
      output[written++] = octet;
      index++;
      continue;
    }
    // What almost always follows: a word behind a space, two digits behind "=".
    const next = input[index + 1] as number;
    if (octet !== EQUALS) {
      if (next > 0x20) {
        output[written++] = octet;
        index++;
        continue;
      }
    } else {
      const high = digitValue(next);
      const low = digitValue(input[index + 2]);
      if (high !== -1 && low !== -1) {
        output[written++] = high * 16 + low;
        index += 3;
        continue;
      }
    }
    const finding =
      octet === EQUALS ? readEscape(input, index, isLast) : readBlanks(input, index, isLast);
    if (finding.kind === 'need-more') break;
    if (finding.kind === 'octet') output[written++] = finding.value;
    else if (finding.kind === 'as-is') {
      output.set(input.subarray(index, finding.end), written);
      written += finding.end - index;
    }
    index = finding.end;
  }
  return { read: index, written };
}

/** A run of white space disappears at the end of a line. */
function readBlanks(input: Uint8Array, start: number, isLast: boolean): Finding {
  const end = findBlanksEnd(input, start);
  const lineEnd = findLineEnd(input, end, isLast);
  if (lineEnd === 'need-more' && end - start < maxHeldBytes) return { kind: 'need-more' };
  return { kind: typeof lineEnd === 'number' ? 'nothing' : 'as-is', end };
}

/** "=" with two digits is an octet; with white space and a line end, a soft line break. */
function readEscape(input: Uint8Array, start: number, isLast: boolean): Finding {
  const high = digitValue(input[start + 1]);
  const low = digitValue(input[start + 2]);
  if (high !== -1 && low !== -1) return { kind: 'octet', value: high * 16 + low, end: start + 3 };
  const isCutOff = start + 1 === input.length || (high !== -1 && start + 2 === input.length);
  if (isCutOff && !isLast) return { kind: 'need-more' };
  const end = findBlanksEnd(input, start + 1);
  const lineEnd = findLineEnd(input, end, isLast);
  if (lineEnd === 'need-more' && end - start < maxHeldBytes) return { kind: 'need-more' };
  if (typeof lineEnd === 'number') return { kind: 'nothing', end: lineEnd };
  return { kind: 'as-is', end: start + 1 };
}

function findBlanksEnd(input: Uint8Array, start: number): number {
  let end = start;
  while (end < input.length && isBlank(input[end] as number)) end++;
  return end;
}

/** @returns Behind the line end at `at`; the end of all octets counts as one. */
function findLineEnd(
  input: Uint8Array,
  at: number,
  isLast: boolean,
): number | 'none' | 'need-more' {
  if (at === input.length) return isLast ? at : 'need-more';
  if (input[at] === LF) return at + 1;
  if (input[at] !== CR) return 'none';
  if (at + 1 === input.length) return isLast ? at + 1 : 'need-more';
  return input[at + 1] === LF ? at + 2 : 'none';
}

function isBlank(octet: number): boolean {
  return octet === 0x20 || octet === 0x09;
}

/** @returns The value of a hexadecimal digit, or -1; also for undefined and NaN. */
export function digitValue(octet: number | undefined): number {
  if (octet === undefined) return -1;
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
