/**
 * HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 3501 §6.4.5): a subset of a header's fields, octet
 * for octet, with the empty line that ends it.
 */
import { viewAsBuffer, walkHeaderFields } from './header-fields.ts';

/** Selects from one header block. Pure; use it for as many messages as you like. */
export type HeaderSelector = (headerOctets: Uint8Array) => Uint8Array;

/**
 * Prepares a selection once for many messages.
 *
 * Lines that are no field (no colon) are left out by HEADER.FIELDS and kept by
 * HEADER.FIELDS.NOT. The empty line is included if the header has one: a message without body
 * and empty line gets none.
 *
 * @param isExcluding True for HEADER.FIELDS.NOT.
 */
export function createHeaderSelector(
  names: readonly string[],
  isExcluding: boolean,
): HeaderSelector {
  const namesByLength = groupByLength(names);
  return (headerOctets) => {
    const header = viewAsBuffer(headerOctets);
    const runs: number[] = [];
    const emptyLine = walkHeaderFields(header, (start, nameEnd, colon, end) => {
      const candidates = colon === -1 ? undefined : namesByLength[nameEnd - start];
      const isNamed = candidates !== undefined && matchesAny(header, start, candidates);
      if (isNamed !== isExcluding) addRun(runs, start, end);
    });
    if (emptyLine < header.length) addRun(runs, emptyLine, header.length);
    return joinRuns(header, runs);
  };
}

/** One-off form of `createHeaderSelector`. */
export function selectHeaderFields(
  headerOctets: Uint8Array,
  names: readonly string[],
  isExcluding: boolean,
): Uint8Array {
  return createHeaderSelector(names, isExcluding)(headerOctets);
}

function groupByLength(names: readonly string[]): Buffer[][] {
  const groups: Buffer[][] = [];
  for (const name of names) {
    const lowered = Buffer.from(name.toLowerCase(), 'latin1');
    (groups[lowered.length] ??= []).push(lowered);
  }
  return groups;
}

function matchesAny(header: Buffer, start: number, candidates: readonly Buffer[]): boolean {
  for (const candidate of candidates) {
    let index = 0;
    while (index < candidate.length && lowerCase(header[start + index]) === candidate[index]) {
      index++;
    }
    if (index === candidate.length) return true;
  }
  return false;
}

function lowerCase(octet: number | undefined): number {
  const value = octet as number;
  return value >= 0x41 && value <= 0x5a ? value | 0x20 : value;
}

/** Runs are pairs (start, end); neighbours grow together. */
function addRun(runs: number[], start: number, end: number): void {
  if (runs.at(-1) === start) runs[runs.length - 1] = end;
  else runs.push(start, end);
}

function joinRuns(header: Buffer, runs: readonly number[]): Uint8Array {
  if (runs.length === 2) return header.subarray(runs[0], runs[1]);
  const pieces: Buffer[] = [];
  for (let index = 0; index < runs.length; index += 2) {
    pieces.push(header.subarray(runs[index], runs[index + 1]));
  }
  return Buffer.concat(pieces);
}
