/**
 * The text of a message for SEARCH (RFC 3501 §6.4.4) and previews: which parts have text, and
 * what their octets say once transfer encoding and charset are undone.
 *
 * HTML stays HTML. Memory is bounded by the pieces pushed.
 */
import { createCharsetDecoder } from './charset.ts';
import type { MimePart } from './message-shape.ts';
import { findParameter } from './parameter-list.ts';
import { createTransferDecoder } from './transfer-decoder.ts';

/** Where text lies: a header (encoded words) or the body of a text part. */
export type TextRange =
  | { readonly kind: 'header'; readonly start: number; readonly end: number }
  | {
      readonly kind: 'body';
      readonly start: number;
      readonly end: number;
      readonly part: MimePart;
    };

/** Octets of one text part's body in, text out. */
export interface TextExtractor {
  push(octets: Uint8Array): string;
  /** What is left; call once. */
  finish(): string;
}

/** True for parts that people read as they are. */
export function isTextPart(part: MimePart): boolean {
  if (part.parts.length > 0 || part.message !== undefined) return false;
  if (/^text$/i.test(part.type)) return true;
  // RFC 3464 and RFC 8098 reports are fields in ASCII; people search for the addresses in them.
  return (
    /^message$/i.test(part.type) &&
    /^(?:(?:global-)?delivery-status|(?:global-)?disposition-notification)$/i.test(part.subtype)
  );
}

/**
 * Lists what has text, in order of appearance: the root's header, headers of parts and of
 * messages inside, bodies of text parts. SEARCH TEXT reads all, SEARCH BODY all but the first.
 */
export function listTextRanges(root: MimePart): readonly TextRange[] {
  const ranges: TextRange[] = [];
  const visit = (part: MimePart): void => {
    ranges.push({ kind: 'header', start: part.headerStart, end: part.bodyStart });
    if (isTextPart(part)) {
      ranges.push({ kind: 'body', start: part.bodyStart, end: part.bodyEnd, part });
    }
    for (const child of part.parts) visit(child);
    if (part.message !== undefined) visit(part.message.root);
  };
  visit(root);
  return ranges;
}

/** Prepares to read the body of `part`, whatever its type says. */
export function createTextExtractor(part: MimePart): TextExtractor {
  const transfer = createTransferDecoder(part.encoding);
  const charset = createCharsetDecoder(findParameter(part.parameters, 'charset') ?? '');
  return {
    push: (octets) => charset.push(transfer.push(octets)),
    finish: () => charset.push(transfer.finish()) + charset.finish(),
  };
}

/**
 * Reads a text part that lies in memory.
 * @param body The octets from `bodyStart` to `bodyEnd`.
 */
export function textOfPart(part: MimePart, body: Uint8Array): string {
  const extractor = createTextExtractor(part);
  return extractor.push(body) + extractor.finish();
}
