/**
 * Part numbers and sections (RFC 3501 §6.4.5, RFC 9051 §6.4.5.1): which octets of a message
 * BODY[…] means.
 */
import type { MimePart } from './message-shape.ts';

/** Offsets from the start of the message; `end` is behind the last octet. */
export interface OctetRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Which half of a part: `all` its body (or, without part numbers, the whole message), `mime`
 * its own header, `header` and `text` the halves of the message inside it.
 */
export type SectionText = 'all' | 'header' | 'text' | 'mime';

/**
 * Follows part numbers, outermost first; none gives the root.
 *
 * In a message that is no multipart, part 1 is the message's own body. A message/rfc822 part
 * has the numbers of the message inside it.
 *
 * @returns The part, or undefined if there is none of that number.
 */
export function findPart(root: MimePart, partNumbers: readonly number[]): MimePart | undefined {
  let part: MimePart | undefined = root;
  /** The message whose parts the next number counts; undefined within a multipart. */
  let message: MimePart | undefined = root;
  for (const partNumber of partNumbers) {
    if (part === undefined) return undefined;
    const scope: MimePart | undefined = message ?? part;
    part = scope.parts.length > 0 ? scope.parts[partNumber - 1] : undefined;
    if (message !== undefined && message.parts.length === 0 && partNumber === 1) part = message;
    message = part?.message?.root;
  }
  return part;
}

/** @returns The octets of a section, or undefined if the message has no such section. */
export function findSection(
  root: MimePart,
  partNumbers: readonly number[],
  text: SectionText,
): OctetRange | undefined {
  const part = findPart(root, partNumbers);
  if (part === undefined) return undefined;
  const isWhole = partNumbers.length === 0;
  switch (text) {
    case 'all':
      return { start: isWhole ? part.headerStart : part.bodyStart, end: part.bodyEnd };
    case 'mime':
      return isWhole ? undefined : { start: part.headerStart, end: part.bodyStart };
    case 'header':
    case 'text': {
      const message = isWhole ? part : part.message?.root;
      if (message === undefined) return undefined;
      return text === 'header'
        ? { start: message.headerStart, end: message.bodyStart }
        : { start: message.bodyStart, end: message.bodyEnd };
    }
  }
}
