/**
 * SEARCH without an index, as a session does it: what the index must never fall short of.
 */
import {
  createFoldedTextReader,
  foldHeader,
  foldHeaderValue,
  listTextRanges,
  readHeaderFields,
  scanMessage,
  searchPieceBytes,
  type TextRange,
} from '@homeward/mime';
import type { MessageSource } from '../message-grams.ts';
import type { TextQuery } from '../text-query.ts';

/** A message in memory, or one that must be read in pieces. */
export function sourceOf(
  octets: Uint8Array,
  options: { readonly shape?: Uint8Array; readonly isFile?: boolean } = {},
): MessageSource {
  return {
    sizeBytes: octets.length,
    shape: options.shape,
    octets: options.isFile === true ? undefined : octets,
    read: (offset, count) => octets.subarray(offset, offset + count),
  };
}

/** Folded text of one range, all of it. */
export function textOfRange(octets: Uint8Array, range: TextRange, pieceBytes: number): string {
  if (range.kind === 'header') return foldHeader(octets.subarray(range.start, range.end));
  const reader = createFoldedTextReader(range.part);
  let text = '';
  for (let at = range.start; at < range.end; at += pieceBytes) {
    text += reader.push(octets.subarray(at, Math.min(range.end, at + pieceBytes)));
  }
  return text + reader.finish();
}

/** @returns The texts that a query looks at, one after another. */
export function textsIn(
  octets: Uint8Array,
  scope: TextQuery['scope'],
  options: { readonly isFile?: boolean; readonly field?: string } = {},
): readonly string[] {
  const { root } = scanMessage(octets);
  if (scope !== 'body' && scope !== 'text') {
    const header = octets.subarray(0, root.bodyStart);
    const field = options.field ?? scope;
    return readHeaderFields(header, field).map(foldHeaderValue);
  }
  const ranges = listTextRanges(root).slice(scope === 'body' ? 1 : 0);
  const pieceBytes = options.isFile === true ? searchPieceBytes : Math.max(1, octets.length);
  return ranges.map((range) => textOfRange(octets, range, pieceBytes));
}
